"""Pipelines whose last run failed, or never came, with no success since.

By the items of pipeline_success_rate: a slot that nobody could observe is unknown, not missed; what was skipped or
cancelled is no failure; a run that is tried again counts once it has ended. Attempts stand in the order in which they
began, so that an old run that fails late does not undo the success of a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from slo.alerting.problem import RUNS, Problem
from slo.calendars import DAY
from slo.evidence.sources import missing
from slo.facts import Run
from slo.folding import Scope
from slo.intervals import INSTANT
from slo.left_out import REASONS
from slo.lineage.causes import failed_at
from slo.measure import Item, Ratio
from slo.results import Results
from slo.shelf import get_kpi
from slo.states import Decoded
from slo.view import View

BACK = timedelta(days=35)
"""So far back everybody's days are read: a monthly pipeline's last run is among them."""
FURTHER = tuple(timedelta(days=days) for days in (160, 640, 3660))
"""So far back those of the few of which that does not say since when they fail, or whether."""
LAST_DAYS = 2
"""A run of yesterday's slot may have begun after one of today's."""
Spans = tuple[tuple[date, date], ...]
"""First and last days."""


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
    of_spans: dict[Spans, list[str]] = {}
    for name, spans in _suspects(results, set(names)):
        of_spans.setdefault(spans, []).append(name)
    for spans, suspects in sorted(of_spans.items()):
        for name, attempts in _attempts(view, suspects, spans).items():
            if any(one.state == "success" and view.day(one.began) > spans[0][1] for one in attempts):
                whole = (spans[0][0], spans[-1][1])  # an old slot, met since: what came after it lies in between
                attempts = _attempts(view, [name], (whole,))[name]
            yield from _judged(view, name, attempts)


def _attempts(view: View, names: list[str], spans: Spans) -> dict[str, list[Attempt]]:
    """Of some assets what was tried for the slots of some days, in the order in which it began."""
    kpi, found = get_kpi(RUNS), {name: list[Attempt]() for name in sorted(names)}
    for first, last in spans:
        start, end = view.start_of(first), min(view.start_of(last + DAY), view.as_of + INSTANT)
        for item in kpi.items(view, list(found), start, end, kpi.defaults):
            found[item.asset or ""].extend(_attempt(item))
    return {name: sorted(attempts, key=lambda one: (one.began, one.slot)) for name, attempts in found.items()}


@dataclass
class Decided:
    """The days on which anything of a pipeline went well, or badly."""

    good: set[date]
    bad: set[date]

    @property
    def suspect(self) -> bool:
        """Whether anything was bad on the last days on which anything was decided."""
        return any(day in self.bad for day in sorted(self.good | self.bad)[-LAST_DAYS:])

    @property
    def told(self) -> bool:
        """Whether more days would change nothing."""
        return len(self.good) >= LAST_DAYS if self.suspect else bool(self.good)

    def spans(self, today: date) -> Spans:
        """The days whose runs say whether it fails, and since when. Where that is long ago, not those in between, on
        which nothing went well."""
        well = sorted(self.good)[-LAST_DAYS:]
        first = well[0] if len(well) == LAST_DAYS else min(self.good | self.bad)
        begun = next((day for day in sorted(self.bad) if not well or day > well[-1]), today) + LAST_DAYS * DAY
        again = max(self.bad) - LAST_DAYS * DAY
        return ((first, today),) if again - begun < BACK else ((first, begun), (again, today))


def _suspects(results: Results, names: set[str]) -> Iterator[tuple[str, Spans]]:
    """Assets that may fail, and the days whose runs must be read: states tell it without reading runs."""
    view, kpi = results.view, get_kpi(RUNS)
    today, reached = view.day(view.as_of), view.day(view.as_of - BACK)
    decided = {name: Decided(set(), set()) for name in names}
    _add(decided, results.states.rows(kpi, reached, today, Scope(), kpi.defaults))
    for back in FURTHER:
        few = {name: one for name, one in decided.items() if not one.told}
        first = view.day(view.as_of - back)
        _add(few, results.states.rows_of_few(kpi, first, reached - DAY, kpi.defaults, few))
        reached = first
    for name, one in decided.items():
        if one.suspect:
            yield name, one.spans(today)


def _add(decided: Mapping[str, Decided], rows: Decoded) -> None:
    for row, state in rows:
        one = decided.get(row.asset or "")
        if one is not None:
            one.good |= {row.day} if _good(state) else set()
            one.bad |= {row.day} if _bad(state) else set()


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
