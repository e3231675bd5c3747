"""Hours that manual work costs, and the sessions in which teams learn from each other, week by week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tierline.demo.catalog import TEAMS
from tierline.demo.chance import dice, local
from tierline.demo.people.note import Note
from tierline.demo.weather import Weather

HOURS = {"core-data": 9.0, "commerce": 6.5, "finance-data": 5.0, "growth": 4.0, "logistics": 3.5, "ml-platform": 3.0}
"""Hours a week at the world's end; a year before they were twice as many."""
TASKS = ("rerun by hand", "fix a vendor's file", "grant access", "clean up duplicates")
TOPICS = ("Backfills without fear", "Reading a query plan", "Writing a data contract", "On-call for newcomers")


def toil(seed: int, weather: Weather, days: int) -> Iterator[Note]:
    """Each team writes on Friday afternoon what it did by hand; in one week in twenty it forgets."""
    for friday in _weekdays(weather.last, days, 4):
        for team, usual in HOURS.items():
            rng = dice(seed, "toil", team, friday)
            age = min(1.0, (weather.last - friday).days / 365)
            bad = 1.6 if weather.is_bad_week(friday) else 1.0
            hours = round(usual * (1 + age) * bad * rng.uniform(0.6, 1.4), 1)
            if rng.random() > 0.05:
                key = f"{friday}/{team}"
                yield Note("toil", key, local(friday, 15), rng.choice(TASKS), team, hours)


def sessions(seed: int, weather: Weather, days: int) -> Iterator[Note]:
    """A session on most Wednesdays; now and then a series is written down as one line with its number."""
    for wednesday in _weekdays(weather.last, days, 2):
        rng = dice(seed, "session", wednesday)
        if rng.random() < 0.75:
            series = float(rng.choice((2, 3))) if rng.random() < 0.2 else None
            yield Note("session", f"{wednesday}", local(wednesday, 14), rng.choice(TOPICS), rng.choice(TEAMS), series)


def _weekdays(last: date, days: int, weekday: int) -> Iterator[date]:
    """The days of this weekday (Monday is 0) of the last ``days``, oldest first."""
    for back in range(days, -1, -1):
        day = last - timedelta(days=back)
        if day.weekday() == weekday:
            yield day


def written(notes: Iterator[Note]) -> list[Note]:
    """In the order in which they were written down."""
    return sorted(notes, key=_order)


def _order(note: Note) -> tuple[datetime, str]:
    return note.at, note.key
