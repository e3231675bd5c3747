"""What rests on a source: which KPIs, how new the newest it told is, what is held back while nobody reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from slo.evidence.sources import feeding, incomplete_sources, missing, stale_sources
from slo.facts import QUIET, place
from slo.kpi import Kpi
from slo.results import Query, Results
from slo.shelf import shelf
from slo.view import View

LATELY = timedelta(days=28)


def resting(results: Results, query: Query) -> dict[str, dict[str, Any]]:
    """Configured source -> ``kpis`` (id, title; those that rest on what it told), ``held`` (those of them that cannot
    be met while it is not observed, or not read whole), ``dated`` (whether it tells what happened, not only what is),
    ``newest`` (the last thing that happened among what it told in 28 days; None: nothing did), ``seen`` (until when it
    was observed; None: it never says so)."""
    view = results.view
    kpis = [kpi for kpi in shelf().values() if not missing(kpi, view)]
    fed = {kpi.id: {source.name for source in feeding(kpi, view)} | _registers(kpi, view) for kpi in kpis}
    held = {kpi.id: {*stale_sources(kpi, view), *incomplete_sources(kpi, view)} for kpi in kpis}
    told = view.store.kinds_told()
    return {
        source.name: {
            "kpis": [(kpi.id, kpi.title) for kpi in kpis if source.name in fed[kpi.id]],
            "held": [(kpi.id, kpi.title) for kpi in kpis if source.name in held[kpi.id]],
            "dated": bool(set(told.get(source.name, ())) - set(QUIET)),
            "newest": _newest(view, source.name, told.get(source.name, ())),
            "seen": _seen(view, source.name, told.get(source.name, ())),
        }
        for source in view.platform.sources
    }


def _registers(kpi: Kpi, view: View) -> set[str]:
    """Sources that tell of assets what the KPI needs to know of them."""
    fields = {one.removeprefix("asset.") for group in kpi.needs for one in group if one.startswith("asset.")}
    edges = {("edge",)} & set(kpi.needs)
    return {
        source.name
        for source in view.platform.sources
        if fields & set(source.tells.get("asset", ())) or (edges and "edge" in source.tells)
    }


def _newest(view: View, source: str, kinds: Any) -> datetime | None:
    """When the newest of what it told happened: what it only plans is not counted."""
    moments = []
    for kind in sorted(set(kinds) - set(QUIET)):
        where = {"source": source, "placed_at": (view.as_of - LATELY, view.as_of)}
        found = view.read(kind, where, descending=True, limit=1)
        moments += [moment for fact in found if (moment := place(fact)) is not None]
    return max(moments, default=None)


def _seen(view: View, source: str, kinds: Any) -> datetime | None:
    ends = [
        stretches[-1][1]
        for kind in sorted(set(kinds) - set(QUIET))
        if view.says_when(source, kind) and (stretches := view.observed(source, kind))
    ]
    return max(ends, default=None)
