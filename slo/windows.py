"""Windows of time by name: rolling ("7d", "28d") and calendar (2026, 2026-H1, 2026-Q2, 2026-04, 2026-W15, 2026-04-09).

A window is half-open [start, end) and consists of whole local days of the platform's zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from slo.calendars import DAY, day_of, day_start
from slo.errors import ConfigError

Kind = Literal["N", "D", "W", "M", "Q", "H", "Y"]
EXAMPLES = "7d, 28d, 2026, 2026-H1, 2026-Q2, 2026-04, 2026-W15, 2026-04-09"
LONGEST_ROLLING = 3660
_SHORTEST = {"D": 1, "W": 7, "M": 28, "Q": 90, "H": 181, "Y": 365}
DAYS_A_WEEK, DAYS_A_MONTH = 7, 30


@dataclass(frozen=True)
class Window:
    """[start, end) of whole local days, first_day to last_day both included. ``kind`` N is rolling."""

    name: str
    start: datetime
    end: datetime
    first_day: date
    last_day: date
    rolling: bool
    kind: Kind
    tz: ZoneInfo

    @property
    def days(self) -> int:
        """How many local days it has."""
        return (self.last_day - self.first_day).days + 1


def parse_window(name: str, as_of: datetime, tz: ZoneInfo) -> Window:
    """The window of a name; a rolling one ends with as-of's own day (at midnight: the day that has just ended).

    Raises ConfigError with valid examples.
    """
    text = name.strip().upper()
    for pattern, make in _FORMS:
        found = re.fullmatch(pattern, text, re.ASCII)
        if found:
            try:
                return make(tuple(int(part) for part in found.groups()), as_of, tz)
            except (ValueError, OverflowError):
                break
    raise ConfigError(f"window: {name!r} is not a window; write one of {EXAMPLES}")


def previous(window: Window) -> Window:
    """The window of the same length and kind directly before."""
    if window.rolling:
        return _rolling_to(window.first_day - DAY, window.days, window.tz)
    return calendar_window(window.kind, window.first_day - DAY, window.tz)


def last_whole(length: str, as_of: datetime, tz: ZoneInfo) -> Window:
    """The last whole window of a length: of a calendar's (D, W, M, Q, H, Y) the one that has ended, of a rolling one
    (28d) the one that ends with as-of."""
    if length in get_args(Kind):
        return previous(calendar_window(cast(Kind, length), day_of(as_of, tz), tz))
    return parse_window(length, as_of, tz)


def days_of(length: str) -> int:
    """How many days a window of a length has at least."""
    return _SHORTEST[length] if length in _SHORTEST else int(length.removesuffix("d"))


def directly_before(window: Window) -> Window:
    """As many days as the whole window has, directly before its start."""
    if window.rolling:
        return previous(window)
    first = window.first_day - DAY * window.days
    return replace(previous(window), first_day=first, last_day=window.first_day - DAY)


def year_before(window: Window) -> Window:
    """The same name a year before (W53: W52; 29 February: the 28th); a rolling window 364 days earlier."""
    if window.rolling:
        return _rolling_to(window.last_day - timedelta(days=364), window.days, window.tz)
    if window.kind == "W":
        year, week, _ = window.first_day.isocalendar()
        return calendar_window("W", date.fromisocalendar(year - 1, min(week, 52), 1), window.tz)
    first = window.first_day
    leap = (first.month, first.day) == (2, 29)
    return calendar_window(window.kind, first.replace(year=first.year - 1, day=28 if leap else first.day), window.tz)


def calendar_window(kind: Kind, day: date, tz: ZoneInfo) -> Window:
    """The calendar window of a kind (D, W, M, Q, H, Y) that holds a day."""
    if kind == "D":
        return _window(day.isoformat(), day, day, "D", tz)
    if kind == "W":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return _window(f"{year:04}-W{week:02}", monday, monday + timedelta(days=6), "W", tz)
    length = {"M": 1, "Q": 3, "H": 6, "Y": 12}[kind]
    part = (day.month - 1) // length
    name = {"M": f"-{part + 1:02}", "Q": f"-Q{part + 1}", "H": f"-H{part + 1}", "Y": ""}[kind]
    first, last = _months(day.year, part * length + 1, length)
    return _window(f"{day.year:04}{name}", first, last, kind, tz)


def counted_end(window: Window, as_of: datetime) -> datetime:
    """Up to where the window is counted: the earlier of its end and as-of, never before its start."""
    return max(window.start, min(window.end, as_of))


def is_provisional_by_clock(window: Window, as_of: datetime) -> bool:
    """A calendar window is provisional while its end lies after as-of; a rolling one never is."""
    return not window.rolling and window.end > as_of


def elapsed_days(window: Window, as_of: datetime) -> float:
    """The elapsed part of the window in local days: a day of 23 or 25 hours is one day, like any other."""
    until = counted_end(window, as_of)
    if until >= window.end:
        return float(window.days)
    day = day_of(until, window.tz)
    start, end = day_start(day, window.tz), day_start(day + DAY, window.tz)
    return (day - window.first_day).days + (until - start) / (end - start)


def weeks(window: Window, as_of: datetime) -> float:
    """The elapsed part in weeks of 7 days."""
    return elapsed_days(window, as_of) / DAYS_A_WEEK


def months(window: Window, as_of: datetime) -> float:
    """The elapsed part in months of 30 days."""
    return elapsed_days(window, as_of) / DAYS_A_MONTH


def last_day_at(as_of: datetime, tz: ZoneInfo) -> date:
    """The day a rolling window ends with: as-of's own, at local midnight the one that has just ended."""
    day = day_of(as_of, tz)
    return day - DAY if day_start(day, tz) == as_of else day


def _window(name: str, first: date, last: date, kind: Kind, tz: ZoneInfo) -> Window:
    return Window(name, day_start(first, tz), day_start(last + DAY, tz), first, last, kind == "N", kind, tz)


def _rolling_to(last: date, days: int, tz: ZoneInfo) -> Window:
    return _window(f"{days}d", last - timedelta(days=days - 1), last, "N", tz)


def _months(year: int, month: int, length: int) -> tuple[date, date]:
    """First and last day of ``length`` months from one on."""
    after = date(year + (month + length - 1) // 12, (month + length - 1) % 12 + 1, 1)
    return date(year, month, 1), after - DAY


def _rolling(parts: tuple[int, ...], as_of: datetime, tz: ZoneInfo) -> Window:
    if not 1 <= parts[0] <= LONGEST_ROLLING:
        raise ValueError
    return _rolling_to(last_day_at(as_of, tz), parts[0], tz)


def _of(kind: Kind, day: Callable[..., date]) -> Callable[[tuple[int, ...], datetime, ZoneInfo], Window]:
    return lambda parts, _as_of, tz: calendar_window(kind, day(*parts), tz)


_FORMS: tuple[tuple[str, Callable[[tuple[int, ...], datetime, ZoneInfo], Window]], ...] = (
    (r"(\d{1,4})D", _rolling),
    (r"(\d{4})", _of("Y", lambda year: date(year, 1, 1))),
    (r"(\d{4})-H([12])", _of("H", lambda year, half: date(year, half * 6 - 5, 1))),
    (r"(\d{4})-Q([1-4])", _of("Q", lambda year, quarter: date(year, quarter * 3 - 2, 1))),
    (r"(\d{4})-(\d{2})", _of("M", lambda year, month: date(year, month, 1))),
    (r"(\d{4})-W(\d{2})", _of("W", lambda year, week: date.fromisocalendar(year, week, 1))),
    (r"(\d{4})-(\d{2})-(\d{2})", _of("D", date)),
)
