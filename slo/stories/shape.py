"""The shape of one KPI in a scope: its last months, its teams day by day, the distribution of its samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from slo.calendars import DAY, days_between
from slo.evidence.sources import unsettled
from slo.measure import Samples
from slo.measure.samples import bucket_value
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.windows import Window, calendar_window

MOST_BINS, LEAST_BINS = 24, 6
SKEWED = 20.0
"""Samples that spread over more than this factor stand in bins of equal ratio, others in bins of equal width."""


def months(results: Results, query: Query, *, kpi: str, count: int = 12) -> list[dict[str, Any]]:
    """The calendar months up to as-of's own, oldest first, from the first that has a value: month (2026-10), value, n,
    provisional. Each is read off its own merged states."""
    asked = results.asked(get_kpi(kpi), query)
    found = [_month(results, asked, window) for window in _months(results, asked.window, count)]
    first = next((place for place, one in enumerate(found) if one["value"] is not None), len(found))
    return found[first:]


def _months(results: Results, window: Window, count: int) -> list[Window]:
    last = min(window.last_day, results.view.day(results.view.as_of))
    found = [calendar_window("M", last, window.tz)]
    while len(found) < count:
        found.append(calendar_window("M", found[-1].first_day - DAY, window.tz))
    return found[::-1]


def _month(results: Results, asked: Asked, window: Window) -> dict[str, Any]:
    figures = asked.shown(results.judge.figures(asked.kpi, window, asked.scope, asked.params))
    provisional = unsettled(asked.kpi, results.view, window) or figures.provisional
    return {"month": window.name, "value": figures.value, "n": figures.n, "provisional": provisional}


def teams(results: Results, query: Query, *, kpi: str, only: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Each team of the scope (or ``only`` some) that has a value, by name: team, value, n, days (day, value, n,
    provisional), as in a result's series. A KPI that is read asset by asset, or from what stands, has no days here."""
    asked = results.asked(get_kpi(kpi), query)
    names = only or tuple(sorted({team for team in _teams(results) if query.team in (None, team)}))
    found = []
    for team in names:
        own = replace(asked, scope=replace(asked.scope, team=team))
        figures = own.shown(results.judge.figures(own.kpi, own.window, own.scope, own.params))
        if figures.value is not None or only:
            days = _days(results, own) if not own.kpi.per_asset_reading else []
            found.append({"team": team, "value": figures.value, "n": figures.n, **figures.parts, "days": days})
    return found


def _teams(results: Results) -> set[str]:
    view = results.view
    told = (view.history(name).dims(view.as_of).team for name in view.asset_names)
    return {team for team in told if team}


def _days(results: Results, asked: Asked) -> list[dict[str, Any]]:
    view = results.view
    last = min(asked.window.last_day, view.day(view.as_of))
    days = [calendar_window("D", day, asked.window.tz) for day in days_between(asked.window.first_day, last)]
    found = []
    for day in days:
        figures = asked.shown(
            asked.kpi.figures(results.states.reading(asked.kpi, day, asked.scope, asked.params, True))
        )
        provisional = unsettled(asked.kpi, view, day) or figures.provisional
        found.append({"day": day.name, "value": figures.value, "n": figures.n, "provisional": provisional})
    return found


def distribution(
    results: Results, query: Query, *, kpi: str, bins: int | None = None, bounds: tuple[float, ...] = ()
) -> dict[str, Any] | None:
    """How the samples of a window lie: bins (lo, hi, n; lo < sample <= hi, the first holds lo too; as many as suit n),
    log (bins of equal ratio), n, median, p90, p95, mean, and ``within``: how many are at most each of ``bounds``.
    Exact values while they are kept, else their log buckets. None where the KPI has no samples, or all are the same."""
    asked = results.asked(get_kpi(kpi), query)
    if not asked.set_up or not issubclass(asked.kpi.measure, Samples):
        return None
    state = results.judge.figures(asked.kpi, asked.window, asked.scope, asked.params).state
    values = _values(state) if isinstance(state, Samples) else []
    if not isinstance(state, Samples) or len(values) < 2:
        return None
    low, high = values[0][0], values[-1][0]
    log = low > 0 and high / low > SKEWED
    edges = _edges(low, high, bins or min(MOST_BINS, max(LEAST_BINS, round(1.5 * math.sqrt(state.n)))), log)
    return {
        "bins": _filled(values, edges), "log": log, "n": state.n, "mean": state.mean,
        **{name: state.quantile(q) for name, q in (("median", 0.5), ("p90", 0.9), ("p95", 0.95))},
        "within": [{"bound": bound, "n": sum(n for value, n in values if value <= bound)} for bound in bounds],
    }  # fmt: skip


def _values(state: Samples) -> list[tuple[float, float]]:
    """(value, how many) of different values, ascending."""
    counts: dict[float, float] = {}
    for value in state.values:
        counts[float(value)] = counts.get(float(value), 0) + 1
    if state.zero:
        counts[0.0] = counts.get(0.0, 0) + state.zero
    for index, count in state.buckets.items():
        value = bucket_value(index)
        counts[value] = counts.get(value, 0) + count
    return sorted(counts.items())


def _edges(low: float, high: float, bins: int, log: bool) -> list[float]:
    if log:
        ratio = math.log(high / low)
        inner = [low * math.exp(ratio * place / bins) for place in range(1, bins)]
    else:
        inner = [low + (high - low) * place / bins for place in range(1, bins)]
    return [low, *inner, high]


def _filled(values: Sequence[tuple[float, float]], edges: Sequence[float]) -> list[dict[str, float]]:
    found = [{"lo": lo, "hi": hi, "n": 0.0} for lo, hi in pairwise(edges)]
    place = 0
    for value, count in values:
        while value > found[place]["hi"] and place + 1 < len(found):
            place += 1
        found[place]["n"] += count
    return found
