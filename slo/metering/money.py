"""Amounts in the report currency, at the rate configured for their day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from slo.platform import Platform


def in_report_currency(platform: Platform, amount: float, currency: str | None, day: date) -> Fraction | None:
    """The amount converted; None where no rate is configured for the day. No currency told: the report's own."""
    exact = Fraction(str(amount))
    if currency is None or currency == platform.currency:
        return exact
    rates = [(since, rate) for since, rate in platform.rates.get(currency, {}).items() if since <= day]
    return exact * Fraction(str(max(rates)[1])) if rates else None
