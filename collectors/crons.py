"""Vendors' cron expressions as the five fields the vocabulary knows. What cannot be told exactly is not told: a slot
that was never meant must not be missed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_DAYS = {"SUN": "0", "MON": "1", "TUE": "2", "WED": "3", "THU": "4", "FRI": "5", "SAT": "6"}
_ZONE = re.compile(r"[A-Za-z_]+/[A-Za-z_/+-]+\d*|UTC|GMT")
_PLAIN = re.compile(r"(?:[\d*/,-]|[A-Z]{3})+")


def five_fields(text: str | None) -> str | None:
    """The cron expression where it has five fields that can be read; else None."""
    cron = " ".join((text or "").split())
    if len(cron.split(" ")) != 5:
        return None
    try:
        CronSim(cron, datetime(2020, 1, 1, tzinfo=UTC))
    except CronSimError:
        return None
    return cron


def quartz(text: str | None) -> tuple[str | None, str | None]:
    """A Quartz cron expression ("0 0 6 ? * MON-FRI Europe/Berlin": seconds first, a year and a zone may follow) as
    (five fields, zone). (None, None) where it ticks within minutes, in certain years, or by L, W or #."""
    words = (text or "").split()
    zone = words.pop() if words and _ZONE.fullmatch(words[-1]) else "UTC"
    if len(words) == 7 and words[6] in ("*", "?"):
        words.pop()
    if len(words) != 6 or words[0] != "0" or not _zone(zone):
        return None, None
    minute, hour, day, month, weekday = ("*" if word == "?" else word.upper() for word in words[1:])
    if not all(_PLAIN.fullmatch(field) for field in (minute, hour, day, month, weekday)):
        return None, None
    cron = five_fields(f"{minute} {hour} {day} {month} {_weekday(weekday)}")
    return (cron, zone) if cron else (None, None)


def _weekday(field: str) -> str:
    """Quartz counts Sunday as 1 where cron counts it as 0; a step ("*/2", "2/2") has no number of a day behind it."""
    for name, number in _DAYS.items():
        field = field.replace(name, f"d{number}")
    days, _, step = field.partition("/")
    shifted = re.sub(r"(?<![d\d])\d", lambda day: str(int(day[0]) - 1), days)
    return (shifted + (f"/{step}" if step else "")).replace("d", "")


def _zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
