"""How fast a budget burns over the pairs of lookbacks of config/burn_windows.yaml, up to this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from slo.budget import Budget, BurnWindow, allowed_share, load_burn_windows, usable
from slo.calendars import DAY, days_between
from slo.folding import fold
from slo.measure import Item, Ratio, merge_all
from slo.params import settle_params, slice_name
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.spending.pace import burn_rate
from slo.targets import applicable

_MICROSECOND = timedelta(microseconds=1)


def burning(
    results: Results, query: Query, *, kpi: str, profile: str, row: int, clause: int = 0
) -> list[dict[str, Any]]:
    """The windows that can fire at a target's floor, the shortest first: name, severity, budget_share, factor (how
    many times the even pace), long and short (timedelta), long_rate and short_rate (None where nothing was counted)
    and fires. Empty where the target is not in force, or sets no such limit."""
    asked = results.asked(get_kpi(kpi), query)
    day = min(asked.window.last_day, results.view.day(results.view.as_of))
    held = [one for one in results.targets.targets_for(kpi, profile, day) if (one.profile, one.row) == (profile, row)]
    for _, clauses in applicable(held, query.tier):
        own = clauses[min(clause, len(clauses) - 1)]
        allowed = allowed_share(own, asked.kpi.complement)
        if allowed is None:
            return []
        scope = replace(asked.scope, tiers=asked.scope.tiers or own.tiers)
        chosen = {name: value for name, value in own.params.items() if name in asked.kpi.defaults}
        params = settle_params(asked.kpi, {**asked.given, **chosen})
        meter = Meter(results, replace(asked, scope=scope, params=params))
        return [_told(one, meter, allowed) for one in usable(load_burn_windows(), allowed)]
    return []


def _told(window: BurnWindow, meter: Meter, allowed: Fraction) -> dict[str, Any]:
    states = {"long": meter.since(window.long), "short": meter.since(window.short)}
    rates = {name: burn_rate(allowed, state) for name, state in states.items()}
    budgets = (Budget(allowed, Fraction(one.good), Fraction(one.bad)) for one in states.values())
    return {
        "name": window.name, "severity": window.severity, "budget_share": window.budget_share,
        "factor": float(window.factor), "long": window.long, "short": window.short,
        **{f"{name}_rate": None if rate is None else float(rate) for name, rate in rates.items()},
        "fires": window.fires(*budgets),
    }  # fmt: skip


class Meter:
    """Counts of the last hours and days: whole days from their states, what sticks out at the start from its items. All
    that lies in the last day is read once."""

    def __init__(self, results: Results, asked: Asked) -> None:
        self._results, self._asked = results, asked
        self._recent: list[Item] | None = None

    def since(self, length: timedelta) -> Ratio:
        """What was counted in this length of time up to as-of."""
        view = self._results.view
        start = view.as_of - length
        first = view.day(start)
        if length <= DAY:
            if self._recent is None:
                self._recent = self._items(view.as_of - DAY, view.as_of)
            return self._counted(_cut(one, start, self._asked.kpi.seconds) for one in self._recent)
        ends = view.start_of(first + DAY)
        edge = self._counted(self._items(start, ends)) if view.start_of(first) != start else None
        days = list(days_between(first if edge is None else first + DAY, view.day(view.as_of)))
        asked = self._asked
        states = self._results.states.days(asked.kpi, days[0], days[-1], asked.scope, asked.params).values()
        merged: Ratio = merge_all(Ratio, [*([] if edge is None else [edge]), *states])
        return merged

    def _items(self, start: datetime, end: datetime) -> list[Item]:
        kpi, view, asked = self._asked.kpi, self._results.view, self._asked
        only = [asked.scope.asset] if asked.scope.asset is not None and kpi.by_asset else None
        return [one for one in kpi.items(view, only, start, end, asked.params) if start <= one.at < end]

    def _counted(self, items: Iterable[Item | None]) -> Ratio:
        kpi, asked = self._asked.kpi, self._asked
        inside = (one for one in items if one is not None)
        rows = fold(kpi, self._results.view, inside, slice_name(kpi, asked.params))
        held = [Ratio.from_json(row.state or {}) for row in rows if asked.scope.holds(row)]
        merged: Ratio = merge_all(Ratio, held)
        return merged


def _cut(item: Item, start: datetime, lasting: bool) -> Item | None:
    """The part of an item from ``start`` on. One of time lasts from its moment on as long as it counts; an event is
    inside or not."""
    if item.at >= start:
        return item
    before = (start - item.at) // _MICROSECOND
    amounts = {name: getattr(item, name) - before for name in ("good", "bad", "unseen") if getattr(item, name)}
    if not lasting or not amounts or min(amounts.values()) <= 0:
        return None
    return replace(item, at=start, **amounts)
