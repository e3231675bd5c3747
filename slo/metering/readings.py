"""Readings of meters, distributions and figures in time: one that covers a whole day belongs to the calendar day of its
start in its own zone (kpi_rules, section 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slo.calendars import day_of
from slo.facts import Distribution, Figure, Meter
from slo.kpi import tellings
from slo.store import ChangeRow, Mark
from slo.view import View

DAILY = timedelta(hours=20)
UTC = ZoneInfo("UTC")
AROUND = timedelta(days=2)
"""A day elsewhere may begin this much before or after the platform's."""


def placed(view: View, reading: Meter | Distribution | Figure) -> datetime:
    """The instant that places a reading in a day of the platform."""
    assert reading.at is not None
    if reading.until is None or reading.until - reading.at < DAILY:
        return reading.at
    zone = ZoneInfo(reading.tz) if reading.tz else UTC
    return view.start_of(day_of(reading.at, zone))


def readings(view: View, kind: str, start: datetime, end: datetime, **where: Any) -> Iterator[tuple[datetime, Any]]:
    """(place, reading) of those placed in [start, end)."""
    for reading in view.read(kind, {"placed_at": (start - AROUND, end + AROUND)} | where):
        at = placed(view, reading)
        if start <= at < end:
            yield at, reading


def reading_marks(changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """The day that each changed reading belongs to, now and before."""
    for fact in tellings(changes):
        if isinstance(fact, (Meter, Distribution, Figure)) and fact.at is not None:
            day = view.day(placed(view, fact))
            yield Mark(fact.asset, day, day)
