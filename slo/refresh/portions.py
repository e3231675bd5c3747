"""How marked units are cut into portions of work: from the first day that can hold anything, a month at a time, assets
with nearly the same days together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from slo.calendars import DAY
from slo.kpi import Kpi
from slo.register import CLOCK, RegisterKpi
from slo.store import Mark
from slo.view import View

DAYS_AT_ONCE = 31


def bounded(kpi: Kpi, view: View, mark: Mark, today: date) -> Mark:
    """An open mark from the first day that can hold anything to today. A mark of the future stays to its own end."""
    first, last = mark.first, mark.last
    if first == date.min:
        begins = kpi.extent(view, mark.asset)
        first = today if begins is None else min(view.day(begins), today)
    return replace(mark, first=first, last=today if last is None else max(first, min(last, today)))


def stretches(kpi: Kpi, view: View, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days to work out, a month at a time; of a register, where few days hold anything, all at once and the day of
    its clock, which rests on what is to come."""
    if isinstance(kpi, RegisterKpi):
        clock = view.day(CLOCK)
        if first > clock and last >= view.day(view.as_of):
            yield clock, clock
        yield first, last
        return
    day = first
    while day <= last:
        until = min(last, day + timedelta(days=DAYS_AT_ONCE - 1))
        yield day, until
        day = until + DAY


def batches(marks: list[Mark], size: int) -> Iterator[list[Mark]]:
    """Marks of assets with nearly the same days together; the newest days first; the platform's own alone. A batch ends
    where working out its whole span for all would cost more than twice what was asked."""
    platform = [mark for mark in marks if mark.asset is None]
    yield from ([mark] for mark in platform)
    batch: list[Mark] = []
    asked, first, last = 0, date.max, date.min
    for mark in sorted((m for m in marks if m.asset is not None), key=lambda m: (m.last, m.first), reverse=True):
        until = mark.last or mark.first
        asked += (until - mark.first).days + 1
        first, last = min(first, mark.first), max(last, until)
        wasteful = ((last - first).days + 1) * (len(batch) + 1) > 2 * asked
        if batch and (len(batch) >= size or wasteful):
            yield batch
            batch, asked, first, last = [], (until - mark.first).days + 1, mark.first, until
        batch.append(mark)
    if batch:
        yield batch
