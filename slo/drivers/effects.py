"""The arithmetic of drivers: a change of value parted into what is mix and what is rate, exactly.

A value is R = sum of tops / sum of bottoms (a ratio, a quotient, a mean), or a plain sum of tops. Over two windows each
group's effect on R1 - R0 is its mix (its weight in the whole changed) and its rate (its own value changed); all
effects add up to the change, in fractions, without a remainder. docs/decisions/drivers.md works an example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

NOUGHT = Fraction(0)


@dataclass(frozen=True, slots=True)
class Amount:
    """A group's part of a value: ``top`` over ``bottom``; ``bottom`` None: tops add up by themselves."""

    top: Fraction = NOUGHT
    bottom: Fraction | None = NOUGHT

    @property
    def value(self) -> Fraction | None:
        """The group's own value; None where nothing of it was counted."""
        if self.bottom is None:
            return self.top
        return self.top / self.bottom if self.bottom else None

    @property
    def empty(self) -> bool:
        return not self.top and not self.bottom


@dataclass(frozen=True, slots=True)
class Effect:
    """What one group did to the whole. ``weights`` are its shares of the whole's bottom (None: it has none)."""

    key: Any
    mix: Fraction
    rate: Fraction
    before: Amount
    now: Amount
    weights: tuple[Fraction | None, Fraction | None] = (None, None)

    @property
    def total(self) -> Fraction:
        return self.mix + self.rate


def whole(amounts: Mapping[Any, Amount], additive: bool = False) -> Amount:
    """All groups together."""
    tops = sum((amount.top for amount in amounts.values()), NOUGHT)
    return Amount(tops, None if additive else sum((amount.bottom or NOUGHT for amount in amounts.values()), NOUGHT))


def effects(before: Mapping[Any, Amount], now: Mapping[Any, Amount], additive: bool = False) -> list[Effect]:
    """One effect a group of either window, the largest first. ``additive``: a sum, no group has a weight.

    Raises ValueError where a whole has no value: there is no change then.
    """
    then, today = whole(before, additive), whole(now, additive)
    if then.value is None or today.value is None:
        raise ValueError("a window without a value has no change to part")
    nothing = Amount(NOUGHT, None if additive else NOUGHT)
    pairs = {key: (before.get(key, nothing), now.get(key, nothing)) for key in dict.fromkeys([*before, *now])}
    found = [
        _added(key, *pair) if additive else _weighed(key, *pair, then, today)
        for key, pair in pairs.items()
        if not (pair[0].empty and pair[1].empty)
    ]
    return sorted(found, key=lambda one: (-abs(one.total), -abs(one.rate), str(one.key)))


def _added(key: Any, before: Amount, now: Amount) -> Effect:
    """A sum has no weights: what a group adds is all its own."""
    return Effect(key, NOUGHT, now.top - before.top, before, now)


def _weighed(key: Any, before: Amount, now: Amount, then: Amount, today: Amount) -> Effect:
    """Midpoints on both sides, so that neither window is the yardstick; mix is measured against the whole's own
    midpoint, so that weight moving to a group that is better than the whole counts as better."""
    first, last = _share(before.bottom, then.bottom), _share(now.bottom, today.bottom)
    centre = ((then.value or NOUGHT) + (today.value or NOUGHT)) / 2
    own = [value for value in (before.value, now.value) if value is not None]
    level = sum(own, NOUGHT) / len(own) if own else centre
    mix = (last - first) * (level - centre)
    change = _share(now.top, today.bottom) - _share(before.top, then.bottom)
    return Effect(key, mix, change - (last - first) * level, before, now, (first, last))


def _share(part: Fraction | None, total: Fraction | None) -> Fraction:
    return (part or NOUGHT) / total if total else NOUGHT
