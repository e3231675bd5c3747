"""The dashboards as files: the KPIs of the shelf, not those of one's own, which a shipped file cannot know."""

from __future__ import annotations

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana import objective, overview, sources
from slo.shelf import built_in


def files() -> dict[str, str]:
    """File name -> JSON."""
    made = {"overview": overview.made(built_in().values()), "slo": objective.made(), "sources": sources.made()}
    encoder = JSONEncoder(sort_keys=True, indent=1)
    return {f"tierline-{name}.json": encoder.encode(one.build()) + "\n" for name, one in made.items()}
