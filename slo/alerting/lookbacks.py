"""A budget's lookbacks as the watch tells them: how fast it burnt in each, and which of them fire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from slo.alerting.meter import Meter
from slo.alerting.policies import Lookback
from slo.budgets.budget import Budget


@dataclass(frozen=True)
class Looked:
    """One lookback, and what was found in it."""

    lookback: Lookback
    told: dict[str, Any]
    """name, severity, long and short (seconds; short None: the long part decides alone), threshold (the burn
    rate that both parts must pass; None where nothing may be bad), min_bad or None, long_rate and short_rate (None:
    nothing was counted), long_bad and short_bad (events or seconds; None: there is no short part), fires."""

    @property
    def fires(self) -> bool:
        return bool(self.told["fires"])


def looked(one: Lookback, meter: Meter, allowed: Fraction, severity: str) -> Looked:
    """``severity``: what it is told as."""
    long = meter.burning(one.long, allowed)
    short = None if one.short is None else meter.burning(one.short, allowed)
    told = {
        "name": one.name, "severity": severity, "long": one.long.total_seconds(), "short": _seconds(one.short),
        "threshold": float(one.factor) if allowed else None, "min_bad": one.min_bad,
        "long_rate": _rate(long), "short_rate": _rate(short),
        "long_bad": float(long.bad), "short_bad": None if short is None else float(short.bad),
        "fires": one.fires(long, long if short is None else short),
    }  # fmt: skip
    return Looked(one, told)


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _rate(budget: Budget | None) -> float | None:
    """None where nothing was counted, or where nothing may be bad and something was."""
    rate = None if budget is None or not budget.total else budget.burn_rate
    return None if rate is None else float(rate)
