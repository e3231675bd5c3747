"""The only rounding of the product: numbers as a person says them, and statuses as shape, word and colour class.

Every rounding keeps three promises: never 100 % when one failed, never 0 % when one succeeded, and never on the other
side of a target than the exact value stands. Values come in the KPI's own unit (ratios 0..1, spans in seconds). Numbers
and dates are written in the reader's locale (dashboards/format/locale.py).
"""

from __future__ import annotations

from dashboards.format.amounts import (
    amount,
    apart,
    asked,
    bounds,
    budget,
    budget_left,
    change,
    compact,
    compact_of,
    coverage,
    exact,
    exact_parts,
    in_seconds,
    interval,
    is_signed,
    mark,
    money,
    of,
    promised,
    size,
    stored,
    target,
    unit_words,
    value,
)
from dashboards.format.clock import (
    business_days,
    day,
    day_short,
    duration,
    minutes,
    moment,
    month,
    month_short,
    time,
    weekday,
    weekday_short,
)
from dashboards.format.numerals import (
    MINUS,
    NOTHING,
    count,
    number,
    percent,
    plural,
    points,
    relative,
    share,
    trimmed,
)
from dashboards.format.verdicts import STATUSES, Status, rank, status

__all__ = [
    "MINUS", "NOTHING", "STATUSES", "Status", "amount", "apart", "asked", "bounds", "budget", "budget_left",
    "business_days", "change", "compact", "compact_of", "count", "coverage", "day", "day_short", "duration", "exact",
    "exact_parts", "in_seconds", "interval", "is_signed", "mark", "minutes", "moment", "money", "month", "month_short",
    "number", "of", "percent", "plural", "points", "promised", "rank", "relative", "share", "size", "status", "stored",
    "target", "time", "trimmed", "unit_words", "value", "weekday", "weekday_short",
]  # fmt: skip
