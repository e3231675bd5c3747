"""What there is: the KPIs with their targets, and the collectors with what they need and yield."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from collectors import registry
from collectors.base import Source
from slo.engine import Engine
from slo.kpi import Kpi
from slo.platform import Platform
from slo.shelf import shelf
from slo.store import Store
from slo.targets import Targets


def kpis(targets: Targets | None = None) -> list[dict[str, Any]]:
    """The catalogue with its targets (none given: the published ones): what ``tierline kpis --format json`` prints."""
    # The catalogue needs no store; a Store connects to nothing until it is used.
    return Engine(Store("sqlite:///unused.db"), Platform(), targets).kpis()


def plugins() -> list[dict[str, Any]]:
    """Every collector that loads, by name."""
    return [plugin(kind) for _, kind in sorted(registry.plugins().items())]


def plugin(kind: type[Source]) -> dict[str, Any]:
    """One collector: what ``tierline plugins NAME --format json`` prints."""
    return {
        "name": kind.plugin,
        "title": kind.title,
        "family": kind.family,
        "facts": list(kind.tells),
        "kpis": [kpi.id for kpi in shelf().values() if feeds(kind, kpi)],
        "settings": settings(kind),
        "grants": kind.grants,
        "tested": kind.tested,
    }


def feeds(kind: type[Source], kpi: Kpi) -> bool:
    """Whether it tells some of the evidence the KPI needs."""
    return any(tells(kind, evidence) for group in kpi.needs for evidence in group)


def tells(kind: type[Source], evidence: str) -> bool:
    """Whether a plugin can tell a piece of evidence ("run", "run.due_at")."""
    fact, _, field = evidence.partition(".")
    return fact in kind.tells and (not field or field in kind.tells[fact])


def settings(kind: type[Source]) -> list[dict[str, Any]]:
    """Its settings, as the file may write them."""
    return [
        {
            "name": name,
            "required": field.is_required(),
            "secret": "SecretStr" in repr(field.annotation),
            "help": _help(kind, name, field.description or ""),
        }
        for name, field in kind.Settings.model_fields.items()
    ]


def _help(kind: type[Source], name: str, text: str) -> str:
    """What a setting is, with the source's own default of what every source has."""
    if name == "interval":
        return f"Time between two passes; {_span(kind.interval)} where not set."
    if name == "requests_per_second":
        own = kind.requests_per_second
        budget = f"Requests a second at most, one at a time; {own:g} where not set." if own else None
        return budget or "Not used: nothing is asked over HTTP."
    return text


def _span(time: timedelta) -> str:
    """A length of time as the settings write it."""
    seconds = time.total_seconds()
    unit, size = next((unit, size) for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
                      if seconds % size == 0)  # fmt: skip
    return f"{seconds / size:g}{unit}"
