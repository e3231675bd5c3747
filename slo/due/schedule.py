"""What a schedule called for: the slots of a pipeline, the delivery days and deadlines of a dataset.

Cron is read in the schedule's own zone. A local time that the clocks skip is moved to the next real instant; one that
they show twice counts the first time. Where the hour is ``*`` the schedule means real hours, so it ticks through both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from slo.calendars import DAY, NO_HOLIDAYS, at_local, day_of, day_start, days_between, is_business_day, occurrences

_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_PART = r"(\d+(?:\.\d+)?)(w|d|h|m|s)"


class Delivery(NamedTuple):
    """One expected delivery: its local day, that day's midnight (what the data must reach) and the deadline."""

    day: date
    midnight: datetime
    deadline: datetime


@dataclass(frozen=True)
class _Cron:
    """A cron expression taken apart: on which days, and at which local minutes of them."""

    expression: CronSim
    minutes: tuple[timedelta, ...]
    every_hour: bool

    def on(self, day: date) -> bool:
        return day.month in self.expression.months and self.expression.match_day(day)

    def ticks(self, day: date, tz: ZoneInfo) -> list[datetime]:
        """The instants at which it ticks on a local day, unsorted and perhaps doubled where the clocks jump."""
        if not self.on(day):
            return []
        start = day_start(day, tz)
        if day_start(day + DAY, tz) - start == DAY:
            return [start + minute for minute in self.minutes]
        locals_ = [datetime.combine(day, time.min) + minute for minute in self.minutes]
        if self.every_hour:
            return [instant for local in locals_ for instant in occurrences(local, tz)]
        return [at_local(local, tz) for local in locals_]


def ticks(
    schedule: str | None, tz: str | ZoneInfo | None, start: datetime, end: datetime, valid_from: datetime | None
) -> Iterator[datetime]:
    """The slots in [start, end), in order: of a 5-field cron or its @names in the zone (default UTC), or of
    "@every 90m", whose first slot is one period after valid_from. Any other text gives none; it never raises."""
    every = period(schedule)
    if every is not None:
        return _periodic(every, start, end, valid_from)
    cron, zone = _cron(schedule), _zone(tz)
    return _cron_ticks(cron, zone, start, end) if cron and zone else iter(())


def gives_slots(schedule: str | None) -> bool:
    """Can the text call for slots at all?"""
    return period(schedule) is not None or _cron(schedule) is not None


def period(schedule: str | None) -> timedelta | None:
    """The period of "@every 90m" or "@every 1h30m"; None for anything else."""
    if not isinstance(schedule, str):
        return None
    found = re.fullmatch(rf"@every\s+((?:{_PART})+)", schedule.strip().lower(), re.ASCII)
    if not found:
        return None
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in re.findall(_PART, found.group(1)))
    return timedelta(seconds=seconds) if 1 <= seconds < 1e9 else None


def deadlines(
    freshness: Mapping[str, Any] | None,
    tz: ZoneInfo,
    holidays: frozenset[date],
    start: datetime,
    end: datetime,
) -> Iterator[Delivery]:
    """The deliveries whose deadline lies in [start, end), in order. ``freshness`` is an asset's deadline rule: its
    "tz" (default: the given zone), "days" ("business", "daily"; default daily) or "cron" (the days on which it
    ticks), and "deadline" (a local time; without one the day's first cron tick). None for a rule that can't be read.
    """
    rule = freshness or {}
    zone = _zone(rule["tz"]) if rule.get("tz") else tz
    cron = _cron(rule.get("cron"))
    clock = _clock(rule.get("deadline"))
    if zone is None or (cron is None if rule.get("cron") else clock is None):
        return
    if rule.get("deadline") is not None and clock is None:
        return
    for day in days_between(day_of(start, zone) - DAY, day_of(end, zone)):
        if cron.on(day) if cron else _delivers(rule.get("days"), day, holidays):
            due = at_local(datetime.combine(day, clock), zone) if clock else min(_on_day(cron, day, zone), default=end)
            if start <= due < end:
                yield Delivery(day, day_start(day, zone), due)


def _delivers(days: Any, day: date, holidays: frozenset[date] = NO_HOLIDAYS) -> bool:
    return is_business_day(day, holidays) if days == "business" else days in (None, "daily")


def _on_day(cron: _Cron | None, day: date, tz: ZoneInfo) -> list[datetime]:
    return cron.ticks(day, tz) if cron else []


def _periodic(every: timedelta, start: datetime, end: datetime, valid_from: datetime | None) -> Iterator[datetime]:
    """valid_from + k periods, k from 1 on, in [start, end); nothing without a valid_from to count from."""
    if valid_from is None:
        return
    tick = valid_from + max(1, -((valid_from - start) // every)) * every
    while tick < end:
        yield tick
        tick += every


def _cron_ticks(cron: _Cron, tz: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    # From the day before on: where a whole day was skipped, its ticks move to the first instant of the next.
    last = start - timedelta(microseconds=1)
    for day in days_between(day_of(start, tz) - DAY, day_of(end, tz)):
        for tick in sorted(cron.ticks(day, tz)):
            if last < tick < end:
                yield tick
                last = tick


def _cron(schedule: Any) -> _Cron | None:
    return _parsed(schedule) if isinstance(schedule, str) else None


@lru_cache(maxsize=8192)
def _parsed(schedule: str) -> _Cron | None:
    """A 5-field cron or its @name taken apart; None for anything else."""
    text = _NAMED.get(schedule.strip().lower(), schedule)
    if len(text.split()) != 5:
        return None
    try:
        expression = CronSim(text, datetime(2000, 1, 1, tzinfo=UTC))
    except (CronSimError, ValueError, KeyError, IndexError):
        return None
    hours, minutes = sorted(expression.hours), sorted(expression.minutes)
    return _Cron(
        expression,
        tuple(timedelta(hours=hour, minutes=minute) for hour in hours for minute in minutes),
        len(hours) == 24,
    )


def _zone(name: Any) -> ZoneInfo | None:
    """The zone of a name (default UTC), None where there is no such zone."""
    if isinstance(name, ZoneInfo):
        return name
    return _named_zone(name or "UTC") if isinstance(name or "UTC", str) else None


@lru_cache(maxsize=1024)
def _named_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return None


def _clock(text: Any) -> time | None:
    """A local time such as "07:00" or "07:00:30"."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text.strip(), re.ASCII):
        return None
    try:
        hour, minute, second = (int(part) for part in f"{text}:00".split(":")[:3])
        return time(hour, minute, second)
    except ValueError:
        return None
