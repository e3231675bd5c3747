"""What those who use the platform answer when they are asked: on 10 each month, on 5 after a training, NPS each
quarter. Nobody's name is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tierline.demo.chance import dice, local
from tierline.demo.weather import Weather

AUDIENCES = ("analysts", "data scientists", "product managers")


@dataclass(frozen=True, slots=True)
class Answer:
    key: str
    at: datetime
    score: float
    scale: str
    """10, 5 or nps."""
    audience: str


def answers(seed: int, weather: Weather, days: int) -> Iterator[Answer]:
    """From the 4th of each month on. In a bad month few answer, and they are less pleased."""
    for day in (weather.last - timedelta(days=back) for back in range(days, -1, -1)):
        if day.day == 4:
            yield from _of_month(seed, day, weather.is_bad_week(day))
        if day.day == 12:
            yield from _asked(seed, day, "5", 3, 4.1, 5)
        if day.day == 16 and day.month % 3 == 2:
            yield from _asked(seed, day, "nps", 14, 8.3, 10)


def _of_month(seed: int, day: date, bad: bool) -> Iterator[Answer]:
    yield from _asked(seed, day, "10", 3 if bad else 9, 6.2 if bad else 7.8, 10)


def _asked(seed: int, day: date, scale: str, count: int, usual: float, most: int) -> Iterator[Answer]:
    for number in range(count):
        rng = dice(seed, "survey", scale, day, number)
        score = min(most, max(1, round(rng.gauss(usual, 1.3))))
        at = local(day, 9 + number % 8, rng.randrange(60)) + timedelta(days=number // 8)
        yield Answer(f"{day}/{scale}/{number}", at, float(score), scale, rng.choice(AUDIENCES))
