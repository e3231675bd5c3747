"""Samples: exact values while few, log buckets (1 % relative error) beyond; the mean stays exact."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import Any, Self

from slo.measure.item import Item
from slo.measure.state import State, added, exact, pack, summed, unpack
from slo.statistics import quantile

GAMMA = 1.02
EXACT_LIMIT = 10_000


def bucket_of(value: float, gamma: float = GAMMA) -> int:
    """The index i with gamma^(i-1) < value <= gamma^i; ``value`` > 0."""
    index = math.ceil(math.log(value) / math.log(gamma))
    if value <= gamma ** (index - 1):
        return index - 1
    return index + 1 if value > gamma**index else index


def bucket_value(index: int, gamma: float = GAMMA) -> float:
    """What a value in the bucket counts as: within 1 % of every value in it."""
    return float(2 * gamma**index / (gamma + 1))


def rebucket(buckets: dict[int, float], gamma: float) -> dict[int, float]:
    """Counts moved to GAMMA's buckets by each bucket's value."""
    if gamma == GAMMA:
        return dict(buckets)
    moved: dict[int, float] = {}
    for index, count in buckets.items():
        target = bucket_of(bucket_value(index, gamma))
        moved[target] = moved.get(target, 0) + count
    return moved


@dataclass(frozen=True, slots=True)
class Samples(State):
    values: tuple[float, ...] = ()
    """Sorted; empty once the exact limit was passed."""
    buckets: dict[int, float] = field(default_factory=dict)
    zero: float = 0
    """How many of the bucketed values were 0."""
    total: Fraction = Fraction(0)
    excluded: dict[str, int] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)
    """Sums that stand beside the values (days of data backfilled)."""

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        values: list[float] = []
        state = cls()
        excluded: dict[str, int] = {}
        beside: dict[str, int] = {}
        for item in items:
            beside = added(beside, item.beside) if item.beside else beside
            if item.excluded is not None:
                excluded[item.excluded] = excluded.get(item.excluded, 0) + 1
            elif item.buckets is not None:
                state = state.merge(cls.bucketed(item.buckets, item.zero))
            elif item.value is not None:
                values.append(float(item.value))
        total = sum((exact(value) for value in values), Fraction(0))
        return cls(tuple(sorted(values)), total=total, excluded=excluded, beside=beside)._settled().merge(state)

    @classmethod
    def bucketed(cls, buckets: dict[int, float], zero: float = 0) -> Self:
        """From counts in GAMMA's buckets, as a warehouse hands them in."""
        total = sum((exact(count) * exact(bucket_value(index)) for index, count in buckets.items()), Fraction(0))
        return cls((), {index: count for index, count in buckets.items() if count}, zero, total)

    def merge(self, other: Self) -> Self:
        buckets = dict(self.buckets)
        for index, count in other.buckets.items():
            buckets[index] = buckets.get(index, 0) + count
        excluded = dict(self.excluded)
        for reason, count in other.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + count
        return type(self)(
            tuple(sorted(self.values + other.values)), buckets, self.zero + other.zero, self.total + other.total,
            excluded, added(self.beside, other.beside),
        )._settled()  # fmt: skip

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        """In one go: sorted once, however many there are."""
        many = list(states)
        if len(many) < 2:
            return many[0] if many else cls()
        buckets: dict[int, float] = {}
        excluded: dict[str, int] = {}
        beside: dict[str, int] = {}
        for one in many:
            for index, count in one.buckets.items():
                buckets[index] = buckets.get(index, 0) + count
            for reason, number in one.excluded.items():
                excluded[reason] = excluded.get(reason, 0) + number
            beside = added(beside, one.beside) if one.beside else beside
        values = tuple(sorted(chain.from_iterable(one.values for one in many)))
        zero, total = sum(one.zero for one in many), summed(one.total for one in many)
        return cls(values, buckets, zero, total, excluded, beside)._settled()

    def _settled(self) -> Self:
        """Exact while all values are known and few, else bucketed whole: so the order of merging can't matter."""
        if not self.values or (len(self.values) <= EXACT_LIMIT and not self.buckets and not self.zero):
            return self
        buckets, zero = dict(self.buckets), self.zero
        for value in self.values:
            if value <= 0:
                zero += 1
            else:
                index = bucket_of(value)
                buckets[index] = buckets.get(index, 0) + 1
        return type(self)((), buckets, zero, self.total, self.excluded, self.beside)

    @property
    def n(self) -> float:
        count = len(self.values) + self.zero + sum(self.buckets.values())
        return int(count) if count == int(count) else count

    @property
    def mean(self) -> float | None:
        return float(self.total / exact(self.n)) if self.n else None

    def quantile(self, q: float) -> float | None:
        """R-7 while exact; from buckets the first whose cumulated count exceeds q (n - 1)."""
        if self.values:
            return quantile(self.values, q)
        if not self.n:
            return None
        rank, seen = q * (self.n - 1), self.zero
        if seen > rank:
            return 0.0
        for index in sorted(self.buckets):
            seen += self.buckets[index]
            if seen > rank:
                return bucket_value(index)
        return bucket_value(max(self.buckets))

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"t": pack(self.total)}
        if self.values:
            data["v"] = list(self.values)
        if self.buckets:
            data["b"] = {str(index): count for index, count in sorted(self.buckets.items())}
        if self.zero:
            data["z"] = self.zero
        if self.excluded:
            data["x"] = self.excluded
        if self.beside:
            data["s"] = self.beside
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        buckets = {int(index): count for index, count in data.get("b", {}).items()}
        return cls(
            tuple(data.get("v", ())), buckets, data.get("z", 0), unpack(data.get("t", 0)), data.get("x", {}),
            data.get("s", {}),
        )  # fmt: skip
