"""Register: a Ratio as it stood.

Its states are *changes*: an item of ``sign`` -1 takes back what an earlier one of +1 said, in the dimensions in which
that was said. So the states of all days up to a window's end add up to what stood there, in any scope and order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from slo.measure.item import Item
from slo.measure.ratio import Parts, Ratio


def _left(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}


def _left_parts(excluded: Mapping[str, Parts]) -> dict[str, Parts]:
    return {reason: parts for reason, parts in sorted(excluded.items()) if any(parts)}


@dataclass(frozen=True, slots=True)
class Register(Ratio):
    """Good and bad, unknown, and excluded by reason, as they stood. ``beside`` counts what else stood there (how many
    had an owner); what is excluded is in none of them. Nothing that came to nought is kept."""

    form: ClassVar[int] = 3

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        return cls.together(map(cls._one, items))

    @classmethod
    def _one(cls, item: Item) -> Self:
        if item.excluded is not None:
            parts = (item.sign * item.good, item.sign * item.bad, item.sign * item.other)
            return cls(excluded={item.excluded: parts})
        sign = item.sign
        beside = {name: sign * count for name, count in (item.beside or {}).items()}
        return cls(sign * item.good, sign * item.bad, sign * item.unseen, sign * item.unjudged, beside=beside)

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        good = bad = unseen = unjudged = 0
        excluded: dict[str, Parts] = {}
        beside: dict[str, int] = {}
        for state in states:
            good, bad = good + state.good, bad + state.bad
            unseen, unjudged = unseen + state.unseen, unjudged + state.unjudged
            for reason, (well, badly, other) in state.excluded.items():
                parts = excluded.get(reason, (0, 0, 0))
                excluded[reason] = (parts[0] + well, parts[1] + badly, parts[2] + other)
            for name, count in state.beside.items():
                beside[name] = beside.get(name, 0) + count
        return cls(good, bad, unseen, unjudged, _left_parts(excluded), _left(beside))

    def merge(self, other: Self) -> Self:
        return self.together((self, other))
