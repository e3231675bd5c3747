"""Past days as they are known now: each KPI over the rolling windows that ended with each day, from the stored states.

Days of one stretch share what was read and merged for them; a stretch is let go before the next one is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from slo.budgets.budget import budget_of
from slo.budgets.floors import narrowed
from slo.calendars import DAY, days_between
from slo.folding import Scope
from slo.kpi import Figures, Kpi
from slo.past.states import OverlappingStates
from slo.promises.clauses import Clause
from slo.promises.verdicts import Asked, shown_scope
from slo.register import RegisterKpi
from slo.results import Query, Results
from slo.states import States
from slo.targets import Target, applicable
from slo.windows import Window, parse_window

STRETCH = 56
"""Days that are read at a time: with the window before them, half as much again is read twice."""
Line = tuple[datetime, dict[str, Any]]
"""The end of a day, and what of a result (slo/results.py) holds for the past: value, parts, coverage, budgets."""


@dataclass(frozen=True)
class Past:
    """Which days (first and last, both included), rolling windows and scopes ({} the whole, {"tier": 1} ...)."""

    since: date
    until: date
    windows: tuple[str, ...]
    scopes: Sequence[Mapping[str, Any]] = ({},)


def past(results: Results, kpi: Kpi, wanted: Past) -> Iterator[Line]:
    """The lines of a KPI, day by day; none where no source tells it. Today's facts about a past day count in it."""
    asked = results.asked(kpi, Query())
    if not asked.set_up:
        return
    states: OverlappingStates | None = None
    for first, last in _stretches(wanted.since, wanted.until):
        if states is None or not isinstance(kpi, RegisterKpi):
            states = _states(results.states, asked, (first, last), wanted.windows)
        for day in days_between(first, last):
            yield from _day(results, states, asked, wanted, day)


def _stretches(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = min(first + timedelta(days=STRETCH - 1), last)
        yield first, end
        first = end + DAY


def _states(base: States, asked: Asked, days: tuple[date, date], windows: Sequence[str]) -> OverlappingStates:
    """States that have read the days of a stretch at once, and what their windows reach back to."""
    fresh = OverlappingStates(base)
    if not isinstance(asked.kpi, RegisterKpi):
        reach = min(_window(base, name, days[0]).first_day for name in windows)
        fresh.days(asked.kpi, reach, days[1], Scope(), asked.params)
    return fresh


def _window(states: States, name: str, day: date) -> Window:
    view = states.view
    return parse_window(name, view.start_of(day + DAY), view.platform.timezone)


def _day(results: Results, states: States, asked: Asked, wanted: Past, day: date) -> Iterator[Line]:
    end, promised = states.view.start_of(day + DAY), _promised(results, asked.kpi, day)
    for told in wanted.scopes:
        scope = Query(**told).scope
        for name in wanted.windows:
            here = replace(asked, window=_window(states, name, day), scope=scope)
            yield end, _result(states, here, promised if scope == Scope() else ())


def _promised(results: Results, kpi: Kpi, day: date) -> list[tuple[Target, tuple[Clause, ...]]]:
    """The targets that were adopted on the day, with their clauses."""
    held = applicable(results.targets.targets_for(kpi.id, None, day), None)
    return [(target, clauses) for target, clauses in held if target.adopted is not None]


def _result(states: States, asked: Asked, promised: Iterable[tuple[Target, Sequence[Clause]]]) -> dict[str, Any]:
    kpi, figures = asked.kpi, _figures(states, asked)
    entries = (_entry(states, asked, target, clauses) for target, clauses in promised)
    return {
        "kpi": kpi.id, "title": kpi.title, "definition": kpi.definition, "metric": kpi.metric,
        "window": {"name": asked.window.name}, "scope": shown_scope(asked.scope), "value": figures.value,
        **figures.parts, "coverage": figures.coverage, "targets": [entry for entry in entries if entry is not None],
    }  # fmt: skip


def _entry(states: States, asked: Asked, target: Target, clauses: Sequence[Clause]) -> dict[str, Any] | None:
    """What of a target's entry (Judge.entry) is told of the past; None where no clause of it has a budget."""
    told = [{} if (budget := _budget(states, asked, one)) is None else {"budget": budget} for one in clauses]
    if not any(told):
        return None
    return {"profile": target.profile, "row": target.row, **told[0], **({"clauses": told} if told[1:] else {})}


def _figures(states: States, asked: Asked) -> Figures:
    return asked.kpi.figures(states.reading(asked.kpi, asked.window, asked.scope, asked.params))


def _budget(states: States, asked: Asked, clause: Clause) -> dict[str, float | None] | None:
    """What is left of a clause's budget, judged in its own tiers and parameters; None where it has none."""
    kpi = asked.kpi
    figures = _figures(states, narrowed(asked, clause))
    if clause.figure is not None or figures.good is None or figures.bad is None:
        return None
    found = budget_of(clause, (figures.good, figures.bad), kpi.complement)
    return None if found is None else found.as_result(kpi.seconds)
