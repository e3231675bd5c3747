"""The parts that are read of a Snowflake account: where from, how late they are, what they tell, which right they need.

Latencies and roles as Snowflake's documentation of each ACCOUNT_USAGE view and of the SNOWFLAKE database roles tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collectors.snowflake import object_sql as objects
from collectors.snowflake import sql
from collectors.snowflake.settings import PartName, SnowflakeSettings
from collectors.snowflake.sql import USAGE, Statement

Build = Callable[[SnowflakeSettings, datetime, datetime], Statement]
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_USAGE, _OBJECT, _GOVERNANCE = "USAGE_VIEWER", "OBJECT_VIEWER", "GOVERNANCE_VIEWER"
_METER = ("asset", "at", "meter", "amount", "until", "tz", "provisional")
_COST = ("cost", "currency", "category", *_METER)


@dataclass(frozen=True)
class Part:
    """``latency``: how late its rows are complete. ``build``: its statement; None where there is one a table.
    ``step``: whole hours or days are read. ``latest``: it has no history."""

    name: PartName
    view: str
    role: str
    latency: timedelta
    build: Build | None
    tells: tuple[tuple[str, tuple[str, ...]], ...]
    step: timedelta = _DAY
    latest: bool = False


def _writes(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    return (objects.accesses if ours.writes == "access" else objects.dml)(ours, start, end)


_PARTS = (
    Part("metering", "warehouse_metering_history", _USAGE, timedelta(hours=6), sql.metering,
         (("asset", ("kind",)), ("meter", (*_COST, "busy_seconds", "provisioned_seconds")))),
    Part("services", "metering_daily_history", _USAGE, timedelta(hours=3), sql.services, (("meter", _COST),)),
    Part("storage", "storage_usage", _USAGE, timedelta(hours=2), sql.storage, (("meter", (*_COST, "stored_bytes")),)),
    Part("sizes", "table_storage_metrics", _USAGE, timedelta(minutes=90), sql.sizes,
         (("meter", ("stored_bytes", "asset", "at", "meter", "amount", "until", "tz")),), latest=True),
    Part("queries", "query_history", _GOVERNANCE, timedelta(minutes=45), sql.queries,
         (("asset", ("kind", "tier", "team", "domain", "critical")), ("meter", ("queries", "bytes", *_METER)),
          ("distribution", ("asset", "at", "until", "tz", "query_seconds", "metric", "outcome", "gamma", "zero",
                            "buckets")))),
    Part("tags", "tag_references", _GOVERNANCE, timedelta(hours=2), objects.tags,
         (("asset", ("tags", "tier", "owner", "team", "domain", "classification")),), latest=True),
    Part("tables", "tables", _OBJECT, timedelta(minutes=90), objects.tables, (("asset", ("kind", "description")),),
         latest=True),
    Part("freshness", "", "", timedelta(0), None, (("dataset_update", ("asset", "at", "data_through")),),
         latest=True),
    Part("writes", "table_dml_history", _USAGE, timedelta(hours=6), _writes, (("dataset_update", ("asset", "at")),),
         step=_HOUR),
    Part("schedules", "", "", timedelta(0), objects.schedules,
         (("asset", ("kind", "description", "schedule", "schedule_tz", "paused")),), latest=True),
    Part("tasks", "task_history", _USAGE, timedelta(minutes=45), objects.tasks,
         (("asset", ("kind",)),
          ("run", ("asset", "state", "trigger", "due_at", "started_at", "ended_at", "tries")))),
    Part("lineage", "access_history", _GOVERNANCE, timedelta(hours=3), objects.lineage,
         (("edge", ("upstream", "downstream", "seen_at")),), latest=True),
)  # fmt: skip
"""In the order in which they are read: tags and tables before what needs them."""
CHUNK = timedelta(days=30)
"""So much history one fetch asks for."""
_PIECE = CHUNK + 2 * _DAY
"""So much of it one statement: a fetch with its days made whole."""
SETTLE = 2 * max(part.latency for part in _PARTS)


def parts_of(ours: SnowflakeSettings) -> list[Part]:
    """The parts that these settings ask for."""
    asked = [part for part in _PARTS if part.name in ours.parts]
    useless = {
        "services": ours.credit_price is None, "freshness": not ours.freshness, "writes": ours.writes == "last_altered",
        "tags": "tables" not in ours.parts,
    }  # fmt: skip
    return [part for part in asked if not useless.get(part.name)]


def tells(parts: Iterable[Part] = _PARTS) -> dict[str, tuple[str, ...]]:
    """Fact kind -> fields that these parts tell."""
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        for kind, fields in part.tells:
            found.setdefault(kind, {}).update(dict.fromkeys(fields))
    return {kind: tuple(fields) for kind, fields in found.items()}


def views(part: Part, ours: SnowflakeSettings) -> list[str]:
    """The views that a part reads."""
    if part.name == "writes" and ours.writes == "access":
        return [f"{USAGE}.access_history", f"{USAGE}.query_history"]
    return [f"{USAGE}.{part.view}"] if part.view else []


def remedy(part: Part, ours: SnowflakeSettings) -> str:
    """The grant that a part needs."""
    role = ours.role or "<the role of Tierline>"
    if part.name == "schedules":
        return f"GRANT MONITOR EXECUTION ON ACCOUNT TO ROLE {role};"
    if part.name == "freshness":
        return f"GRANT USAGE ON DATABASE and SCHEMA and SELECT ON the table TO ROLE {role};"
    access = part.name == "lineage" or (part.name == "writes" and ours.writes == "access")
    edition = " ACCESS_HISTORY needs Enterprise Edition; without it leave this part out." if access else ""
    return f"GRANT DATABASE ROLE SNOWFLAKE.{_GOVERNANCE if access else part.role} TO ROLE {role};{edition}"


def pieces(part: Part, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The whole hours or days that a period touches, so many of them at a time as one statement is asked for: what was
    missed for months must not end in a statement that runs too long. A part without history is asked for once."""
    first, last = _floor(start, part.step), _floor(end + part.step - timedelta(microseconds=1), part.step)
    while first < last:
        following = last if part.latest else min(first + _PIECE, last)
        yield first, following
        first = following


def _floor(at: datetime, step: timedelta) -> datetime:
    whole = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return whole if step < _DAY else whole.replace(hour=0)
