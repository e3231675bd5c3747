"""Ratio: good and bad counts (events, or microseconds), what is unknown, and what was excluded by reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from slo.measure.item import Item
from slo.measure.state import State, added

Parts = tuple[int, int, int]
"""good, bad, neither."""

BLAME = ("vendor", "upstream")
"""Reasons that excuse the platform but not what its users felt."""


@dataclass(frozen=True, slots=True)
class Ratio(State):
    good: int = 0
    bad: int = 0
    unseen: int = 0
    """Expected, but the source was not observed: lowers coverage."""
    unjudged: int = 0
    """Seen, but no rule decides it: unknown without lowering coverage."""
    excluded: dict[str, Parts] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)
    """Counts that stand beside the ratio without deciding it (first tries, duplicates)."""

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        good = bad = unseen = unjudged = 0
        excluded: dict[str, Parts] = {}
        beside: dict[str, int] = {}
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
        return cls(good, bad, unseen, unjudged, excluded, beside)

    def merge(self, other: Self) -> Self:
        excluded = dict(self.excluded)
        for reason, parts in other.excluded.items():
            excluded[reason] = _add(excluded.get(reason, (0, 0, 0)), parts)
        return type(self)(
            self.good + other.good, self.bad + other.bad, self.unseen + other.unseen,
            self.unjudged + other.unjudged, excluded, added(self.beside, other.beside),
        )  # fmt: skip

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
        return type(self)(self.good + good, self.bad + bad, self.unseen, self.unjudged, rest, self.beside)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"g": self.good, "b": self.bad, "u": self.unseen, "j": self.unjudged}
        data = {key: value for key, value in data.items() if value}
        if self.excluded:
            data["x"] = {reason: list(parts) for reason, parts in sorted(self.excluded.items())}
        if self.beside:
            data["s"] = self.beside
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        excluded = {reason: (p[0], p[1], p[2]) for reason, p in data.get("x", {}).items()}
        return cls(data.get("g", 0), data.get("b", 0), data.get("u", 0), data.get("j", 0), excluded, data.get("s", {}))


def _add(one: Parts, two: Parts) -> Parts:
    return (one[0] + two[0], one[1] + two[1], one[2] + two[2])
