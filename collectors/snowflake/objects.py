"""Tables with their tags, writes and lineage, tasks and their runs, as facts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from collectors.snowflake.money import Record, text
from collectors.snowflake.names import Name, dotted, freshness_column, of, split, wanted
from collectors.snowflake.settings import SnowflakeSettings
from slo.errors import FactError

Tags = dict[tuple[str, ...], dict[str, str]]
"""(database), (database, schema) or (database, schema, table) -> tag -> value."""
Named = Callable[[str], str]
_TIER = re.compile(r"(?:tier|t|p)?[\s_-]*([0-3])", re.IGNORECASE)
_CRON = re.compile(r"USING CRON\s+(\S+ \S+ \S+ \S+ \S+)\s+(\S+)", re.IGNORECASE)
_TRIGGERS = {"SCHEDULE": "schedule", "TRIGGER": "event", "EXECUTE TASK": "manual", "MANUAL RETRY": "manual"}


def tagged(rows: Iterable[dict[str, Any]]) -> Tags:
    """The tags of databases, schemas and tables."""
    found: Tags = {}
    for row in rows:
        place = {"DATABASE": (row["name"],), "SCHEMA": (row["database_name"], row["name"])}.get(
            row["domain"], (row["database_name"], row["schema_name"], row["name"])
        )
        if all(place):
            found.setdefault(place, {})[str(row["tag"]).lower()] = str(row["value"] or "")
    return found


def tags_of(tags: Tags, name: Name) -> dict[str, str]:
    """What holds for a table: its own tags before its schema's before its database's, as Snowflake inherits them."""
    return {**tags.get(name[:1], {}), **tags.get(name[:2], {}), **tags.get(name, {})}


def table(ours: SnowflakeSettings, named: Named, row: Record) -> Iterator[Record]:
    """A table as it is now. A tag that is no tier is told as a fault; the table is told all the same."""
    name, tags = of(row), row.get("tags") or {}
    if name is None:
        return
    fields = {field: tag.lower() for field, tag in ours.tags.model_dump().items() if tag}
    said: Record = {field: tags[tag] for field, tag in fields.items() if tags.get(tag)}
    tier = said.pop("tier", None)
    known = None if tier is None else _tier(ours, tier)
    yield {
        "fact": "asset", "asset": named(dotted(name)), "kind": "dataset", **said,
        **({"description": row["description"]} if row.get("description") else {}),
        **({"tags": sorted(f"{tag}={value}" for tag, value in tags.items())} if tags else {}),
        **({} if known is None else {"tier": known}),
    }  # fmt: skip
    if tier is not None and known is None:
        raise FactError(f"{dotted(name)}: the tag {ours.tags.tier} says {tier!r}, which is no tier; add it to tiers")


def _tier(ours: SnowflakeSettings, value: str) -> int | None:
    """The tier that a tag's value stands for."""
    given = {word.lower(): tier for word, tier in ours.tiers.items()}
    found = _TIER.fullmatch(value.strip())
    return given.get(value.strip().lower(), int(found[1]) if found else None)


def altered(ours: SnowflakeSettings, named: Named, row: Record) -> Iterator[Record]:
    """LAST_ALTERED as a sign of life: when, never how far the data reaches."""
    name, at = of(row), row.get("altered")
    if name and at and freshness_column(ours, name) is None:
        yield {"fact": "dataset_update", "id": f"{dotted(name)}/altered/{text(at)}", "asset": named(dotted(name)),
               "at": text(at)}  # fmt: skip


def write(ours: SnowflakeSettings, named: Named, row: Record, now: datetime) -> Iterator[Record]:
    """The last write of a table in an hour (dml) or in five minutes (access); a declared column knows better."""
    name = split(row["object"]) if "object" in row else of(row)
    if name and wanted(ours, name) and freshness_column(ours, name) is None:
        yield {"fact": "dataset_update", "id": f"{dotted(name)}/written/{text(row['slot'])}",
               "asset": named(dotted(name)), "at": text(min(row["at"], now))}  # fmt: skip


def freshness(ours: SnowflakeSettings, named: Named, row: Record, now: datetime) -> Iterator[Record]:
    """What a declared column says: data through its greatest value. A column of dates counts from when it was seen.
    Raises FactError for a column that holds no time."""
    name, value = dotted(row["table"]), row["newest"]
    if value is None:
        return
    if not isinstance(value, date):
        raise FactError(f"freshness: {name}.{row['column']} holds {value!r}; it takes a column of dates or times")
    zone, whole_day = ZoneInfo(ours.zone), not isinstance(value, datetime)
    told = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=zone)
    if row["type"] == "timestamp_ntz":
        told = told.replace(tzinfo=zone)
    yield {"fact": "dataset_update", "id": f"{name}/{text(told)}", "asset": named(name),
           "at": text(now if whole_day else min(told, now)), "data_through": text(told)}  # fmt: skip


def edge(ours: SnowflakeSettings, named: Named, row: Record) -> Iterator[Record]:
    """What one query read and wrote."""
    upstream, downstream = split(row["upstream"]), split(row["downstream"])
    if upstream and downstream and wanted(ours, upstream) and wanted(ours, downstream):
        ends = named(dotted(upstream)), named(dotted(downstream))
        yield {"fact": "edge", "id": f"{dotted(upstream)}->{dotted(downstream)}", "upstream": ends[0],
               "downstream": ends[1]}  # fmt: skip


def task_name(row: Mapping[str, Any]) -> str | None:
    """The asset's name of a task; tables have other names."""
    name = of(dict(row))
    return f"task/{dotted(name)}" if name else None


def run(ours: SnowflakeSettings, named: Named, row: Record) -> Iterator[Record]:
    """A run of a task graph: its last attempts decide; it is told again while later tasks of it finish."""
    name = task_name(row)
    if name is None or not wanted(ours, (row["database_name"], row["schema_name"], row["name"])):
        return
    due, began = row["scheduled"], row["started"] or row["scheduled"]  # one that was skipped never started
    trigger = _TRIGGERS.get(str(row["origin"]).upper().replace("_", " "))
    if not row.get("bare"):
        yield {"fact": "asset", "asset": named(name), "kind": "pipeline"}
    yield {
        "fact": "run", "id": f"{name}/{row['graph']}", "asset": named(name), "state": _state(row), "trigger": trigger,
        "due_at": text(due) if trigger == "schedule" else None, "started_at": text(began),
        "ended_at": text(row["completed"]) if row["completed"] else None, "tries": int(row["tries"] or 1),
    }  # fmt: skip


def _state(row: Record) -> str:
    for state, column in (("failed", "failed"), ("cancelled", "cancelled"), ("success", "succeeded")):
        if row[column]:
            return state
    return "skipped"


def schedule(ours: SnowflakeSettings, named: Named, row: Record) -> Iterator[Record]:
    """A graph's first task with its cron. A plain interval has no slots that one could foretell, so none are told."""
    name = task_name(row)
    if name is None or (row["predecessors"] or "[]").strip() not in ("[]", ""):
        return
    if wanted(ours, (row["database_name"], row["schema_name"], row["name"])):
        cron = _CRON.fullmatch((row["schedule"] or "").strip())
        yield {
            "fact": "asset", "asset": named(name), "kind": "pipeline", "paused": row["state"] == "suspended",
            **({"description": row["comment"]} if row["comment"] else {}),
            **({"schedule": cron[1], "schedule_tz": cron[2]} if cron else {}),
        }  # fmt: skip
