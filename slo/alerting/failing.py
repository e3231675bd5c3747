"""Pipelines whose last run failed, or never came, with no success since.

By the items of pipeline_success_rate: a slot that nobody could observe is unknown, not missed; what was skipped or
cancelled is no failure; a run that is tried again counts once it has ended. Attempts stand in the order in which they
began, so that an old run that fails late does not undo the success of a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from slo.alerting.problem import RUNS, Problem
from slo.evidence.sources import missing
from slo.facts import Run
from slo.folding import Scope
from slo.left_out import REASONS
from slo.lineage.causes import failed_at
from slo.measure import Item, Ratio
from slo.results import Results
from slo.shelf import get_kpi
from slo.view import View

BACK = timedelta(days=35)
"""A monthly pipeline that failed is told of until it runs again."""
INSTANT = timedelta(microseconds=1)
LAST_DAYS = 2
"""A run of yesterday's slot may have begun after one of today's."""


@dataclass(frozen=True)
class Attempt:
    """A run, or a slot that no run met."""

    began: datetime
    slot: datetime
    state: str
    """success, failed, missed or running."""
    known: datetime


def failing(results: Results, names: list[str]) -> Iterator[Problem]:
    """Of these assets those that fail at as-of."""
    view, kpi = results.view, get_kpi(RUNS)
    if missing(kpi, view):
        return
    since: dict[date, list[str]] = {}
    for name, first in _suspects(results, set(names)):
        since.setdefault(first, []).append(name)
    for first, suspects in sorted(since.items()):
        found: dict[str, list[Attempt]] = {name: [] for name in sorted(suspects)}
        for item in kpi.items(view, list(found), view.start_of(first), view.as_of + INSTANT, kpi.defaults):
            found[item.asset or ""].extend(_attempt(item))
        for name, attempts in found.items():
            yield from _judged(view, name, sorted(attempts, key=lambda one: (one.began, one.slot)))


def _suspects(results: Results, names: set[str]) -> Iterator[tuple[str, date]]:
    """Assets with anything bad on the last days on which anything was decided, and from when on their runs must be
    read: states tell it without reading runs."""
    view, kpi = results.view, get_kpi(RUNS)
    begin, today = view.day(view.as_of - BACK), view.day(view.as_of)
    days: dict[str, dict[date, tuple[bool, bool]]] = {}
    for row, state in results.states.rows(kpi, begin, today, Scope(), kpi.defaults):
        if row.asset in names and (_good(state) or _bad(state)):
            told = days.setdefault(row.asset, {})
            good, bad = told.get(row.day, (False, False))
            told[row.day] = (good or _good(state) > 0, bad or _bad(state) > 0)
    for name, told in days.items():
        if any(told[day][1] for day in sorted(told)[-LAST_DAYS:]):
            well = sorted(day for day, (good, _) in told.items() if good)[-LAST_DAYS:]
            yield name, well[0] if len(well) == LAST_DAYS else begin


def _good(state: Ratio) -> int:
    return state.good + sum(parts[0] for parts in state.excluded.values())


def _bad(state: Ratio) -> int:
    return state.bad + sum(parts[1] for reason, parts in state.excluded.items() if reason in REASONS)


def _attempt(item: Item) -> Iterator[Attempt]:
    """What an item says. Any success helps; of failures only those that the definition counts, excluded or not."""
    run = item.facts[0] if item.facts and isinstance(item.facts[0], Run) else None
    began = item.at if run is None else run.started_at or item.at
    if item.good:
        yield Attempt(began, item.at, "success", failed_at(item))
    elif item.bad and (item.excluded is None or item.excluded in REASONS):
        missed = run is None or run.state == "missed"
        over = item.since if run is None else None  # the end of the slot's grace
        yield Attempt(began, item.at, "missed" if missed else "failed", over or failed_at(item))
    elif run is not None and run.state == "running":
        yield Attempt(began, item.at, "running", began)


def _judged(view: View, name: str, attempts: Iterable[Attempt]) -> Iterator[Problem]:
    """The unbroken row of failures at the end; none while the last one's slot is tried again."""
    row: list[Attempt] = []
    again: set[datetime] = set()
    for one in attempts:
        if one.state == "success":
            row, again = [], set()
        elif one.state == "running":
            again.add(one.slot)
        else:
            row.append(one)
    if row and row[-1].slot not in again:
        first, last = row[0], row[-1]
        yield Problem(RUNS, name, view.dims(name, view.as_of), last.state, last.slot, first.known)
