"""Sums of cost rows by charge day (or hour), asset, category and currency, apart for each billing period.

A billing period is what a provider delivers, replaces and closes as a whole: a correction posts to the day it corrects,
but belongs to the period that bills it. So every sum depends on the files of one billing period alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from collectors.focus.rows import BadRow

Told = dict[str, dict[str, str]]
"""What a sum is of -> month -> the days (or hours) told, as the bits of a hexadecimal number."""
_UNITS = {
    **{f"{prefix}b": 1000.0**power for power, prefix in enumerate(("", "k", "m", "g", "t", "p"))},
    **{f"{prefix}ib": 1024.0**power for power, prefix in enumerate(("", "k", "m", "g", "t", "p")) if prefix},
    "bytes": 1.0,
}  # fmt: skip


class Slot(NamedTuple):
    """What one sum is of. ``what`` and ``start`` make its id, with the billing period."""

    billing: str
    meter: str
    asset: str | None
    category: str | None
    currency: str | None
    at: datetime
    until: datetime

    def identity(self, step: timedelta) -> tuple[str, str]:
        """(day or hour, what): both survive any reading of the same export."""
        hourly = step < timedelta(days=1)
        span = [f"until {self.until:%Y-%m-%dT%H}"] if self.until - self.at > step else []
        parts = [self.meter, self.asset or "-", self.category or "-", self.currency or "-", *span]
        return f"{self.at:%Y-%m-%dT%H}" if hourly else f"{self.at:%Y-%m-%d}", "/".join(parts)


@lru_cache(maxsize=65_536)
def utc(text: str | None) -> datetime | None:
    """A FOCUS time; without zone it is UTC. None for what is no time."""
    try:
        when = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def billing_name(text: str | None) -> str | None:
    """A billing period by its first day; by its month where it begins with it."""
    start = utc(text)
    return None if start is None else f"{start:%Y-%m}" if start.day == 1 else f"{start:%Y-%m-%d}"


class Sums:
    """The sums of some billing periods, as rows come."""

    def __init__(self, step: timedelta) -> None:
        self.step = step
        self.amounts: dict[Slot, Decimal] = {}
        self.ends: dict[str, datetime] = {}
        """Billing period -> its end."""
        self.bad: list[BadRow] = []

    def add(
        self, row: Mapping[str, Any], rows: int, place: str, meter: str, asset: str | None, category: str | None,
        amount: Decimal,
    ) -> None:  # fmt: skip
        """Adds to the sum of the row's charge period. A row without its times or currency goes to ``bad``."""
        start, end = utc(row["ChargePeriodStart"]), utc(row["ChargePeriodEnd"])
        closes, billing = utc(row["BillingPeriodEnd"]), billing_name(row["BillingPeriodStart"])
        if start is None or end is None or closes is None or billing is None or not row["BillingCurrency"]:
            named = {name: row[name] for name in TIMES}
            self.bad.append(BadRow(place, f"{rows} rows without a time or currency that can be read: {named}"))
            return
        at, until = self._period(start, end)
        currency = row["BillingCurrency"] if meter != "bytes" else None
        slot = Slot(billing, meter, asset, category, currency, at, until)
        self.amounts[slot] = self.amounts.get(slot, Decimal(0)) + amount
        self.ends[billing] = max(closes, self.ends.get(billing, closes))

    def _period(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """The day (hour) that a charge begins in; a charge for longer keeps its own end."""
        at = start.replace(minute=0, second=0, microsecond=0)
        at = at if self.step < timedelta(days=1) else at.replace(hour=0)
        return at, end if end - start > self.step else at + self.step

    def told(self) -> dict[str, Told]:
        """Billing period -> what was told of it."""
        found: dict[str, Told] = {}
        for slot in self.amounts:
            start, what = slot.identity(self.step)
            months = found.setdefault(slot.billing, {}).setdefault(what, {})
            months[start[:7]] = format(int(months.get(start[:7], "0"), 16) | 1 << _index(start), "x")
        return found


TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "BillingCurrency")


def fact_id(start: str, what: str, billing: str) -> str:
    return f"{start}/{what}/billed {billing}"


def vanished(before: Mapping[str, Told], now: Mapping[str, Told], billings: Iterable[str], hourly: bool) -> list[str]:
    """Ids of sums that were told of these billing periods and are no longer in them."""
    gone: list[str] = []
    for billing in sorted(billings):
        for what, months in before.get(billing, {}).items():
            for month, mask in months.items():
                left = int(mask, 16) & ~int(now.get(billing, {}).get(what, {}).get(month, "0"), 16)
                starts = (_start(month, index, hourly) for index in range(left.bit_length()) if left >> index & 1)
                gone.extend(fact_id(start, what, billing) for start in starts)
    return gone


def _index(start: str) -> int:
    """A day's or hour's place in its month."""
    day, hour = int(start[8:10]) - 1, start[11:13]
    return day * 24 + int(hour) if hour else day


def _start(month: str, index: int, hourly: bool) -> str:
    return f"{month}-{index // 24 + 1:02d}T{index % 24:02d}" if hourly else f"{month}-{index + 1:02d}"


def unit_bytes(unit: str | None) -> float | None:
    """Bytes of a unit (GB is 10^9, GiB 2^30); None for what is no unit of data."""
    return _UNITS.get((unit or "").strip().lower())


def tag(tags: str | None, name: str) -> str | None:
    """One tag's value out of the Tags column."""
    try:
        found = json.loads(tags or "{}")
    except json.JSONDecodeError:
        return None
    value = found.get(name) if isinstance(found, dict) else None
    return None if value in (None, "") else str(value)


def newest(versions: Sequence[tuple[float, str]]) -> str:
    """The name of the version that was written last."""
    return max(versions)[1]
