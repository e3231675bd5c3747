"""On which days a period's drafts and its report are due. Working days are those of the platform's calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from slo.calendars import DAY, at_local, day_of, is_business_day
from slo.platform import Platform
from slo.windows import Kind, Window, calendar_window, previous
from tierline.settings.out import Report

KINDS: dict[str, Kind] = {"week": "W", "month": "M", "quarter": "Q"}
MOST = 60
"""Periods that are made up for after a long silence."""


@dataclass(frozen=True)
class Days:
    """When a period's drafts go out (None: there are none) and when it is closed and reported."""

    window: Window
    draft: datetime | None
    report: datetime


def working_day(after: date, number: int, works: Callable[[date], bool]) -> date:
    """The ``number``-th day that is worked after a day."""
    day = after
    while number > 0:
        day += DAY
        number -= works(day)
    return day


def days_of(window: Window, settings: Report, platform: Platform) -> Days:
    """The days of a period."""

    def works(day: date) -> bool:
        return settings.calendar == "daily" or is_business_day(day, platform.holidays)

    def moment(number: int) -> datetime:
        day = working_day(window.last_day, number, works)
        return at_local(datetime.combine(day, settings.at), platform.timezone)

    draft = moment(settings.reporting_day - settings.dispute_days) if settings.dispute_days else None
    return Days(window, draft, moment(settings.reporting_day))


def due(settings: Report, platform: Platform, since: datetime, now: datetime) -> list[Days]:
    """Periods that have ended and are reported after ``since``, the oldest first."""
    found: list[Days] = []
    for kind in settings.periods:
        window = previous(_running(kind, platform, now))
        while (days := days_of(window, settings, platform)).report > since and len(found) < MOST:
            found.append(days)
            window = previous(window)
    return sorted(found, key=lambda days: days.report)


def coming(settings: Report, platform: Platform, now: datetime) -> Iterator[Days]:
    """Of each kind the period whose report comes next."""
    for kind in settings.periods:
        running = _running(kind, platform, now)
        before = days_of(previous(running), settings, platform)
        yield before if before.report > now else days_of(running, settings, platform)


def _running(kind: str, platform: Platform, now: datetime) -> Window:
    return calendar_window(KINDS[kind], day_of(now, platform.timezone), platform.timezone)
