"""Spans, days and times of day as a person says them, in the reader's locale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime

from dashboards.format import locale
from dashboards.format.numerals import MINUS, english, honest


def _clock(seconds: float, step: int) -> tuple[float, str]:
    """The span to whole ``step`` seconds, in its two largest units."""
    whole = math.floor(seconds / step + 0.5) * step
    minutes, rest = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if whole < 7200:
        return whole, f"{minutes} min" + (f" {rest} s" if rest else "")
    if hours < 48:
        return whole, f"{hours} h" + (f" {minute:02d}" if minute else "") + (f" min {rest} s" if rest else "")
    tail = f" {hour} h" if hour else ""
    return whole, f"{days:,} days{tail}" + (f" {minute:02d}" if minute or rest else "")


def _steps(seconds: float) -> tuple[int, ...]:
    if seconds < 600:
        return (1,)
    return (60, 1) if seconds < 48 * 3600 else (3600, 60, 1)


def duration(seconds: float, against: Iterable[float] = ()) -> str:
    """A span as a person says it: 850 ms, 4.52 s, 4 min 30 s, 45 min, 3 h 20, 2 days 4 h."""
    return locale.spell(_duration(seconds, against))


def _duration(seconds: float, against: Iterable[float]) -> str:
    if seconds < 0:
        return MINUS + _duration(-seconds, ())
    if seconds == 0:
        return "0 s"
    if seconds < 1:
        return f"{english(1000 * seconds, (1000 * bound for bound in against))} ms"
    if seconds < 59.95:
        return f"{english(seconds, against)} s"
    bounds = list(against)
    for step in _steps(seconds):
        shown, text = _clock(seconds, step)
        if honest(seconds, shown, bounds):
            return text
    return f"{'>' if seconds > shown else '<'} {text}"


def minutes(seconds: float) -> str:
    """A span that goes on, in the whole minutes of it that are over: 45 min, 3 h 20; 0 s within the first one."""
    return duration(seconds // 60 * 60)


def business_days(days: float, against: Iterable[float] = ()) -> str:
    text = english(days, against, significant=2) if days else "0"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{locale.spell(text)} business {'day' if text == '1' else 'days'}"


def day(when: date, full: bool = False) -> str:
    """A day with its year: 21 Nov 2026; in full: 21 November 2026."""
    return locale.dated(when, "yMMMMd" if full else "yMMMd")


def day_short(when: date) -> str:
    """A day of a year that is plain: 21 Nov."""
    return locale.dated(when, "MMMd")


def weekday(when: date) -> str:
    """A day as a chart's hover says it: Saturday 21 November 2026."""
    return locale.dated(when, "yMMMMEEEEd")


def weekday_short(when: date) -> str:
    """A day of the week alone: Sat."""
    return locale.dated(when, "E")


def month(when: date) -> str:
    """A month with its year: November 2026."""
    return locale.dated(when, "yMMMM")


def month_short(when: date) -> str:
    """A month of a year that is plain: Nov."""
    return locale.dated(when, "MMM")


def time(when: datetime, seconds: bool = False) -> str:
    """A time of day in the zone in which it stands: 09:12."""
    return locale.dated(when, "Hms" if seconds else "Hm")


def moment(when: datetime, now: datetime | None = None) -> str:
    """A time with its day, in the zone in which it stands: 21 Nov 09:12; the time alone on the day of ``now``."""
    same = now is not None and when.date() == now.astimezone(when.tzinfo).date()
    return time(when) if same else f"{day_short(when)} {time(when)}"
