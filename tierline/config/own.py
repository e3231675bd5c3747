"""KPIs of one's own as the settings find them: the files of the kpis/ folder, and the source that runs each query."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from slo.own import Declaration
from slo.own.declaration import read
from tierline.settings.problems import Problem, did_you_mean

FOLDER = "kpis"
"""Where they are looked for, beside the settings, where nothing else is said."""
QUERIES = "queries"
"""The setting of a source that runs them."""


def read_own(named: str | None, path: Path | None) -> list[Declaration]:
    """The KPIs of the folder; none where there is no folder and none was named. Raises ConfigError."""
    folder = (path or Path()).parent / (named or FOLDER)
    return read(folder) if path is not None and (named is not None or folder.is_dir()) else []


def queries_of(own: Iterable[Declaration], source: str) -> list[dict[str, Any]]:
    """The queries that a source is to run, as its settings hold them."""
    return [{"kpi": one.id, "query": one.query, "measure": one.measure} for one in own if one.source == source]


def without_source(own: Iterable[Declaration], sources: Collection[str]) -> list[Problem]:
    """KPIs whose source the settings don't have."""
    return [
        Problem(f"{FOLDER}/{one.id}.yaml", 0, "source", f"{one.source!r} is no source of these settings",
                did_you_mean(one.source, list(sources), "there are") if sources
                else "add it under `sources:` with `type: sql`")
        for one in own if one.source is not None and one.source not in sources
    ]  # fmt: skip
