"""A budget's burn-down: what is left of a window's budget after each of its days. Exact fractions throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from slo.budgets.budget import Budget
from slo.calendars import days_between
from slo.measure import Ratio
from slo.windows import Window, elapsed_days, last_day_at

NOUGHT = Fraction(0)


@dataclass(frozen=True)
class Burnt:
    """One day: what was counted on it, the bad ones from the window's start to its end, and whether it was seen: not
    before the first that counted something, nor where something was expected and none of it observed."""

    day: date
    good: int
    bad: int
    bad_so_far: int
    seen: bool


@dataclass(frozen=True)
class Burndown:
    """A window's days up to as-of, and its budget over all of its days. Amounts are the state's own (events,
    microseconds, millionths)."""

    allowed: Fraction
    """The share that may be bad."""
    days: tuple[Burnt, ...]
    budget: Budget
    """Over what was counted."""
    expected: Fraction
    """What the whole window will count: while a calendar window runs, at the pace up to now."""

    @property
    def whole(self) -> Fraction:
        """How much may be bad in the whole window."""
        return self.allowed * self.expected

    @property
    def left(self) -> Fraction:
        """How much more may go bad until the window's end; below zero by how much too much did."""
        return self.whole - self.budget.bad

    def remaining(self, bad: int) -> Fraction | None:
        """The share of the window's budget left after so much bad; None where nothing is allowed."""
        return None if self.whole == 0 else 1 - Fraction(bad) / self.whole

    def as_result(self, scale: int) -> dict[str, float | bool | None]:
        """The ``whole`` of a result's budget: what the whole window allows and what of it is left, in events (or
        seconds) and as a share; ``expected``: at the pace up to now, since the window goes on counting."""
        left = self.remaining(int(self.budget.bad))
        return {
            "allowed_events": float(self.whole / scale), "remaining_events": float(self.left / scale),
            "remaining": None if left is None else float(left), "expected": self.expected != self.budget.total,
        }  # fmt: skip

    @property
    def ran_out(self) -> date | None:
        """The day on which the window's budget was overspent; None while it is not."""
        return next((one.day for one in self.days if one.bad_so_far > self.whole), None)


def burndown(allowed: Fraction, states: Mapping[date, Ratio], window: Window, as_of: datetime) -> Burndown:
    """``states``: the window's days that have one, up to as-of."""
    so_far, began, days, nothing = 0, False, list[Burnt](), Ratio()
    for day in days_between(window.first_day, min(window.last_day, last_day_at(as_of, window.tz))):
        state = states.get(day, nothing)
        so_far, began = so_far + state.bad, began or state.total > 0
        seen = began and (state.total > 0 or state.unseen == 0)
        days.append(Burnt(day, state.good, state.bad, so_far, seen))
    good, bad = sum(one.good for one in days), so_far
    budget = Budget(allowed, Fraction(good), Fraction(bad))
    return Burndown(allowed, tuple(days), budget, _expected(budget.total, days, window, as_of))


def _expected(total: Fraction, days: Sequence[Burnt], window: Window, as_of: datetime) -> Fraction:
    """A window that has ended, or rolls, has counted what it will; else its days go on as those since the first that
    was seen."""
    if window.rolling or window.end <= as_of:
        return total
    unseen = next((place for place, one in enumerate(days) if one.seen), None)
    if unseen is None:
        return NOUGHT
    elapsed = Fraction(elapsed_days(window, as_of)) - unseen
    return total * (window.days - unseen) / elapsed if elapsed > 0 else total


def told(found: Burndown, scale: int, provisional: Mapping[date, bool]) -> list[dict[str, Any]]:
    """The days as plain values: good and bad in what is shown (events, seconds); no remaining where it was not seen."""
    return [
        {
            "day": one.day.isoformat(), "good": one.good / scale, "bad": one.bad / scale, "seen": one.seen,
            "remaining": _share(found.remaining(one.bad_so_far)) if one.seen else None,
            "remaining_events": float((found.whole - one.bad_so_far) / scale),
            "provisional": provisional.get(one.day, False),
        }
        for one in found.days
    ]  # fmt: skip


def _share(part: Fraction | None) -> float | None:
    return None if part is None else float(part)
