"""KPIs over a register: a value as things stood at the window's end (kpi_rules, section 8).

A subclass says what one subject (an asset, an entry) is worth at an instant, and at which instants that may change.
From both follow the states: a day in which the worth changed takes back the old item and tells the new one, each in its
own dimensions. So what stood at the end of a day is the sum of all days up to it, in any scope, and a year in which
nothing changed costs nothing.

"By the end" includes the end: a change at midnight is of the day that ends there.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from slo.calendars import DAY
from slo.evidence.sources import begun
from slo.intervals import INSTANT
from slo.kpi import Figures, Kpi, Params, Reading
from slo.measure import Item, Register, State
from slo.platform import Platform
from slo.store import Mark
from slo.view import View

ORIGIN = datetime(2, 1, 1, tzinfo=UTC)
"""Stands for "since ever": far enough from the calendar's first day to look back from."""
CLOCK = datetime(1, 7, 1, tzinfo=UTC)
"""The day of rows that say only when a subject will look different by the clock alone."""


class RegisterKpi(Kpi):
    """A KPI whose value is what stood in a register. ``Subject`` is whatever the subclass judges."""

    measure: ClassVar[type[State]] = Register
    unit = "ratio"
    better = "up"
    lens = "leading"
    minimum = 0
    timed = True
    required: ClassVar[tuple[str, ...]] = ()
    """What must be there of each; the share that has it stands beside the value."""

    @abstractmethod
    def subjects(self, view: View, assets: Collection[str] | None, start: datetime, end: datetime) -> Iterable[Any]:
        """All that may stand in the register between two instants, with what is needed to judge it."""

    @abstractmethod
    def judged(self, view: View, subject: Any, t: datetime) -> Item | None:
        """What the subject is worth at t, or None where it does not stand in the register."""

    @abstractmethod
    def moments(self, view: View, subject: Any) -> Iterable[datetime]:
        """Instants at which that may change, also such as are still to come."""

    def rests_on(self, platform: Platform) -> Any:
        """Settings, beside the zone and calendar, that decide what stands in the register: changed, it is rebuilt."""
        return None

    def behind(self, view: View, subject: Any, item: Item) -> Item:
        """The item as it is explained: with the facts behind it."""
        return item

    def standing(self, view: View, assets: Collection[str] | None, at: datetime, params: Params) -> Iterator[Item]:
        """Every subject as it stood at an instant: what the days' changes add up to."""
        for subject in self.subjects(view, assets, at, at):
            item = self.judged(view, subject, at)
            if item is not None:
                yield self.behind(view, subject, item)

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        """What changed in (start, end], placed in the day it counts for; from the beginning also when each subject will
        change by the clock alone."""
        if start <= CLOCK < end:
            yield from self._clock(view, assets)
        horizon = min(end, view.as_of)
        if horizon <= start or end <= ORIGIN:
            return
        for subject in self.subjects(view, assets, max(start, ORIGIN), horizon):
            yield from self._changes(view, subject, start, horizon)

    def _changes(self, view: View, subject: Any, start: datetime, end: datetime) -> Iterator[Item]:
        before = self.judged(view, subject, start) if start > ORIGIN else None
        for moment in _last_of_each_day(view, self.moments(view, subject), start, end):
            now = self.judged(view, subject, moment)
            if _worth(before) != _worth(now):
                if before is not None:
                    yield replace(before, at=moment - INSTANT, sign=-1, since=moment)
                if now is not None:
                    yield replace(now, at=moment - INSTANT, since=moment)
            before = now

    def _clock(self, view: View, assets: Collection[str] | None) -> Iterator[Item]:
        for subject in self.subjects(view, assets, view.as_of, view.as_of):
            coming = min((moment for moment in self.moments(view, subject) if moment > view.as_of), default=None)
            if coming is not None:
                yield Item(at=CLOCK, asset=self.asset_of(subject), until=coming)

    def asset_of(self, subject: Any) -> str | None:
        """The asset whose unit the subject's rows are of."""
        return None

    @staticmethod
    def ending(mark: Mark) -> Mark:
        """A mark of registers: what changes at midnight is of the day that ends there."""
        return mark if mark.first == date.min else replace(mark, first=mark.first - DAY)

    def extent(self, view: View, asset: str | None) -> datetime | None:
        return CLOCK

    def figures(self, reading: Reading) -> Figures:
        """Good / (good + bad), the counts, and each required thing's own share; all of it unknown for a time before
        anybody told what is required."""
        state: Register = reading.state
        end = min(reading.window.end, reading.view.as_of)
        if not begun(self.needs, reading.view, end):
            state = Register(unseen=state.total, excluded=state.excluded)
        total = state.total
        parts: dict[str, Any] = {
            "good": state.good, "bad": state.bad, "unknown": state.unknown, "excluded": state.excluded_total,
        }  # fmt: skip
        for name in self.required:
            parts[f"{name}_share"] = state.beside.get(name, 0) / total if total else None
        value = state.good / total if total else None
        return Figures(value, total, parts, state.good, state.bad, state.coverage, counts=True)


def _last_of_each_day(view: View, moments: Iterable[datetime], start: datetime, end: datetime) -> list[datetime]:
    """Of the moments in (start, end] the last of each day; one at midnight is of the day that ends there."""
    last: dict[date, datetime] = {}
    for moment in moments:
        moment = max(moment, ORIGIN)
        if start < moment <= end:
            day = view.day(moment - INSTANT)
            last[day] = max(moment, last.get(day, moment))
    return sorted(last.values())


def _worth(item: Item | None) -> tuple[Any, ...] | None:
    """What of an item the states keep."""
    if item is None:
        return None
    return item.dims, item.good, item.bad, item.unseen, item.excluded, item.key, item.beside
