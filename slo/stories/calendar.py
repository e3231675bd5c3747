"""An asset's days: of each day of a month what was due and what became of it, as the KPIs' own states count it.

A pipeline's days are read off pipeline_success_rate, a dataset's off dataset_sla_attainment where deliveries are due
and off freshness_slo_attainment where its age is bounded. An asset may have both grids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from slo.calendars import DAY, days_between
from slo.due.freshness import maximum
from slo.due.slots import has_slots
from slo.folding import Scope
from slo.intervals import INSTANT
from slo.kpi import Kpi
from slo.left_out import REASONS
from slo.measure import Ratio, Share
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.stories.day import deliveries, happened, missed_slots
from slo.view import View, in_production
from slo.windows import Window, calendar_window, parse_window

RUNS, AGE, DELIVERIES = "pipeline_success_rate", "freshness_slo_attainment", "dataset_sla_attainment"
BACK = 12
"""Months before the newest that can be turned back to."""
MOST = 400
"""Assets listed at most, the worst first."""
NOUGHT = Ratio()


def calendar(results: Results, query: Query) -> dict[str, Any] | None:
    """``month`` (the one that holds the window's last day), ``grids`` (one or two: kpi, kind, ``days``, ``months``),
    ``chosen`` (a day, where the window is one) with what ``happened``. None: nobody told of the asset."""
    view, name = results.view, results.view.canonical(query.asset)
    if name is None or not (name in view.asset_names or _has_runs(view, name)):
        return None
    window = parse_window(query.window, view.as_of, view.platform.timezone)
    today = view.day(view.as_of)
    month = calendar_window("M", min(window.last_day, today), window.tz)
    chosen = window.first_day if window.kind == "D" and window.first_day <= today else None
    dims = view.dims(name, view.as_of)
    return {
        "asset": name, "tier": dims.tier, "team": dims.team, "domain": dims.domain, "today": today,
        "month": month.first_day, "months": _months(today, window),
        "counted": in_production(dims.environment), "environment": dims.environment,
        "grids": [_grid(results, name, kind, kpi, month) for kind, kpi in _kinds(results, name)],
        "chosen": chosen, "happened": happened(view, name, chosen) if chosen else None,
    }  # fmt: skip


def _months(today: date, window: Window) -> list[date]:
    """The first days of the months that can be turned to, the newest first."""
    found = [today.replace(day=1)]
    while len(found) <= BACK:
        found.append((found[-1] - DAY).replace(day=1))
    return found


def _kinds(results: Results, name: str) -> Iterator[tuple[str, Kpi]]:
    """What the asset's days can be told of: its runs, its data, or both."""
    view, history = results.view, results.view.history(name)
    if has_slots(history) or _has_runs(view, name):
        yield "runs", get_kpi(RUNS)
    rules = [rule for moment in history.breaks if (rule := history.get("freshness", moment)) is not None]
    if rules:
        yield "data", get_kpi(AGE if maximum(rules[-1]) is not None else DELIVERIES)


def _has_runs(view: View, name: str) -> bool:
    """Runs alone make days, too: nobody need have told of the asset itself."""
    return bool(view.read("run", {"asset": name}, limit=1))


def _grid(results: Results, name: str, kind: str, kpi: Kpi, month: Window) -> dict[str, Any]:
    view, scope = results.view, Scope(asset=name)
    today = view.day(view.as_of)
    first = _months(today, month)[-1]
    states = results.states.days(kpi, min(first, month.first_day), month.last_day, scope, kpi.defaults)
    newer = results.states.days(kpi, month.first_day, today, scope, kpi.defaults)
    ratios = {day: ratio(state, name) for day, state in {**states, **newer}.items()}
    return {
        "kind": kind, "kpi": kpi.id, "seconds": kpi.seconds,
        "days": [
            _day(view, name, kpi, day, ratios.get(day, NOUGHT)) for day in days_between(month.first_day, month.last_day)
        ],
        "months": _by_month(ratios),
    }  # fmt: skip


def ratio(state: Any, name: str) -> Ratio:
    """The counts of a day's state; of a Share those of the asset's deliveries."""
    if isinstance(state, Share):
        return state.assets.get(f"deadline:{name}", NOUGHT)
    return state if isinstance(state, Ratio) else NOUGHT


def _by_month(ratios: Mapping[date, Ratio]) -> dict[date, tuple[int, int]]:
    """First of the month -> (good, bad)."""
    found: dict[date, tuple[int, int]] = {}
    for day, one in ratios.items():
        good, bad = found.get(day.replace(day=1), (0, 0))
        found[day.replace(day=1)] = (good + one.good, bad + one.bad)
    return found


def _day(view: View, name: str, kpi: Kpi, day: date, counts: Ratio) -> dict[str, Any]:
    """``state``: kept, failed, late, missed, skipped, excluded, running, paused, unseen, nothing or coming. ``good``
    and ``bad`` as the KPI counts them (events, or seconds); ``missed`` of the bad; ``left_out`` by reason."""
    start, end = view.start_of(day), view.start_of(day + DAY)
    missed = _missed(view, name, kpi, day, counts)
    paused = start <= view.as_of and bool(view.history(name).get("paused", min(end - INSTANT, view.as_of)))
    told = {
        "day": day, "good": counts.good / kpi.scale, "bad": counts.bad / kpi.scale, "missed": missed,
        "unseen": counts.unseen / kpi.scale, "tries": counts.beside.get("first_try"),
        "left_out": {reason: sum(parts) / kpi.scale for reason, parts in sorted(counts.excluded.items())},
        "hours": (end - start) / timedelta(hours=1), "holiday": day in view.platform.holidays,
        "paused": paused,
        "reasons": _reasons(view, name, kpi, day),
    }  # fmt: skip
    return told | {"state": "coming" if start > view.as_of else _state(kpi, counts, missed, paused)}


def _missed(view: View, name: str, kpi: Kpi, day: date, counts: Ratio) -> int:
    """Of the bad ones those that never came: slots without a run, deliveries that are not there. A state counts the
    slots that an exclusion left out along, so where there are such the day is looked at itself."""
    if not counts.bad or kpi.seconds:
        return 0
    if kpi.id == DELIVERIES:
        return sum(one["verdict"] == "missed" for one in deliveries(view, name, day))
    told = counts.beside.get("missed", 0)
    decided = any(parts[1] for reason, parts in counts.excluded.items() if reason in REASONS)
    return missed_slots(view, name, day) if told and decided else min(told, counts.bad)


def _state(kpi: Kpi, counts: Ratio, missed: int, paused: bool) -> str:
    if counts.bad:
        if kpi.id != RUNS:
            return "missed" if missed else "late"
        return "missed" if missed == counts.bad else "failed"
    if counts.good:
        return "kept"
    if counts.excluded.get("running"):
        return "running"
    if any(reason in REASONS and sum(parts) for reason, parts in counts.excluded.items()):
        return "excluded"
    if counts.unseen:
        return "unseen"
    if counts.excluded.get("skipped"):
        return "skipped"
    return "paused" if paused else "nothing"


def _reasons(view: View, name: str, kpi: Kpi, day: date) -> list[str]:
    """Why something of the day may be left out: reasons of the exclusions that lie over it."""
    start, end = view.start_of(day), view.start_of(day + DAY)
    edges = [start, *view.exclusion_edges(kpi.id, name, start, end)]
    found = {view.exclusion(kpi.id, name, view.dims(name, at), at) for at in edges}
    return sorted(reason for reason in found if reason is not None)


def assets(results: Results, query: Query) -> dict[str, list[dict[str, Any]]]:
    """``pipelines`` and ``datasets`` with days to show in the window and scope, the worst first; ``total`` of each."""
    return {"pipelines": _listed(results, query, RUNS), "datasets": _listed(results, query, AGE)}


def _listed(results: Results, query: Query, kpi_id: str) -> list[dict[str, Any]]:
    kpi = get_kpi(kpi_id)
    asked, view = results.asked(kpi, query), results.view
    states = results.states.by_asset(kpi, asked.window, asked.scope, kpi.defaults)
    found = [
        {"asset": name, "good": state.good / kpi.scale, "bad": state.bad / kpi.scale,
         "unseen": state.unseen / kpi.scale, "missed": state.beside.get("missed", 0),
         "tier": view.dims(name, view.as_of).tier, "team": view.dims(name, view.as_of).team}
        for name, state in states.items() if name is not None and (state.total or state.unseen)
    ]  # fmt: skip
    worst = sorted(found, key=lambda one: (-one["bad"] / ((one["good"] + one["bad"]) or 1), one["asset"]))
    return worst[:MOST]
