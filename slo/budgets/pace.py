"""How fast a budget goes at present, and when it has gone at that pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from slo.budgets.budget import Budget
from slo.budgets.days import Burndown
from slo.measure import Ratio
from slo.windows import Window

ADAY = timedelta(days=1)
PRESENT = 3
"""Days that stand for the present burn: longer than a weekend in which nobody looked, shorter than a week."""
Outlook = Literal["spent", "runs out", "lasts", "over", "unknown"]
"""Overspent already; gone before the window ends; not gone before the window ends; the window has ended; nothing was
counted lately."""


@dataclass(frozen=True)
class Pace:
    """What is counted a day."""

    good: Fraction
    bad: Fraction

    @property
    def total(self) -> Fraction:
        return self.good + self.bad


def pace(state: Ratio, elapsed: float) -> Pace | None:
    """The pace of so many elapsed days; None where nothing was counted."""
    days = Fraction(elapsed)
    return Pace(state.good / days, state.bad / days) if state.total and days > 0 else None


def burn_rate(allowed: Fraction, state: Ratio) -> Fraction | None:
    """Bad share / allowed share; None where nothing was counted, or where nothing is allowed and something went bad."""
    return Budget(allowed, Fraction(state.good), Fraction(state.bad)).burn_rate if state.total else None


def outlook(found: Burndown, now: Pace | None, window: Window, as_of: datetime) -> tuple[Outlook, datetime | None]:
    """What becomes of the budget at the present pace, and when it has gone (never past the window's end; of a rolling
    window its length from now on, in which its oldest days leave it one by one)."""
    if found.left < 0:
        return "spent", None
    if not window.rolling and window.end <= as_of:
        return "over", None
    if now is None:
        return "unknown", None
    days = _rolling(found, now, window) if window.rolling else _calendar(found, now)
    at = None if days is None else as_of + timedelta(seconds=float(days * 86_400))
    end = as_of + ADAY * window.days if window.rolling else window.end
    return ("runs out", at) if at is not None and at < end else ("lasts", None)


def _calendar(found: Burndown, now: Pace) -> Fraction | None:
    """In how many days what is left has gone."""
    return found.left / now.bad if now.bad else None


def _rolling(found: Burndown, now: Pace, window: Window) -> Fraction | None:
    """In how many days more is bad than is allowed: each day the oldest leaves evenly while the present pace enters."""
    left = found.left
    for place, (good, bad) in enumerate(_oldest(found, window.days)):
        change = found.allowed * (now.total - good - bad) - (now.bad - bad)
        if left + change < 0:
            return place + left / -change
        left += change
    return None


def _oldest(found: Burndown, days: int) -> Sequence[tuple[int, int]]:
    counted = [(one.good, one.bad) for one in found.days]
    return counted + [(0, 0)] * (days - len(counted))
