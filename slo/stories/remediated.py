"""What became of the ten most expensive workloads of the quarter before: which were remediated, by what, when, and what
that saved so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from slo.facts import WorkItem
from slo.kpi import Reading
from slo.measure import Quotient, Totals, merge_all
from slo.metering.workloads import DONE, DOWN, WEEKS, Workload, ending_weeks, most_expensive, week_key
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.view import View
from slo.windows import calendar_window, previous
from slo.work.items import works

WEEK = timedelta(days=7)


def remediated(results: Results, query: Query) -> dict[str, Any]:
    """``quarter`` (the name of the one the ten are of) and ``workloads``, the most expensive first: cost and cost a run
    of that quarter, cost a run of the window, ``how`` and ``when`` it was remediated, ``saved`` (money: what the
    window's runs would have cost at the quarter's rate, less what they did; None where runs are not told)."""
    kpi, view = get_kpi("expensive_workloads_remediated"), results.view
    asked = results.asked(kpi, Query(**{**vars(query), "params": {}}))
    reading = results.states.reading(kpi, asked.window, asked.scope, asked.params)
    quarter = previous(calendar_window("Q", asked.window.first_day, asked.window.tz))
    spent = _spent(reading.state.keys)
    return {
        "quarter": quarter.name,
        "workloads": [_told(view, reading, one, spent.get(one.asset, Quotient())) for one in most_expensive(reading)],
    }


def _spent(keys: Mapping[str, Quotient]) -> dict[str, Quotient]:
    """Cost and runs of each workload in the window."""
    found: dict[str, list[Quotient]] = {}
    for key, state in keys.items():
        if not key.startswith(DONE):
            found.setdefault(key.partition("|")[2], []).append(state)
    return {asset: merge_all(Quotient, states) for asset, states in found.items()}


def _told(view: View, reading: Reading, workload: Workload, now: Quotient) -> dict[str, Any]:
    before, per_run = workload.per_run, now.value
    saved = None
    if workload.how is not None and before is not None and now.denominator and now.numerator is not None:
        saved = float(before * now.denominator - now.numerator)
    return {
        "asset": workload.asset, "cost": float(workload.cost), "team": view.dims(workload.asset, view.as_of).team,
        "per_run_before": _float(before), "per_run": _float(per_run), "how": workload.how, "saved": saved,
        **_when(view, reading, workload),
    }  # fmt: skip


def _when(view: View, reading: Reading, workload: Workload) -> dict[str, Any]:
    """The day the work item was closed, with its title and link; or the last day of the first four weeks that stayed
    down."""
    if workload.how == "work item":
        closed = [
            work for work in works(view, "remediation")
            if isinstance(work, WorkItem) and work.asset == workload.asset and work.outcome == "done"
            and work.closed_at is not None and reading.window.start <= work.closed_at < reading.window.end
        ]  # fmt: skip
        if closed:
            first = min(closed, key=lambda work: (work.closed_at, work.id))
            assert first.closed_at is not None
            return {"when": view.day(first.closed_at), "title": first.title, "url": first.url}
    if workload.how == "cost a run":
        return {"when": _stayed_down_by(view, reading, workload), "title": None, "url": None}
    return {"when": None, "title": None, "url": None}


def _stayed_down_by(view: View, reading: Reading, workload: Workload) -> date | None:
    """The Sunday that ended the first four whole weeks in each of which a run cost at most four fifths of before."""
    earlier = (reading.around[name] for name in ("weeks",) if name in reading.around)
    weeks = merge_all(Totals, (*earlier, reading.state)).keys
    before = workload.per_run or Fraction(0)
    for monday in ending_weeks(reading.window, view.as_of):
        four = [weeks.get(week_key(monday - back * WEEK, workload.asset)) for back in range(WEEKS)]
        if all(one is not None and one.value is not None and one.value <= DOWN * before for one in four):
            return monday + WEEK - timedelta(days=1)
    return None


def _float(amount: Fraction | None) -> float | None:
    return None if amount is None else float(amount)
