"""Ratio: good and bad counts (events, or microseconds), what is unknown, what was excluded by reason, and which part
of the counts somebody else answers for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from slo.measure.item import Item
from slo.measure.state import State, added

Parts = tuple[int, int, int]
"""good, bad, neither."""
Pair = tuple[int, int]
"""good, bad."""

BLAME = ("vendor", "upstream")
"""Reasons that excuse the platform but not what its users felt."""
OURS = (None, "platform")
"""Responsible words that mean ourselves."""


@dataclass(frozen=True, slots=True)
class Ratio(State):
    form: ClassVar[int] = 3

    good: int = 0
    bad: int = 0
    unseen: int = 0
    """Expected, but the source was not observed: lowers coverage."""
    unjudged: int = 0
    """Seen, but no rule decides it: unknown without lowering coverage."""
    excluded: dict[str, Parts] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)
    """Counts that stand beside the ratio without deciding it (first tries, duplicates)."""
    others: dict[str, Pair] = field(default_factory=dict)
    """The part of good and bad that others answer for, by who it is."""

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        good = bad = unseen = unjudged = 0
        excluded: dict[str, Parts] = {}
        beside: dict[str, int] = {}
        others: dict[str, Pair] = {}
        for item in items:
            beside = added(beside, item.beside) if item.beside else beside
            if item.excluded is not None:
                parts = (item.good, item.bad, item.other)
                excluded[item.excluded] = _add(excluded.get(item.excluded, (0, 0, 0)), parts)
                continue
            good += item.good
            bad += item.bad
            unseen += item.unseen
            unjudged += item.unjudged
            if item.responsible not in OURS and item.good + item.bad:
                others = _and(others, {str(item.responsible): (item.good, item.bad)})
        return cls(good, bad, unseen, unjudged, excluded, beside, others)

    def merge(self, other: Self) -> Self:
        excluded = dict(self.excluded)
        for reason, parts in other.excluded.items():
            excluded[reason] = _add(excluded.get(reason, (0, 0, 0)), parts)
        return type(self)(
            self.good + other.good, self.bad + other.bad, self.unseen + other.unseen,
            self.unjudged + other.unjudged, excluded, added(self.beside, other.beside), _and(self.others, other.others),
        )  # fmt: skip

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        """In one go: most have nothing but good and bad."""
        good = bad = unseen = unjudged = 0
        excluded: dict[str, Parts] = {}
        beside: dict[str, int] = {}
        others: dict[str, Pair] = {}
        for one in states:
            good, bad = good + one.good, bad + one.bad
            unseen, unjudged = unseen + one.unseen, unjudged + one.unjudged
            for reason, parts in one.excluded.items():
                excluded[reason] = _add(excluded.get(reason, (0, 0, 0)), parts)
            for name, count in one.beside.items():
                beside[name] = beside.get(name, 0) + count
            others = _and(others, one.others) if one.others else others
        return cls(good, bad, unseen, unjudged, excluded, dict(sorted(beside.items())), others)

    @property
    def total(self) -> int:
        return self.good + self.bad

    @property
    def unknown(self) -> int:
        return self.unseen + self.unjudged

    @property
    def excluded_total(self) -> int:
        return sum(sum(parts) for parts in self.excluded.values())

    @property
    def coverage(self) -> float | None:
        """Judged / (judged + unseen); None where nothing was expected."""
        expected = self.total + self.unseen
        return self.total / expected if expected else None

    def as_felt(self) -> Self:
        """With what was excluded for somebody else's fault put back."""
        back = [parts for reason, parts in self.excluded.items() if reason in BLAME]
        rest = {reason: parts for reason, parts in self.excluded.items() if reason not in BLAME}
        good, bad = (sum(parts[side] for parts in back) for side in (0, 1))
        return type(self)(self.good + good, self.bad + bad, self.unseen, self.unjudged, rest, self.beside, self.others)

    def ours(self) -> Self:
        """What the platform itself answers for: what others do is left out of good and bad."""
        good, bad = (sum(pair[side] for pair in self.others.values()) for side in (0, 1))
        return type(self)(self.good - good, self.bad - bad, self.unseen, self.unjudged, self.excluded, self.beside)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"g": self.good, "b": self.bad, "u": self.unseen, "j": self.unjudged}
        data = {key: value for key, value in data.items() if value}
        if self.excluded:
            data["x"] = {reason: list(parts) for reason, parts in sorted(self.excluded.items())}
        if self.beside:
            data["s"] = self.beside
        if self.others:
            data["o"] = {name: list(pair) for name, pair in sorted(self.others.items())}
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        get = data.get
        left, theirs = get("x"), get("o")  # of most days there is neither
        excluded = {reason: (p[0], p[1], p[2]) for reason, p in left.items()} if left else {}
        others = {name: (pair[0], pair[1]) for name, pair in theirs.items()} if theirs else {}
        return cls(get("g", 0), get("b", 0), get("u", 0), get("j", 0), excluded, get("s") or {}, others)


def _add(one: Parts, two: Parts) -> Parts:
    return (one[0] + two[0], one[1] + two[1], one[2] + two[2])


def _and(one: dict[str, Pair], two: dict[str, Pair]) -> dict[str, Pair]:
    """Pairs by name, added up."""
    if not (one and two):
        return one or two
    nothing = (0, 0)
    pairs = {name: (one.get(name, nothing), two.get(name, nothing)) for name in sorted({*one, *two})}
    return {name: (first[0] + second[0], first[1] + second[1]) for name, (first, second) in pairs.items()}
