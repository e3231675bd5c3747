"""A budget's window: OpenSLO's timeWindow, and the word a target has for it (D, W, M, Q, H, Y; 30d)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.openslo.documents import Part
from dashboards.openslo.losses import Refused

Told = Callable[[str, Any, str], None]
"""Tells of a path and a value what was taken instead."""
DEFAULT = "28d"
_DURATION = re.compile(r"([1-9]\d{0,5})([mhdwMQY])")
_DAYS = {"d": 1, "w": 7, "M": 30, "Q": 90, "Y": 365}
_MONTHS = {"M": 1, "Q": 3, "Y": 12}
_CALENDAR = {1: "M", 3: "Q", 6: "H", 12: "Y"}
_WRITTEN = {"D": "1d", "W": "1w", "M": "1M", "Q": "1Q", "H": "6M", "Y": "1Y"}
_ROLLING = {"D": "1d", "W": "7d", "M": "30d", "Q": "90d", "H": "182d", "Y": "365d"}
_STARTS = {"W": "2026-01-05 00:00:00"}
"""A Monday; every other window begins on the first of January, too."""
_FIRST = "2026-01-01 00:00:00"
_ZONE = re.compile(r"[A-Z][a-zA-Z_]+/[A-Z][a-zA-Z_]+")
"""The zones that the published schema takes."""


def taken(spec: Part, zone: str, changed: Told) -> str:
    """The window of an SLO as a target writes it. Raises Refused."""
    windows = spec.parts("timeWindow")
    if not windows:
        changed(spec.at("timeWindow"), None, f"no window is told: the last {DEFAULT} are taken")
        return DEFAULT
    window = windows[0]
    number, unit = _duration(window)
    if not window.value("isRolling") and window.has("calendar"):
        return _calendar(window, number, unit, zone, changed)
    if not window.value("isRolling"):
        changed(window.at("isRolling"), window.value("isRolling"), "there is no calendar: taken as rolling")
    return _rolling(window, number, unit, changed)


def duration(text: Any) -> tuple[int, str] | None:
    """Number and unit of a duration; None where it is none, or has more than six digits."""
    found = _DURATION.fullmatch(str(text))
    return (int(found[1]), found[2]) if found else None


def _duration(window: Part) -> tuple[int, str]:
    text = window.value("duration")
    found = duration(text)
    if found is None:
        raise Refused(window.at("duration"), text, "is no duration; write 30d, 4w, 1M (m are minutes, M months)")
    return found


def _rolling(window: Part, number: int, unit: str, changed: Told) -> str:
    path, text = window.at("duration"), f"{number}{unit}"
    if unit in "mh":
        days, rest = divmod(number, 24 if unit == "h" else 24 * 60)
        if rest:
            raise Refused(path, text, "Tierline's windows are whole days; write one of a day or more (m are minutes)")
    else:
        days = number * _DAYS[unit]
    if unit in _MONTHS:
        changed(path, text, f"months have no one length: the last {days}d are taken")
    if days > 999:
        raise Refused(path, text, "is longer than 999 days")
    return f"{days}d"


def _calendar(window: Part, number: int, unit: str, zone: str, changed: Told) -> str:
    path, text = window.at("duration"), f"{number}{unit}"
    kind = _CALENDAR.get(number * _MONTHS[unit]) if unit in _MONTHS else None
    kind = kind or {"1d": "D", "1w": "W", "7d": "W"}.get(text)
    if kind is None:
        raise Refused(path, text, "no calendar window is so long; there are 1d, 1w, 1M, 1Q, 6M, 1Y (m are minutes)")
    calendar = window.part("calendar")
    told, named = calendar.value("startTime"), calendar.value("timeZone")
    start = _moment(told, zone)
    if start is None or not _begins(kind, start):
        changed(calendar.at("startTime"), told, f"{_BEGIN[kind]}, in {zone}")
    if _plain(named) != _plain(zone):
        changed(calendar.at("timeZone"), named, f"days are those of the platform's zone, {zone}")
    return kind


_BEGIN = {
    "D": "days begin at midnight", "W": "weeks begin on Monday at midnight",
    "M": "months begin on their first midnight",
    "Q": "quarters begin on 1 January, April, July and October", "H": "half-years begin on 1 January and 1 July",
    "Y": "years begin on 1 January",
}  # fmt: skip


def _moment(value: Any, zone: str) -> datetime | None:
    """A start without an offset is the zone's own; one with an offset is what the zone's clocks show then."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    try:
        start = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return start if start.tzinfo is None else start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _begins(kind: str, start: datetime) -> bool:
    """Whether such a window begins at this moment."""
    months = {"Q": (1, 4, 7, 10), "H": (1, 7), "Y": (1,)}.get(kind, tuple(range(1, 13)))
    if start.time() != time() or kind in "DW":
        return start.time() == time() and (kind == "D" or start.weekday() == 0)
    return start.day == 1 and start.month in months


def _plain(zone: Any) -> str:
    return str(zone or "").removeprefix("Etc/")


def given(window: str, zone: str) -> dict[str, Any] | None:
    """The timeWindow of a target's window; None where the format has none (a zone that its schema does not take)."""
    if window not in _WRITTEN:
        return {"duration": window, "isRolling": True}
    named = "Etc/UTC" if zone == "UTC" else zone
    if not _ZONE.search(named):
        return None
    calendar = {"startTime": _STARTS.get(window, _FIRST), "timeZone": named}
    return {"duration": _WRITTEN[window], "isRolling": False, "calendar": calendar}


def days(window: str) -> str:
    """A target's window as so many days."""
    return _ROLLING.get(window, window)
