"""Levels: what a gauge showed first and last, per key; growth is the difference of two levels."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Self

from slo.measure.item import Item
from slo.measure.state import State, exact, pack, unpack

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """What was read at an instant (microseconds since 1970)."""

    at: int
    amount: Fraction

    @property
    def moment(self) -> datetime:
        return EPOCH + self.at * MICROSECOND


@dataclass(frozen=True, slots=True)
class Levels(State):
    """The first and the last level of each key (an item's ``key``, else its asset). Of two levels of one instant the
    higher counts, whatever came first."""

    first: dict[str, Level] = field(default_factory=dict)
    last: dict[str, Level] = field(default_factory=dict)

    @classmethod
    def title(cls) -> str:
        return "Change"

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        counted = (item for item in items if item.value is not None and item.excluded is None)
        return cls.together(cls._one(item) for item in counted)

    @classmethod
    def _one(cls, item: Item) -> Self:
        key = item.key or item.asset or ""
        level = Level((item.at - EPOCH) // MICROSECOND, exact(item.value or 0))
        return cls({key: level}, {key: level})

    def merge(self, other: Self) -> Self:
        return self.together((self, other))

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        first: dict[str, Level] = {}
        last: dict[str, Level] = {}
        for state in states:
            for key, level in state.first.items():
                first[key] = _earlier(first.get(key, level), level)
            for key, level in state.last.items():
                last[key] = max(last.get(key, level), level)
        return cls(first, last)

    @property
    def names(self) -> Collection[str]:
        return self.last

    def only(self, kept: Collection[str]) -> Self:
        """With some of its keys alone."""
        here = [key for key in kept if key in self.last]
        return type(self)({key: self.first[key] for key in here}, {key: self.last[key] for key in here})

    def to_json(self) -> dict[str, Any]:
        return {
            key: [level.at, pack(level.amount), self.last[key].at, pack(self.last[key].amount)]
            for key, level in sorted(self.first.items())
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            {key: Level(told[0], unpack(told[1])) for key, told in data.items()},
            {key: Level(told[2], unpack(told[3])) for key, told in data.items()},
        )


def _earlier(one: Level, two: Level) -> Level:
    return max(one, two) if one.at == two.at else min(one, two)
