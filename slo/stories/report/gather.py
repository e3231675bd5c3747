"""All that a report is drawn from, read off one set of states at one as-of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slo.explaining import versions
from slo.results import Query, Results
from slo.shelf import shelf
from slo.stories.report.agreed import agreed
from slo.stories.report.behind import behind
from slo.stories.report.happened import happened
from slo.stories.report.over_time import over_time
from slo.stories.report.readings import readings

TIERS = (0, 1, 2, 3)
NOT_SET_UP = "not set up"


def gather(results: Results, query: Query, periods: Sequence[str]) -> dict[str, Any]:
    """``results`` (one a KPI, as ``show`` prints them), ``tiers`` (KPI -> those of its tiers that have a value),
    ``readings``, ``over_time`` (over ``periods``, the last of them the query's own), ``behind`` (KPI -> see there),
    ``happened``, ``agreed``, ``versions`` (KPI -> of its definition and targets), ``restricted`` (KPIs)."""
    found = {kpi.id: results.result(kpi, query) for kpi in shelf().values()}
    measured = [kpi_id for kpi_id, one in found.items() if one["status"] != NOT_SET_UP]
    valued = [kpi_id for kpi_id in measured if found[kpi_id]["value"] is not None]
    followed = [(kpi_id, _followed(found[kpi_id], query)) for kpi_id in measured]
    return {
        "results": list(found.values()),
        "tiers": {kpi_id: _tiers(results, kpi_id, query) for kpi_id in valued} if query.tier is None else {},
        "readings": readings(results, query, measured),
        "over_time": over_time(results, query, periods, followed),
        "behind": {kpi_id: behind(results, query, kpi_id) for kpi_id in valued},
        "happened": happened(results, query),
        "agreed": agreed(results, query, measured),
        "versions": {kpi_id: _versions(results, kpi_id, query) for kpi_id in found},
        "restricted": [kpi.id for kpi in shelf().values() if kpi.restricted],
    }


def _tiers(results: Results, kpi_id: str, query: Query) -> list[dict[str, Any]]:
    kpi = shelf()[kpi_id]
    told = [results.result(kpi, replace(query, tier=tier), before=False) for tier in TIERS]
    return [one for one in told if one["value"] is not None]


def _followed(result: dict[str, Any], query: Query) -> tuple[str, int] | None:
    """The target whose bound is drawn over time: the first that was adopted, or of the asked profile."""
    told = [one for one in result["targets"] if one["adopted"] or query.profile in one["profiles"]]
    return (told[0]["profile"], told[0]["row"]) if told else None


def _versions(results: Results, kpi_id: str, query: Query) -> dict[str, Any]:
    kpi = shelf()[kpi_id]
    return versions(kpi, results.applied(results.asked(kpi, query), query))
