"""The oracle's readings: where they stand, buckets, pairs of meters."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.oracle_facts import Record
from tests.oracle.oracle_scope import Asked, ratio
from tests.oracle.oracle_time import midnight


def day_moment(reading: Record, tz: ZoneInfo) -> datetime:
    """Where a reading stands: one that covers 20 hours or more on the calendar day of its start in its own zone."""
    at: datetime = reading["at"]
    until = reading.get("until")
    if until is not None and until - at >= timedelta(hours=20):
        return midnight(at.astimezone(ZoneInfo(reading.get("tz") or "UTC")).date(), tz)
    return at


def _in_scope(asked: Asked, reading: Record) -> bool:
    """Whether a reading belongs to the scope, by its day."""
    asset, at = reading.get("asset"), day_moment(reading, asked.world.tz)
    return asked.world.produced(asset, at) and asked.fits(asset, at)


def _in_window(asked: Asked, reading: Record) -> bool:
    return asked.start <= day_moment(reading, asked.world.tz) < asked.end and reading["at"] <= asked.world.as_of


def kept(asked: Asked, reading: Record) -> bool:
    """Whether it belongs to the scope and isn't left out."""
    left_out = asked.excluded(reading.get("asset"), day_moment(reading, asked.world.tz))
    return _in_scope(asked, reading) and not left_out


def placed(asked: Asked, reading: Record) -> bool:
    """Whether it counts in the window and the scope."""
    return _in_window(asked, reading) and kept(asked, reading)


# --- buckets ---------------------------------------------------------------------------------------------------


def _buckets(asked: Asked, metric: str, fits: Callable[[Record], bool]) -> Record:
    """Quantiles without interpolation: the first value whose cumulated count exceeds q(n-1)."""
    counts: dict[float, float] = {}
    for one in asked.world.of("distribution", metric):
        if not placed(asked, one) or not fits(one):
            continue
        counts[0.0] = counts.get(0.0, 0) + (one.get("zero") or 0)
        for index, number in one["buckets"].items():
            value = _middle(one["gamma"], int(index))
            counts[value] = counts.get(value, 0) + number
    n = sum(counts.values())

    def at_rank(q: float) -> float | None:
        seen = 0.0
        for value in sorted(counts):
            seen += counts[value]
            if seen > q * (n - 1):
                return value
        return None

    return {"value": at_rank(0.95) if n else None, "n": n, "median": at_rank(0.5) if n else None}


def _middle(gamma: float, index: int) -> float:
    """What a bucket is worth; one of another gamma is moved to 1.02 by its value."""
    value: float = 2 * gamma**index / (gamma + 1)
    if gamma != 1.02:
        value = 2 * 1.02 ** math.ceil(math.log(value) / math.log(1.02) - 1e-9) / 2.02
    return value


def query_p95(asked: Asked) -> Record:
    world = asked.world

    def counts(one: Record) -> bool:
        asset, at = one.get("asset"), day_moment(one, world.tz)
        critical = world.field(asset, "critical", at) is True or world.field(asset, "tier", at) in (0, 1)
        return critical and one.get("outcome") in (None, "success")

    return _buckets(asked, "query_seconds", counts)


def streaming_lag_p95(asked: Asked) -> Record:
    return _buckets(asked, "lag_seconds", lambda one: True)


# --- pairs -----------------------------------------------------------------------------------------------------


Pairs = list[tuple[float, float]]


def _pairs(asked: Asked, first: str, second: str) -> tuple[Pairs, Pairs, list[float]]:
    """Readings of two meters of one asset at one instant; those left out; the amounts of readings that stand alone
    and are not left out."""
    found: dict[Any, dict[str, float]] = {}
    for one in asked.world.of("meter"):
        if one["meter"] in (first, second) and _in_window(asked, one) and _in_scope(asked, one):
            at = day_moment(one, asked.world.tz)
            pair = found.setdefault((one.get("asset"), one["at"], asked.excluded(one.get("asset"), at)), {})
            pair[one["meter"]] = pair.get(one["meter"], 0.0) + one["amount"]
    whole = {key: (pair[first], pair[second]) for key, pair in found.items() if len(pair) == 2}
    lonely = [pair for (_, _, left_out), pair in found.items() if len(pair) == 1 and not left_out]
    alone = [amount for pair in lonely for amount in pair.values()]
    counted = [pair for (_, _, left_out), pair in whole.items() if not left_out]
    return counted, [pair for (_, _, left_out), pair in whole.items() if left_out], alone


def service_slo_compliance(asked: Asked) -> Record:
    """More good than total is refused: left out with its total."""
    pairs, left_out, alone = _pairs(asked, "good", "total")
    possible = [(one, total) for one, total in pairs if one <= total]
    good, total = sum(one for one, _ in possible), sum(total for _, total in possible)
    refused = sum(total for one, total in pairs if one > total)
    return ratio(good, total - good, sum(alone), refused + sum(total for _, total in left_out), sum(alone))


def _quotient(asked: Asked, first: str, second: str) -> Record:
    """A reading that stands alone is unknown, as one reading."""
    pairs, _, alone = _pairs(asked, first, second)
    above = sum(one for one, _ in pairs) if pairs else None
    below = sum(two for _, two in pairs) if pairs else None
    read = len(pairs) + len(alone)
    return {
        "value": above / below if above is not None and below else None, "numerator": above, "denominator": below,
        "coverage": len(pairs) / read if read else None,
    }  # fmt: skip


def compute_utilization(asked: Asked) -> Record:
    return _quotient(asked, "busy_seconds", "provisioned_seconds")


def reserved_capacity_utilization(asked: Asked) -> Record:
    return _quotient(asked, "commitment_used", "commitment_paid")
