"""Which changes reach a closed period: noted while the change log still knows them, since a refresh empties it.

A change is noted where a KPI says that it reaches a day which the closed period's value rests on. It need not move the
value: what moved it is told apart when lines are compared (slo/ledger/restating.py).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from slo.facts import Asset
from slo.kpi import Kpi
from slo.ledger.causes import Heard, Telling
from slo.register import RegisterKpi
from slo.store import ChangeRow, Mark
from slo.view import View
from slo.windows import Window, parse_window, previous, year_before

HEARD = "heard"
"""Where the store keeps the number of the last change that was heard."""
SHARED = ("asset", "alias", "exclusion", "coverage")
"""Kinds whose changes may reach any KPI."""
WORDING = {"description", "owner", "layer", "classification", "retention", "url", "revised_at"}
"""Fields of an asset that matter to the KPIs alone that name them, and change often."""
Days = tuple[date, date]
Reached = Callable[[Kpi, list[ChangeRow], View], Iterable[Mark]]
Noted = tuple[int, str, dict[str, Any]]
"""Period, KPI, cause."""


@dataclass(frozen=True)
class Watched:
    """The days that a closed period's line of a KPI rests on."""

    period: int
    own: Days
    beside: tuple[Days, ...]
    """What it is compared with."""

    def touched(self, mark: Mark) -> bool | None:
        """True: in the period itself; False: only in what it is compared with; None: not at all."""
        if _meets(mark, self.own):
            return True
        return False if any(_meets(mark, days) for days in self.beside) else None


def watched(kpi: Kpi, period: int, window: Window, as_of: datetime, slices: list[dict[str, object]]) -> Watched:
    """Those days of a closed window. A register rests on all that ever happened up to its end."""
    first = date.min if isinstance(kpi, RegisterKpi) else window.first_day
    beside: list[Days] = [(one.first_day, one.last_day) for one in (previous(window), year_before(window))]
    beside += kpi.around(window, as_of).values()
    if kpi.reread:
        beside += [kpi.compared_with(window, params) for params in slices]
    return Watched(period, (first, window.last_day), tuple(beside))


def _meets(mark: Mark, days: Days) -> bool:
    return mark.first <= days[1] and (mark.last is None or mark.last >= days[0])


class Hearing:
    """Listens to one batch of changes on behalf of all closed periods."""

    def __init__(
        self, view: View, changes: list[ChangeRow], slices: dict[str, list[dict[str, object]]], reached: Reached
    ) -> None:
        self._view, self._changes, self._slices, self._reached = view, changes, slices, reached
        zone = view.platform.timezone
        self._closed = [(key, parse_window(name, view.as_of, zone)) for key, name in view.store.ledger.spans()]
        self._begins: dict[tuple[str, str | None], date] = {}
        self._telling = Telling(view, changes) if self._closed else None

    def causes(self, marks: dict[str, list[Mark]], kpis: Iterable[Kpi]) -> Iterator[Noted]:
        """What reaches closed periods; ``marks`` are those of all the changes, a KPI."""
        if self._telling is None:
            return
        arrivals = self._view.store.ledger.arrivals()
        for kpi in kpis:
            slices = self._slices[kpi.id]
            days = [watched(kpi, key, window, self._view.as_of, slices) for key, window in self._closed]
            heard = Heard()
            for change, found in self._singly(kpi, *self._own(kpi, marks[kpi.id]), days):
                at = _arrived(arrivals, change.seq)
                for one, direct in _touched(days, found):
                    heard.add(one.period, direct, self._telling.of(change), at)
            yield from ((period, kpi.id, body) for period, body in heard.bodies())

    def _own(self, kpi: Kpi, marks: list[Mark]) -> tuple[list[ChangeRow], list[Mark]]:
        """The changes that the KPI hears of, with their marks, without those that only word an asset otherwise."""
        heard = [change for change in self._changes if _kind(change) in (*kpi.facts, *SHARED)]
        own = [change for change in heard if not _is_wording(kpi, change)]
        return own, marks if len(own) == len(heard) else list(self._reached(kpi, own, self._view))

    def _singly(
        self, kpi: Kpi, changes: list[ChangeRow], marks: list[Mark], days: list[Watched]
    ) -> Iterator[tuple[ChangeRow, list[Mark]]]:
        """Each change that reaches a watched day, with its own marks: halves that reach none are not looked into."""
        bounded = [self._bounded(kpi, mark) for mark in marks]
        if not changes or not _touched(days, bounded):
            return
        if len(changes) == 1:
            yield changes[0], bounded
            return
        middle = len(changes) // 2
        for part in (changes[:middle], changes[middle:]):
            yield from self._singly(kpi, part, list(self._reached(kpi, part, self._view)), days)

    def _bounded(self, kpi: Kpi, mark: Mark) -> Mark:
        """A mark of "ever since" begins with the first day that can hold anything."""
        if mark.first != date.min or isinstance(kpi, RegisterKpi):
            return mark
        key = (kpi.id, mark.asset)
        if key not in self._begins:
            begins = kpi.extent(self._view, mark.asset)
            self._begins[key] = self._view.day(begins or self._view.as_of)
        return Mark(mark.asset, self._begins[key], mark.last)


def _touched(days: list[Watched], marks: list[Mark]) -> list[tuple[Watched, bool]]:
    """Each watched stretch that a mark meets, and whether in the period itself."""
    found = []
    for one in days:
        verdicts = {one.touched(mark) for mark in marks}
        if True in verdicts or False in verdicts:
            found.append((one, True in verdicts))
    return found


def _is_wording(kpi: Kpi, change: ChangeRow) -> bool:
    """Whether an asset was only described otherwise, in words that the KPI does not read."""
    old, new = change.old, change.new
    if not isinstance(old, Asset) or not isinstance(new, Asset):
        return False
    differing = {one.name for one in fields(Asset) if getattr(old, one.name) != getattr(new, one.name)}
    return differing <= WORDING - set(kpi.asset_fields)


def _kind(change: ChangeRow) -> str:
    fact = change.new or change.old
    return "" if fact is None else fact.kind_of_fact


def _arrived(arrivals: list[tuple[int, datetime]], seq: int) -> datetime | None:
    """When a change came; None where that was not noted, or where nothing came (a moment told ahead was reached)."""
    if seq == 0:
        return None
    place = bisect_left(arrivals, seq, key=lambda arrival: arrival[0])
    return arrivals[place][1] if place < len(arrivals) else None
