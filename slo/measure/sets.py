"""Measures over keys: Distinct and Register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from slo.measure.item import Item
from slo.measure.ratio import Ratio
from slo.measure.state import State, merge_all


@dataclass(frozen=True, slots=True)
class Distinct(State):
    """A set of keys; the value is its size."""

    keys: frozenset[str] = frozenset()

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        return cls(frozenset(item.key for item in items if item.key is not None and item.excluded is None))

    def merge(self, other: Self) -> Self:
        return type(self)(self.keys | other.keys)

    def to_json(self) -> dict[str, Any]:
        return {"k": sorted(self.keys)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(frozenset(data.get("k", ())))


@dataclass(frozen=True, slots=True)
class Register(State):
    """A Ratio as it stood: per key the state of the latest moment; earlier ones are forgotten in merging."""

    entries: dict[str, tuple[str, Ratio]] = field(default_factory=dict)
    """key -> (ISO moment, its Ratio)"""

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        state = cls()
        for item in items:
            key = item.key or item.asset or ""
            state = state.merge(cls({key: (item.at.isoformat(), Ratio.of([item]))}))
        return state

    def merge(self, other: Self) -> Self:
        entries = dict(self.entries)
        for key, entry in other.entries.items():
            mine = entries.get(key)
            if mine is None or _order(entry) > _order(mine):
                entries[key] = entry
        return type(self)(entries)

    def ratio(self) -> Ratio:
        """All keys as they stand, added up."""
        return merge_all(Ratio, (ratio for _, ratio in self.entries.values()))

    def to_json(self) -> dict[str, Any]:
        return {key: [moment, ratio.to_json()] for key, (moment, ratio) in sorted(self.entries.items())}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls({key: (entry[0], Ratio.from_json(entry[1])) for key, entry in data.items()})


def _order(entry: tuple[str, Ratio]) -> tuple[str, str]:
    """By moment; of two told for one moment any fixed choice does, as long as it is the same in every order."""
    return entry[0], repr(sorted(entry[1].to_json().items(), key=str))
