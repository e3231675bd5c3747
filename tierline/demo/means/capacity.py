"""Compute that is busy, storage that fills, commitments that are used, streams that lag: readings a UTC day."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from tierline.demo.catalog import WAREHOUSE
from tierline.demo.chance import dice
from tierline.demo.model import Thing, Version
from tierline.demo.weather import Weather

GAMMA = 1.02
SIZES = {"loading": (8, 0.58), "transforming": (16, 0.66), "bi": (4, 0.41)}
"""Warehouse -> credits an hour, and the usual share of its paid compute that queries use."""
STREAMS = (("orders.events", "orders", "commerce", 1, 4.0), ("web.clicks", "web", "growth", 2, 9.0),
           ("stock.changes", "inventory", "logistics", 1, 6.0))  # fmt: skip
"""Topic, domain, team, tier, usual lag in seconds."""
COMMITMENTS = {"compute-1y": (310.0, 0.82), "storage-3y": (70.0, 0.93)}
"""Commitment -> what a day of it costs in USD, and the usual share that is used."""
STORED = f"{WAREHOUSE}/storage"
LAKE = "s3://acme-lake"
SYSTEMS = {STORED: (410e12, 0.9e12, 0.82e12), LAKE: (900e12, 1.9e12, 2.2e12)}
"""System -> bytes at the world's end, growth a day, growth a day as it was forecast."""
TERABYTE = 1e12


@dataclass(frozen=True, slots=True)
class Reading:
    """One meter of one asset at one moment."""

    asset: str
    at: datetime
    meter: str
    amount: float


@dataclass(frozen=True, slots=True)
class Lag:
    """A stream's lag samples of a UTC day: powers of ``GAMMA`` that they fall below -> how many."""

    stream: Thing
    at: datetime
    buckets: dict[int, int]


def warehouses(born: datetime) -> list[Thing]:
    """The warehouses of the account, the dashboards' own is the growth team's."""
    teams = {"bi": ("growth", "web", 1)}
    found = []
    for name in SIZES:
        team, domain, tier = teams.get(name, ("core-data", "platform", 0))
        found.append(Thing(f"{WAREHOUSE}/{name}", "warehouse", domain, [Version(born, tier, team)]))
    return found


def streams(born: datetime) -> list[Thing]:
    return [Thing(f"kafka-prod/{topic}", "stream", domain, [Version(born, tier, team)])
            for topic, domain, team, tier, _ in STREAMS]  # fmt: skip


def metered(seed: int, weather: Weather, warehouse: Thing, day: date) -> tuple[float, float]:
    """Credits paid on a UTC day, and those that queries used."""
    credits, usual = SIZES[warehouse.name.rsplit("/", 1)[1]]
    rng = dice(seed, "warehouse", warehouse.name, day)
    hours = rng.uniform(9, 12) if day.weekday() < 5 else rng.uniform(3, 5)
    share = min(0.98, usual * rng.uniform(0.85, 1.15) * (0.8 if weather.is_bad_week(day) else 1.0))
    paid = round(credits * hours, 4)
    return paid, round(paid * share, 4)


def committed(seed: int, weather: Weather, name: str, day: date) -> tuple[float, float]:
    """What a day of a commitment cost, and how much of that was used: one month all but all of it."""
    price, usual = COMMITMENTS[name]
    rng = dice(seed, "commitment", name, day)
    full = name == "compute-1y" and (day.year, day.month) == weather.full_month
    share = 0.995 if full else min(1.0, usual * rng.uniform(0.9, 1.1))
    return price, round(price * share, 2)


def stored(seed: int, weather: Weather, system: str, day: date) -> float:
    """Bytes that lie in a system on a UTC day. A clean-up freed some of the lake's."""
    last, growth, _ = SYSTEMS[system]
    rng = dice(seed, "stored", system, day)
    freed = 14 * TERABYTE if system == LAKE and day < weather.cleanup.date() else 0.0
    return float(round(last + freed - growth * (weather.last - day).days + rng.uniform(-0.2, 0.2) * TERABYTE))


def forecast(seed: int, weather: Weather, system: str, day: date) -> float:
    """What finance expected for a day, as it said so a year before: a straight line."""
    last, _, growth = SYSTEMS[system]
    return float(round(last * 1.01 - growth * (weather.last - day).days))


def lags(seed: int, weather: Weather, streams: list[Thing], day: date) -> Iterator[Lag]:
    """End-to-end lag every ten minutes of a UTC day. In bad weeks it is three times as long, in the outage an hour."""
    for stream, usual in zip(streams, (one[4] for one in STREAMS), strict=True):
        rng = dice(seed, "lag", stream.name, day)
        slow = 3.0 if weather.is_bad_week(day) else 1.0
        buckets: dict[int, int] = {}
        for sample in range(144):
            down = 40.0 if day == weather.outage[0].date() and 48 <= sample < 96 else 1.0
            seconds = usual * slow * down * math.exp(rng.gauss(0.0, 0.5))
            index = math.ceil(math.log(seconds) / math.log(GAMMA))
            buckets[index] = buckets.get(index, 0) + 1
        yield Lag(stream, utc(day), buckets)


def utc(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
