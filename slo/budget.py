"""Error budgets: how much may go wrong under a target, how much of that is spent, and how fast it goes.

Exact fractions throughout; nothing is rounded or clamped, so that what is over-spent shows below zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from slo.config_files import SHIPPED, checked, read_yaml
from slo.promises.clauses import Clause
from slo.promises.judging import Counts

_FIGURES = ("allowed", "spent", "remaining", "burn_rate", "allowed_events", "remaining_events", "one_failure")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


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


class BurnWindow(BaseModel):
    """A pair of lookbacks, and the share of the budget whose loss in the long one is worth a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    long: timedelta
    short: timedelta
    budget_share: float = Field(gt=0, le=1)
    severity: Literal["page", "ticket"]
    period: timedelta = timedelta(days=30)

    @field_validator("long", "short", "period", mode="before")
    @classmethod
    def _length(cls, value: object) -> object:
        return _length(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not timedelta(0) < self.short < self.long <= self.period:
            raise ValueError("expected short < long <= period, such as short: 5m, long: 1h, period: 30d")
        return self

    @property
    def factor(self) -> Fraction:
        """How many times faster than even the budget burns when this share goes in the long lookback."""
        return Fraction(str(self.budget_share)) * Fraction(self.period // _TICK, self.long // _TICK)

    def can_fire(self, allowed: Fraction) -> bool:
        """Can the burn rate ever pass the factor? When everything fails it is 1 / allowed, and no more."""
        return self.factor * allowed < 1

    def fires(self, long: Budget | None, short: Budget | None) -> bool:
        """Do both lookbacks burn faster than the factor, unrounded?"""
        return all(budget is not None and _burns(budget, self.factor) for budget in (long, short))


class BurnWindows(BaseModel):
    """The file config/burn_windows.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    period: timedelta
    windows: tuple[BurnWindow, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one_period(cls, data: object) -> object:
        if not isinstance(data, dict) or "period" not in data or not isinstance(data.get("windows"), list):
            return data
        given = {"period": data["period"]}
        return {**data, "windows": [given | one if isinstance(one, dict) else one for one in data["windows"]]}

    @field_validator("period", mode="before")
    @classmethod
    def _length(cls, value: object) -> object:
        return _length(value) if isinstance(value, str) else value


_TICK = timedelta(seconds=1)


def load_burn_windows(path: Path = SHIPPED / "burn_windows.yaml") -> tuple[BurnWindow, ...]:
    """The burn windows of a file. Raises ConfigError naming file, line, place, value and remedy."""
    return checked(BurnWindows, read_yaml(path), path).windows


def usable(windows: tuple[BurnWindow, ...], allowed: Fraction) -> tuple[BurnWindow, ...]:
    """The windows that can fire at a target: the others are left out, not shown as quiet."""
    return tuple(window for window in windows if window.can_fire(allowed))


def _burns(budget: Budget, factor: Fraction) -> bool:
    return budget.bad > factor * budget.allowed_events


def _length(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([mhdw])", text.strip(), re.ASCII)
    if not found:
        raise ValueError("expected a length such as 5m, 6h, 3d")
    return timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})
