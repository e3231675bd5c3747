"""Error budgets: how much may go wrong under a target, how much of that is spent, and how fast it goes.

Exact fractions throughout; nothing is rounded or clamped, so that what is over-spent shows below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from slo.promises.clauses import Clause
from slo.promises.judging import Counts

_FIGURES = ("allowed", "spent", "remaining", "burn_rate", "allowed_events", "remaining_events", "one_failure")


@dataclass(frozen=True)
class Budget:
    """The budget of one clause over one window's counts (events, or seconds)."""

    allowed: Fraction
    """The share that may be bad."""
    good: Fraction
    bad: Fraction

    @property
    def total(self) -> Fraction:
        return self.good + self.bad

    @property
    def allowed_events(self) -> Fraction:
        """How many of the window's events may be bad; for low volume less than one."""
        return self.allowed * self.total

    @property
    def remaining_events(self) -> Fraction:
        """How many more may go bad; below zero by how many too many did. Right for a 100 % target, too."""
        return self.allowed_events - self.bad

    @property
    def spent(self) -> Fraction | None:
        """The spent share of the budget (1 is all of it); None where nothing is allowed and something went bad."""
        if self.allowed_events == 0:
            return Fraction(0) if self.bad == 0 else None
        return self.bad / self.allowed_events

    @property
    def burn_rate(self) -> Fraction | None:
        """Bad share / allowed share: over the same counts the spent share."""
        return self.spent

    @property
    def remaining(self) -> Fraction | None:
        """What is left of it as a share, below zero when over-spent; None where ``spent`` is."""
        return None if self.spent is None else 1 - self.spent

    @property
    def one_failure(self) -> Fraction | None:
        """What one bad event costs as a share of this budget (3.33: "one failure is 333 % of this budget")."""
        return 1 / self.allowed_events if self.allowed_events else None

    @property
    def low_volume(self) -> bool:
        """Does a single bad event overspend it, though failures are allowed?"""
        return 0 < self.allowed_events < 1

    def as_result(self, seconds: bool = False) -> dict[str, float | None]:
        """The figures of a result's "budget". Of time (kept in microseconds) the events are seconds, and no single
        failure is told."""
        told: dict[str, Fraction | None] = {name: getattr(self, name) for name in _FIGURES}
        if seconds:
            told |= {name: getattr(self, name) / 1_000_000 for name in ("allowed_events", "remaining_events")}
            told["one_failure"] = None
        return {name: None if value is None else float(value) for name, value in told.items()}


def allowed_share(clause: Clause, inverted: bool) -> Fraction | None:
    """The bad share a clause allows: 1 - floor, or the floor itself where the value shown is bad / total. None where
    the form sets no such limit (a trend, another figure of the KPI) or the limit lies outside 0..1."""
    wanted = ("at_most", "below") if inverted else ("at_least", "above")
    if clause.form not in wanted or clause.floor is None or clause.figure is not None:
        return None
    floor = Fraction(str(clause.floor))
    allowed = floor if inverted else 1 - floor
    return allowed if 0 <= allowed <= 1 else None


def budget_of(clause: Clause, counts: Counts, inverted: bool = False) -> Budget | None:
    """The budget of a clause on a Ratio's (good, bad); None where it has none, or where nothing was counted."""
    allowed = allowed_share(clause, inverted)
    good, bad = Fraction(counts[0]), Fraction(counts[1])
    return None if allowed is None or good + bad == 0 else Budget(allowed, good, bad)
