"""What is asked of the truth: a world, a window of local days, a moment to look from, and a scope."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from tierline.demo.chance import day_bounds, local, local_day
from tierline.demo.model import Check, Thing
from tierline.demo.world import World


@dataclass(frozen=True)
class Question:
    """``first`` to ``last`` are local days, both included; nothing after ``as_of`` is known."""

    world: World
    first: date
    last: date
    as_of: datetime
    tier: int | None = None
    team: str | None = None
    domain: str | None = None

    @classmethod
    def rolling(cls, world: World, days: int, as_of: datetime, **scope: Any) -> Question:
        """The ``days`` local days that end with as_of's own; at midnight with the one that has just ended."""
        last = local_day(as_of - timedelta(microseconds=1))
        return cls(world, last - timedelta(days=days - 1), last, as_of, **scope)

    @property
    def start(self) -> datetime:
        return local(self.first)

    @property
    def end(self) -> datetime:
        return local(self.last + timedelta(days=1))

    @property
    def stop(self) -> datetime:
        """The earlier of the window's end and as-of."""
        return min(self.end, self.as_of)

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in the window, and is not after as-of."""
        return self.start <= moment < self.end and moment <= self.as_of

    def before(self) -> Question:
        """The same number of days directly before."""
        days = (self.last - self.first).days + 1
        return Question(
            self.world, self.first - timedelta(days=days), self.first - timedelta(days=1), self.as_of,
            self.tier, self.team, self.domain,
        )  # fmt: skip

    def fits(self, thing: Thing, moment: datetime) -> bool:
        """Whether the thing is in scope by what holds for it at the moment."""
        version = thing.at(moment)
        return (
            self.tier in (None, version.tier)
            and self.team in (None, version.team)
            and self.domain in (None, thing.domain)
        )

    def elapsed_days(self) -> float:
        """Local days of the window that have passed: each is one, however many hours it has."""
        return sum(
            max(0.0, min(1.0, (self.stop - start) / (end - start)))
            for _, start, end in self.days()
            if start < self.stop
        )

    def days(self) -> Iterator[tuple[date, datetime, datetime]]:
        """Each local day of the window with its bounds."""
        for offset in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=offset)
            yield day, *day_bounds(day)

    def counted(self, total: float, rate: float = 1.0) -> dict[str, Any]:
        """A sum of the window, and the value it makes. None at all is only known where all of it was seen."""
        if not total and self.start < self.world.start:
            return {"value": None}
        return {"value": total * rate, "sum": total}

    def thing(self, name: str) -> Thing | None:
        """The asset of a name."""
        return _by_name(self.world).get(name)

    def checks(self) -> list[Check]:
        """Every check that was run by as-of, in order."""
        return [check for check in _checks(self.world) if check.at <= self.as_of]


@cache
def _by_name(world: World) -> dict[str, Thing]:
    return {thing.name: thing for thing in world.catalog}


@cache
def _checks(world: World) -> list[Check]:
    return [check for day in world.dates() for check in world.checks(day)]


def quantile(values: Sequence[float], share: float) -> float:
    """R-7: linear between the two nearest ranks of (n - 1)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ratio(good: float, bad: float, **more: float) -> dict[str, Any]:
    """Good of all; None where there is neither."""
    return {"value": good / (good + bad) if good + bad else None, "good": good, "bad": bad, **more}


def spans(values: Sequence[float]) -> dict[str, Any]:
    """Mean, median and count of durations, without a value yet."""
    if not values:
        return {"value": None, "n": 0}
    mean = math.fsum(values) / len(values)
    return {"value": mean, "n": len(values), "mean": mean, "median": quantile(values, 0.5)}
