"""What Snowflake metered, as facts: cost, busy and provisioned seconds, bytes stored. Pure.

A credit is an hour of the smallest warehouse: seconds are credits times 3600, so that busy / provisioned is the share
of the paid compute that queries used. A sum is provisional until its day (hour) is six hours over: cloud services
settle that late.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from collectors.snowflake.names import dotted, of, word
from collectors.snowflake.settings import SnowflakeSettings

Record = dict[str, Any]
Named = Callable[[str], str]
"""From a name to the asset's."""
SETTLED = timedelta(hours=6)
TERABYTE = 2**40
_HOUR = Decimal(3600)
_ADJUSTMENT = "cloud_services_adjustment"
_WAREHOUSES = "WAREHOUSE_METERING"


def price(prices: float | Mapping[date, float] | None, day: date) -> Decimal | None:
    """The price that holds on a day; None where none is told for it."""
    if isinstance(prices, Mapping):
        since = max((first for first in prices if first <= day), default=None)
        return None if since is None else Decimal(str(prices[since]))
    return None if prices is None else Decimal(str(prices))


def text(at: datetime) -> str:
    """The instant as facts write it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _meter(asset: str, meter: str, name: str, at: datetime, step: timedelta, amount: Decimal, now: datetime) -> Record:
    start = f"{at:%Y-%m-%dT%H}" if step < timedelta(days=1) else f"{at:%Y-%m-%d}"
    return {
        "fact": "meter", "id": f"{name}/{start}/{meter}", "asset": asset, "meter": meter, "amount": float(amount),
        "at": text(at), "until": text(at + step), "tz": "UTC", "provisional": now < at + step + SETTLED,
    }  # fmt: skip


def metering(ours: SnowflakeSettings, named: Named, row: Record, now: datetime) -> Iterator[Record]:
    """A warehouse's day or hour: the warehouse, its cost, its seconds."""
    name, at, compute = word(row["warehouse"]), row["at"], Decimal(row["compute"] or 0)
    asset, step = named(name), timedelta(days=1) if ours.cost_period == "day" else timedelta(hours=1)
    yield {"fact": "asset", "asset": asset, "kind": "warehouse"}
    amount = price(ours.credit_price, at.date())
    if amount is not None:
        credits = compute + Decimal(row["cloud"] or 0)
        yield _meter(asset, "cost", name, at, step, credits * amount, now) | _cost(ours)
    if row["attributed"] is not None:  # null for adaptive warehouses
        yield _meter(asset, "busy_seconds", name, at, step, Decimal(row["attributed"]) * _HOUR, now)
        yield _meter(asset, "provisioned_seconds", name, at, step, compute * _HOUR, now)


def _cost(ours: SnowflakeSettings) -> Record:
    return {"currency": ours.currency, "category": "usage"}


def services(ours: SnowflakeSettings, named: Named, row: Record, now: datetime) -> Iterator[Record]:
    """A serverless service's day. Of the warehouses' only the rebate on cloud services: the rest is in metering."""
    warehouses = row["service"] == _WAREHOUSES
    credits = Decimal((row["adjustment"] if warehouses else row["billed"]) or 0)
    amount = price(ours.credit_price, row["day"])
    if credits and amount is not None:
        name, day = _ADJUSTMENT if warehouses else word(row["service"]), _start(row["day"])
        yield _meter(named(name), "cost", name, day, timedelta(days=1), credits * amount, now) | _cost(ours)


def storage(ours: SnowflakeSettings, named: Named, row: Record, now: datetime) -> Iterator[Record]:
    """The account's day: bytes stored (unless tables' sizes tell them) and what they cost, a day's part of the month's
    price."""
    day, held = row["day"], Decimal(row["bytes"] or 0)
    fixed = (named("storage"), "storage", _start(day), timedelta(days=1))
    amount = price(ours.storage_price, day)
    if amount is not None:
        cost = held / TERABYTE * amount / monthrange(day.year, day.month)[1]
        yield _meter(fixed[0], "cost", *fixed[1:], cost, now) | _cost(ours)
    if "sizes" not in ours.parts:
        yield _meter(fixed[0], "stored_bytes", *fixed[1:], held, now)


def sizes(ours: SnowflakeSettings, named: Named, row: Record, now: datetime) -> Iterator[Record]:
    """One reading a table and UTC day, the day's first, which stands for all of it."""
    parts, day = of(row), _start(now.astimezone(UTC).date())
    if parts:
        name = dotted(parts)
        yield {"fact": "meter", "id": f"{name}/{day:%Y-%m-%d}/stored_bytes", "asset": named(name), "tz": "UTC",
               "meter": "stored_bytes", "amount": float(row["bytes"] or 0), "at": text(day),
               "until": text(day + timedelta(days=1))}  # fmt: skip


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
