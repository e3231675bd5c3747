"""What an objective counted in the last hours and days, as alerts and pages read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median_low

from slo.alerting.moments import TICK, Counted, moment, pieces, ticks
from slo.alerting.policies import Fitting, Policies
from slo.budgets.budget import Budget
from slo.calendars import DAY, days_between
from slo.measure import Item, Ratio, merge_all
from slo.params import slice_name
from slo.promises.verdicts import Asked
from slo.results import Results
from slo.view import View

LATELY = timedelta(days=32)
"""Longer than any lookback with its slack."""
SLACK = DAY
"""How long after it was due something may be known: what took longer counts from its day's end on."""


class Meter:
    """Counts of the last hours and days: whole days from their states, what sticks out at the start from its items, by
    the moment it was known. Items of one KPI are read once for all that is asked of the same results."""

    def __init__(self, results: Results, asked: Asked) -> None:
        self._results, self._asked = results, asked
        self._lately: Counted | None = None

    def since(self, length: timedelta) -> Ratio:
        """Good and bad of this length of time up to as-of; in what the states hold (events, microseconds,
        millionths)."""
        view = self._results.view
        start = view.as_of - length
        if length <= DAY:
            if self._lately is None:
                self._lately = self._counted(view.as_of - DAY, view.as_of + TICK)
            return Ratio(*self._lately.between(ticks(start), ticks(view.as_of)))
        day = view.day(start) + DAY
        edge = self._counted(start, view.start_of(day)).between(ticks(start), ticks(view.as_of))
        asked = self._asked
        states = self._results.states.days(asked.kpi, day, view.day(view.as_of), asked.scope, asked.params).values()
        merged: Ratio = merge_all(Ratio, [Ratio(*edge), *states])
        return merged

    def burning(self, length: timedelta, allowed: Fraction) -> Budget:
        """The budget over the last so long, in what is shown (events, seconds)."""
        state, scale = self.since(length), self._asked.kpi.scale
        return Budget(allowed, Fraction(state.good, scale), Fraction(state.bad, scale))

    def spent(self, length: timedelta) -> dict[str | None, Fraction]:
        """Asset -> what of it was bad in the last so long, the worst first, in what is shown."""
        asked, view = self._asked, self._results.view
        start, found = view.as_of - length, dict[str | None, int]()
        day = view.day(start) + DAY
        edge = (view.as_of - DAY, view.as_of + TICK) if length <= DAY else (start, view.start_of(day))
        for piece in pieces(asked.kpi, self._items(*edge), asked.scope):
            bad = piece.after(ticks(start), asked.kpi.seconds).bad if piece.at <= ticks(view.as_of) else 0
            found[piece.asset] = found.get(piece.asset, 0) + bad
        if length > DAY:
            for row, state in self._results.states.rows(
                asked.kpi, day, view.day(view.as_of), asked.scope, asked.params
            ):
                found[row.asset] = found.get(row.asset, 0) + state.bad
        return ranked(found, asked.kpi.scale)

    def expected(self, period: timedelta) -> Fraction:
        """How much a period counts, in what is shown; while there is less history than a period, at its pace. Today,
        of which nobody knows yet how much it will count, is looked at only where there is nothing before it."""
        today = self._results.view.day(self._results.view.as_of)
        return self._at_pace(period, today - DAY) or self._at_pace(period, today)

    def _at_pace(self, period: timedelta, last: date) -> Fraction:
        """How much a period with this last day counted, or would have, had it begun before the history."""
        asked, days = self._asked, list(days_between(last - period + DAY, last))
        states = self._results.states.days(asked.kpi, days[0], last, asked.scope, asked.params)
        first = next((place for place, day in enumerate(days) if day in states and states[day].total), None)
        if first is None:
            return Fraction(0)
        total = sum(one.total for one in states.values())
        return Fraction(total * len(days), (len(days) - first) * asked.kpi.scale)

    def every(self) -> timedelta | None:
        """What mostly lies between two readings of the last day; None where what is counted is no reading."""
        kpi, view = self._asked.kpi, self._results.view
        if not kpi.amounts:
            return None
        at = self._counted(view.as_of - DAY, view.as_of + TICK).at.tolist()
        between = [moment(later) - moment(before) for before, later in pairwise(at)]
        return median_low(between) if between else DAY

    def fitting(self, policies: Policies, allowed: Fraction) -> Fitting:
        """The policy that fits what is counted here."""
        kpi = self._asked.kpi
        return policies.fitting(allowed, self.expected(policies.period), kpi.seconds, self.every())

    def _counted(self, start: datetime, end: datetime) -> Counted:
        kpi, asked = self._asked.kpi, self._asked
        return Counted.of(pieces(kpi, self._items(start, end), asked.scope), kpi.seconds)

    def _items(self, start: datetime, end: datetime) -> list[Item]:
        """Items placed in [start, end), and of events what was due before and may have been known in it."""
        kpi, view, asked = self._asked.kpi, self._results.view, self._asked
        only = self._only()
        key = ("metered", kpi.id, slice_name(kpi, asked.params), only, start, end)
        if key not in view.kept:
            early = start if kpi.seconds else start - SLACK
            found = kpi.items(view, None if only is None else list(only), early, end, asked.params)
            view.kept[key] = [one for one in found if one.at < end]
        kept: list[Item] = view.kept[key]
        return kept

    def _only(self) -> tuple[str, ...] | None:
        """The assets that have to be looked at: the asked one, or those that have been of the asked tiers lately. The
        tiers that alerts are for are read together."""
        scope, view = self._asked.scope, self._results.view
        if not self._asked.kpi.by_asset or (scope.asset is None and not scope.tiers):
            return None
        if scope.asset is not None:
            return (scope.asset,)
        watched = view.platform.alerting.tiers
        tiers = watched if set(scope.tiers) <= set(watched) else scope.tiers
        key = ("of tiers", tiers)
        if key not in view.kept:
            view.kept[key] = tuple(name for name in view.asset_names if _lately(view, name) & set(tiers))
        kept: tuple[str, ...] = view.kept[key]
        return kept


def ranked(found: Mapping[str | None, int], scale: int) -> dict[str | None, Fraction]:
    """Asset -> what of it was bad, in what is shown, the worst first."""
    worst = sorted(((asset, bad) for asset, bad in found.items() if bad), key=lambda one: (-one[1], str(one[0])))
    return {asset: Fraction(bad, scale) for asset, bad in worst}


def _lately(view: View, name: str) -> set[int | None]:
    """The tiers an asset has been of since any lookback's start."""
    history, first = view.history(name), view.as_of - LATELY
    moments = [first, *(at for at in history.breaks if first < at <= view.as_of)]
    return {history.dims(at).tier for at in moments}
