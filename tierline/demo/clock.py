"""When a schedule calls for a run. The world knows five forms of cron and works their ticks out by hand, apart from
the product's own cron arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tierline.demo.chance import day_bounds, local, local_day


def ticks(cron: str, day: date) -> Iterator[datetime]:
    """The instants of one local day at which the cron calls for a run, in order. Forms: "M * * * *",
    "*/M * * * *", "M */H * * *", "M H * * *", "M H * * 1-5", "M H * * D"."""
    minute, hour, _, _, weekday = cron.split()
    if not _on(weekday, day):
        return
    if hour == "*":
        yield from _every_hour(minute, day)
        return
    for local_hour in _hours(hour):
        yield local(day, local_hour, int(minute))


def _on(weekday: str, day: date) -> bool:
    """Cron counts Sunday as 0."""
    number = day.isoweekday() % 7
    return weekday == "*" or (weekday == "1-5" and 1 <= number <= 5) or weekday == str(number)


def _hours(hour: str) -> range:
    return range(0, 24, int(hour[2:])) if hour.startswith("*/") else range(int(hour), int(hour) + 1)


def _every_hour(minute: str, day: date) -> Iterator[datetime]:
    """Real hours: a day of 25 hours has 25 of them. The zone's offset is whole hours."""
    step = timedelta(minutes=int(minute[2:])) if minute.startswith("*/") else timedelta(hours=1)
    start, end = day_bounds(day)
    moment = start if minute.startswith("*/") else start + timedelta(minutes=int(minute))
    while moment < end:
        yield moment
        moment += step


def following_tick(cron: str, moment: datetime) -> datetime:
    """The first tick after a moment: within eight days, whatever the form."""
    day = local_day(moment)
    ahead = (tick for offset in range(9) for tick in ticks(cron, day + timedelta(days=offset)))
    return next(tick for tick in ahead if tick > moment)


def period(cron: str) -> timedelta:
    """The usual time between two runs: how much data one run covers."""
    minute, hour, _, _, weekday = cron.split()
    if hour == "*":
        return timedelta(minutes=int(minute[2:])) if minute.startswith("*/") else timedelta(hours=1)
    if hour.startswith("*/"):
        return timedelta(hours=int(hour[2:]))
    return timedelta(days=7) if weekday.isdigit() else timedelta(days=1)
