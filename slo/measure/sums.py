"""Measures that are sums: Quotient, Count, Score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar, Self

from slo.measure.item import Item
from slo.measure.state import State, added, exact, pack, unpack


def _total(amounts: Iterable[Fraction | None]) -> Fraction | None:
    """A sum in which None is "never told", not nought. Whole amounts, which most are, add up as integers."""
    told = [amount for amount in amounts if amount is not None]
    if not told:
        return None
    whole = sum(amount.numerator for amount in told if amount.denominator == 1)
    return sum((amount for amount in told if amount.denominator != 1), Fraction(whole))


def _optional(data: int | str | None) -> Fraction | None:
    return None if data is None else unpack(data)


@dataclass(frozen=True, slots=True)
class Quotient(State):
    """Numerator over denominator; a side that was never told is None, and so is the value."""

    form: ClassVar[int] = 2
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    unknown: int = 0
    excluded: dict[str, Fraction] = field(default_factory=dict)
    """Numerators left out, by reason or category."""
    beside: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        state = cls()
        for item in items:
            state = state.merge(cls._one(item))
        return state

    @classmethod
    def _one(cls, item: Item) -> Self:
        value = None if item.value is None else exact(item.value)
        if item.excluded is not None:
            return cls(excluded={item.excluded: value or Fraction(0)})
        over = None if item.over is None else exact(item.over)
        return cls(value, over, item.unseen + item.unjudged, beside=item.beside or {})

    def merge(self, other: Self) -> Self:
        return self.together((self, other))

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        told = list(states)
        excluded: dict[str, list[Fraction]] = {}
        beside: dict[str, int] = {}
        for state in told:
            for reason, amount in state.excluded.items():
                excluded.setdefault(reason, []).append(amount)
            beside = added(beside, state.beside) if state.beside else beside
        return cls(
            _total(state.numerator for state in told), _total(state.denominator for state in told),
            sum(state.unknown for state in told),
            {reason: _total(amounts) or Fraction(0) for reason, amounts in excluded.items()}, beside,
        )  # fmt: skip

    @property
    def value(self) -> Fraction | None:
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator

    def to_json(self) -> dict[str, Any]:
        return {
            "n": None if self.numerator is None else pack(self.numerator),
            "d": None if self.denominator is None else pack(self.denominator),
            "u": self.unknown,
            "x": {reason: pack(amount) for reason, amount in sorted(self.excluded.items())},
            "s": self.beside,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        excluded = {reason: unpack(amount) for reason, amount in data.get("x", {}).items()}
        return cls(_optional(data.get("n")), _optional(data.get("d")), data.get("u", 0), excluded, data.get("s", {}))


@dataclass(frozen=True, slots=True)
class Count(State):
    """A weighted sum over a period, and how many things it was made of."""

    total: Fraction = Fraction(0)
    n: int = 0
    excluded: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        total, n = Fraction(0), 0
        excluded: dict[str, int] = {}
        for item in items:
            if item.excluded is not None:
                excluded[item.excluded] = excluded.get(item.excluded, 0) + 1
            elif item.value is not None:
                total, n = total + exact(item.value), n + 1
        return cls(total, n, excluded)

    def merge(self, other: Self) -> Self:
        excluded = dict(self.excluded)
        for reason, count in other.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + count
        return type(self)(self.total + other.total, self.n + other.n, excluded)

    def to_json(self) -> dict[str, Any]:
        return {"t": pack(self.total), "n": self.n, "x": self.excluded}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(unpack(data.get("t", 0)), data.get("n", 0), data.get("x", {}))


@dataclass(frozen=True, slots=True)
class Score(State):
    """Survey answers: their sum, promoters (9-10) and detractors (0-6) of those on the NPS scale, and how many
    gave each score."""

    total: Fraction = Fraction(0)
    n: int = 0
    promoters: int = 0
    detractors: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    """Score -> how many gave it."""

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        scores = [item.value for item in items if item.value is not None and item.excluded is None]
        total = sum((exact(score) for score in scores), Fraction(0))
        answers = {f"{float(score):g}": 0 for score in scores}
        for score in scores:
            answers[f"{float(score):g}"] += 1
        promoters, detractors = sum(score >= 9 for score in scores), sum(score <= 6 for score in scores)
        return cls(total, len(scores), promoters, detractors, answers)

    def merge(self, other: Self) -> Self:
        return type(self)(
            self.total + other.total, self.n + other.n, self.promoters + other.promoters,
            self.detractors + other.detractors, added(self.answers, other.answers),
        )  # fmt: skip

    @property
    def mean(self) -> float | None:
        return float(self.total / self.n) if self.n else None

    @property
    def nps(self) -> float | None:
        return 100 * (self.promoters - self.detractors) / self.n if self.n else None

    def to_json(self) -> dict[str, Any]:
        counts = {"n": self.n, "p": self.promoters, "d": self.detractors}
        return {"t": pack(self.total), **counts, "a": self.answers}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        counts = (data.get("n", 0), data.get("p", 0), data.get("d", 0))
        return cls(unpack(data.get("t", 0)), *counts, data.get("a", {}))
