"""What every measure's state can do: be built from judged items, merge, be stored as JSON and read back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, ClassVar, Self, TypeVar

from slo.measure.item import Item


class State(ABC):
    """A commutative monoid: ``merge`` is associative and commutative, ``State()`` its neutral element.

    Sums are kept as exact fractions, so that the order in which days are merged can't move the last digit.
    """

    form: ClassVar[int] = 1
    """Of what is stored: raised, every state of the measure is rebuilt."""

    @classmethod
    def title(cls) -> str:
        """The measure's name in results: the design's word, where ours is a kind of it."""
        return cls.__name__

    @classmethod
    @abstractmethod
    def of(cls, items: Iterable[Item]) -> Self:
        """The state of some judged items."""

    @abstractmethod
    def merge(self, other: Self) -> Self:
        """Both together. Neither operand is changed."""

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        """Many states merged. What is added up in great numbers may know a quicker way."""
        total: Self | None = None
        for state in states:
            total = state if total is None else total.merge(state)
        return cls.of(()) if total is None else total

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Plain JSON; ``from_json`` of it equals this state."""

    @classmethod
    @abstractmethod
    def from_json(cls, data: dict[str, Any]) -> Self: ...


S = TypeVar("S", bound=State)


def merge_all(kind: type[S], states: Iterable[S]) -> S:
    """All states merged; the neutral one where there are none."""
    return kind.together(states)


def merge_keyed(kind: type[S], states: Iterable[Mapping[str, S]]) -> dict[str, S]:
    """States by key, those of one key merged: each key is touched once, however many states there are."""
    grouped: dict[str, list[S]] = {}
    for state in states:
        for key, own in state.items():
            grouped.setdefault(key, []).append(own)
    return {key: merge_all(kind, members) for key, members in grouped.items()}


def exact(number: float | int | Fraction) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(number)


def summed(numbers: Iterable[Fraction]) -> Fraction:
    """Many fractions added up, those of one denominator as whole numbers."""
    tops: dict[int, int] = {}
    for number in numbers:
        tops[number.denominator] = tops.get(number.denominator, 0) + number.numerator
    return sum((Fraction(top, bottom) for bottom, top in tops.items()), Fraction(0))


def pack(number: Fraction) -> int | str:
    """A fraction as JSON: a whole number, or "numerator/denominator"."""
    return number.numerator if number.denominator == 1 else f"{number.numerator}/{number.denominator}"


def unpack(data: int | str) -> Fraction:
    return Fraction(data)


def number(value: Fraction) -> int | float:
    """A fraction as the number people read: an int where it is whole."""
    return value.numerator if value.denominator == 1 else float(value)


def written(amount: float) -> Fraction:
    """A float as people wrote it, by the fifteen digits that it keeps: 7.7 is 77 tenths, not the float beside it."""
    return Fraction(f"{amount:.15g}")


def relative(now: float, then: float) -> float:
    """now / then - 1, of what was written: from 100 to 90 is a tenth less, to the last digit."""
    return float(written(now) / written(then) - 1)


def added(one: dict[str, int], two: dict[str, int]) -> dict[str, int]:
    """Sums by name, added up."""
    return {name: one.get(name, 0) + two.get(name, 0) for name in sorted({*one, *two})}
