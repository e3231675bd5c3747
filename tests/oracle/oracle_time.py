"""The oracle's clock: windows, ticks and support hours by the plainest means, a scan of minutes and days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """The first instant of a local day (Europe/Berlin and UTC have no day without a midnight)."""
    return datetime.combine(day, time(0), tz).astimezone(UTC)


def rolling(days: int, as_of: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """N whole days that end with the day of as-of; at midnight the day that has just ended is the last."""
    local = as_of.astimezone(tz)
    last = local.date()
    if midnight(last, tz) == as_of:
        last -= DAY
    return midnight(last - (days - 1) * DAY, tz), midnight(last + DAY, tz)


def whole_days(start: datetime, end: datetime, tz: ZoneInfo) -> int:
    return (end.astimezone(tz).date() - start.astimezone(tz).date()).days


def elapsed_days(start: datetime, end: datetime, as_of: datetime, tz: ZoneInfo) -> float:
    """Local days from start to the earlier of end and as-of; the running day by its own length."""
    stop = min(end, as_of)
    day = stop.astimezone(tz).date()
    begin, finish = midnight(day, tz), midnight(day + DAY, tz)
    return (day - start.astimezone(tz).date()).days + (stop - begin) / (finish - begin)


def _field(text: str, lo: int, hi: int) -> set[int]:
    chosen: set[int] = set()
    for part in text.split(","):
        body, _, step = part.partition("/")
        if body == "*":
            first, last = lo, hi
        elif "-" in body:
            first, last = (int(word) for word in body.split("-"))
        else:
            first = int(body)
            last = hi if step else first
        chosen |= set(range(first, last + 1, int(step or 1)))
    return chosen


class Cron:
    """Five fields; days of month and week are alternatives where both are limited."""

    def __init__(self, text: str) -> None:
        minute, hour, dom, month, dow = text.split()
        self.minutes, self.hours = _field(minute, 0, 59), _field(hour, 0, 23)
        self.doms, self.months = _field(dom, 1, 31), _field(month, 1, 12)
        self.dows = {number % 7 for number in _field(dow, 0, 7)}
        self.any_dom, self.any_dow = dom == "*", dow == "*"
        self.every_hour = self.hours == set(range(24))

    def day(self, wall: datetime) -> bool:
        dom, dow = wall.day in self.doms, wall.isoweekday() % 7 in self.dows
        if not self.any_dom and not self.any_dow:
            return dom or dow
        return dom and dow

    def matches(self, wall: datetime) -> bool:
        """Whether a wall-clock minute is asked for."""
        return wall.minute in self.minutes and wall.hour in self.hours and wall.month in self.months and self.day(wall)


@cache
def ticks_of_day(text: str, zone: str, day: date) -> tuple[datetime, ...]:
    """Every tick of a cron on one UTC day, found by looking at each minute of it."""
    cron, tz = Cron(text), ZoneInfo(zone)
    found = []
    for number in range(24 * 60):
        moment = datetime.combine(day, time(0), UTC) + number * MINUTE
        wall = moment.astimezone(tz)
        before = (moment - MINUTE).astimezone(tz)
        hit = cron.matches(wall) and (cron.every_hour or wall.fold == 0)
        jump = wall.replace(tzinfo=None) - before.replace(tzinfo=None)
        if not cron.every_hour and jump > MINUTE:  # a gap: what was skipped comes at the next real instant
            skipped = before.replace(tzinfo=None) + MINUTE
            while skipped < wall.replace(tzinfo=None):
                hit = hit or cron.matches(skipped)
                skipped += MINUTE
        if hit:
            found.append(moment)
    return tuple(found)


def ticks(text: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """The ticks in [start, end)."""
    day, found = start.astimezone(UTC).date(), []
    while day <= end.astimezone(UTC).date():
        found += [tick for tick in ticks_of_day(text, zone, day) if start <= tick < end]
        day += DAY
    return found


def at_wall(day: date, clock: str, tz: ZoneInfo) -> datetime:
    """A local time of a day as an instant: the first of two, and the first real instant after a gap."""
    wanted = datetime.combine(day, time.fromisoformat(clock))
    moment = midnight(day, tz)
    while moment.astimezone(tz).replace(tzinfo=None) < wanted:
        moment += MINUTE
    return moment


def support_seconds(start: datetime, end: datetime, tz: ZoneInfo) -> float:
    """Seconds of Monday to Friday, 09:00 to 17:00 local, between two instants."""
    total, day = 0.0, start.astimezone(tz).date()
    while day <= end.astimezone(tz).date():
        if day.isoweekday() <= 5:
            opens, closes = at_wall(day, "09:00", tz), at_wall(day, "17:00", tz)
            total += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
        day += DAY
    return total


def business_days(start: datetime, end: datetime, tz: ZoneInfo) -> float:
    """The time between two instants without local Saturdays and Sundays, in days of 24 hours."""
    total, day = timedelta(0), start.astimezone(tz).date()
    while day <= end.astimezone(tz).date():
        if day.isoweekday() <= 5:
            total += max(timedelta(0), min(end, midnight(day + DAY, tz)) - max(start, midnight(day, tz)))
        day += DAY
    return total / DAY
