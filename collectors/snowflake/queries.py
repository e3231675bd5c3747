"""Query times that Snowflake grouped, as facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from collectors.snowflake.money import SETTLED, Record, text
from collectors.snowflake.names import word
from collectors.snowflake.settings import SnowflakeSettings
from slo.measure.samples import GAMMA

_DAY = timedelta(days=1)
_TOLD = ("tier", "team", "domain", "critical")
ZERO = "zero"
"""Stands for a bucket of queries that took no time at all."""


def grouped(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of one workload and day together: workload, at, bytes, outcomes {outcome: {bucket: count}}."""
    found: dict[tuple[str, datetime], dict[str, Any]] = {}
    for row in rows:
        key = (row["workload"], row["at"])
        one = found.setdefault(key, {"workload": key[0], "at": key[1], "bytes": 0, "outcomes": {}})
        one["bytes"] += int(row["bytes"] or 0)
        buckets = one["outcomes"].setdefault(row["outcome"], {})
        bucket = ZERO if row["bucket"] is None else str(row["bucket"])
        buckets[bucket] = buckets.get(bucket, 0) + int(row["queries"])
    return list(found.values())


def name_of(ours: SnowflakeSettings, told: str) -> str:
    """A workload's name: a named one's as the settings write it (it is told with "=" before it)."""
    if told.startswith("="):
        return told[1:]
    return word(told) if ours.group_by in ("warehouse", "role") else told


def facts(
    ours: SnowflakeSettings, named: Callable[[str], str], data: dict[str, Any], now: datetime
) -> Iterator[Record]:
    """The workload, its queries and bytes of the day, and how long they took by outcome."""
    name, at = name_of(ours, data["workload"]), data["at"]
    asset = named(name)
    yield _asset(ours, asset, data["workload"], name)
    span = {"asset": asset, "at": text(at), "until": text(at + _DAY), "tz": "UTC"}
    count = sum(sum(buckets.values()) for buckets in data["outcomes"].values())
    for meter, amount in (("queries", count), ("bytes", data["bytes"])):
        yield {"fact": "meter", "id": f"{name}/{at:%Y-%m-%d}/{meter}", **span, "meter": meter, "amount": float(amount),
               "provisional": now < at + _DAY + SETTLED}  # fmt: skip
    for outcome, buckets in sorted(data["outcomes"].items()):
        yield {"fact": "distribution", "id": f"{name}/{at:%Y-%m-%d}/query_seconds/{outcome}", **span,
               "metric": "query_seconds", "outcome": outcome, "gamma": GAMMA, **_split(buckets)}  # fmt: skip


def _asset(ours: SnowflakeSettings, asset: str, told: str, name: str) -> Record:
    """A workload; where queries are grouped by warehouse it is the warehouse itself."""
    if not told.startswith("="):
        kind = "warehouse" if ours.group_by == "warehouse" else "workload"
        return {"fact": "asset", "asset": asset, "kind": kind}
    one = next((one for one in ours.workloads if one.name == name), None)
    said = {field: getattr(one, field) for field in _TOLD} if one else {}
    return {"fact": "asset", "asset": asset, "kind": "workload",
            **{field: value for field, value in said.items() if value is not None}}  # fmt: skip


def _split(buckets: dict[str, int]) -> Record:
    zero = buckets.get(ZERO, 0)
    indexes = sorted(int(bucket) for bucket in buckets if bucket != ZERO)
    return {"zero": zero, "buckets": {str(index): buckets[str(index)] for index in indexes}}
