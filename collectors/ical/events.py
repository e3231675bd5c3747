"""An iCalendar text to plain occurrences: recurring events expanded, zones followed, all-day events local days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collectors.patience import Garbled
from slo.errors import SourceError

if TYPE_CHECKING:
    from icalendar import Calendar, Event

MOST = 5_000
"""Occurrences of one feed; more is a mistake in a rule (every second) or no calendar of exclusions."""
_SERIES = ("RRULE", "RDATE", "RECURRENCE-ID")
_BEGIN, _END = "BEGIN:VCALENDAR", "END:VCALENDAR"


def whole(text: str, place: str) -> str:
    """The text itself. Raises Garbled where it is no calendar, or was cut off."""
    stripped = text.strip().removeprefix("\ufeff")
    if not stripped.startswith(_BEGIN):
        raise Garbled(f"{place}: expected an iCalendar feed, which begins with {_BEGIN}. Is it the feed's own address, "
                      "or does a login page answer?")  # fmt: skip
    if not stripped.endswith(_END):
        raise Garbled(f"{place}: the calendar breaks off before its {_END}.")
    return text


def calendars(text: str, place: str) -> list[Calendar]:
    """The calendars of a text. Raises SourceError where it cannot be read."""
    from icalendar import Calendar

    try:
        return [found for found in Calendar.from_ical(text, multiple=True) if isinstance(found, Calendar)]
    except (ValueError, IndexError, KeyError) as error:
        raise SourceError(f"{place}: not an iCalendar feed that can be read ({error}); export it anew") from None


def zone_of(calendar: Calendar, given: str | None) -> ZoneInfo:
    """The zone of all-day events and of times without one: the settings', else the feed's own, else UTC."""
    name = given or str(calendar.get("X-WR-TIMEZONE") or "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def occurrences(
    calendar: Calendar, zone: ZoneInfo, start: datetime, end: datetime, place: str
) -> Iterator[dict[str, Any]]:
    """Every occurrence that touches [start, end), but cancelled ones and those without a length: uid, occurrence,
    summary, location, categories, url, start, end. Raises SourceError for a rule that makes too many."""
    series = {str(one.get("UID")) for one in calendar.walk("VEVENT") if any(one.get(word) for word in _SERIES)}
    try:
        for number, event in enumerate(_between(calendar, start.astimezone(zone), end.astimezone(zone))):
            if number >= MOST:
                raise SourceError(f"{place}: more than {MOST} events; correct the rule that repeats so often")
            found = _plain(event, zone)
            if found is not None:
                yield found if found["uid"] in series else {**found, "occurrence": None}
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise SourceError(f"{place}: an event cannot be read ({error}); correct it in the calendar") from None


def _between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Event]:
    """In spans that double: the library works out a whole span at once, and a rule may repeat every second."""
    from recurring_ical_events import of

    query, span, seen = of(calendar), timedelta(days=1), set[tuple[object, ...]]()
    while start < end:
        until = min(start + span, end)
        for event in query.between(start, until):
            key = str(event.get("UID")), str(event.get("SUMMARY")), event.start, event.end
            if key not in seen:
                seen.add(key)
                yield event
        start, span = until, 2 * span


def _plain(event: Event, zone: ZoneInfo) -> dict[str, Any] | None:
    starts, ends = _instant(event.start, zone), _instant(event.end, zone)
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or ends <= starts:
        return None
    return {
        "uid": str(event.get("UID") or event.get("SUMMARY") or "event"), "occurrence": _occurrence(event, zone),
        "summary": str(event.get("SUMMARY") or ""), "location": str(event.get("LOCATION") or ""),
        "categories": ", ".join(map(str, event.categories)), "url": str(event.get("URL") or "") or None,
        "start": starts.isoformat(), "end": ends.isoformat(),
    }  # fmt: skip


def _occurrence(event: Event, zone: ZoneInfo) -> str | None:
    """Which one of a series it is, by the start it had before anybody moved it."""
    original = event.get("RECURRENCE-ID")
    return None if original is None else _instant(original.dt, zone).isoformat()


def _instant(moment: date, zone: ZoneInfo) -> datetime:
    """A day is its local midnight; a time without a zone is one of the calendar's."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(0), zone).astimezone(UTC)
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)


def touched(now: datetime, past: int, ahead: int) -> tuple[datetime, datetime]:
    """The stretch that is read: so many days back and ahead."""
    return now - timedelta(days=past), now + timedelta(days=ahead)
