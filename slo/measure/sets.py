"""Distinct: how many different keys there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from slo.measure.item import Item
from slo.measure.state import State, added


@dataclass(frozen=True, slots=True)
class Distinct(State):
    """Keys, and how often each was told less how often it was taken back; the value is how many are left. What came to
    nought is not kept."""

    form: ClassVar[int] = 2

    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        counts: dict[str, int] = {}
        for item in items:
            if item.key is not None and item.excluded is None:
                counts[item.key] = counts.get(item.key, 0) + item.sign
        return cls(_left(counts))

    def merge(self, other: Self) -> Self:
        return type(self)(_left(added(self.counts, other.counts)))

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(key for key, count in self.counts.items() if count > 0)

    def only(self, kept: Collection[str]) -> Self:
        """With some of its keys alone."""
        return type(self)({key: count for key, count in self.counts.items() if key in kept})

    def to_json(self) -> dict[str, Any]:
        return dict(sorted(self.counts.items()))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(dict(data))


def _left(counts: dict[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count}
