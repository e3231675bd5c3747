"""One fetch of a Snowflake account: part by part, so that one which fails stops no other (collectors/apart.py).

The memory is plain JSON: ``missed`` part -> moment, ``seen`` asset's name -> the last day it was seen (warehouses,
workloads and tasks have no complete listing), ``sized`` the day of the last sizes, ``read`` parts that once worked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.apart import PROBLEM, Parts
from collectors.base import Enumerated, Period, Raw
from collectors.snowflake.api import Row, SqlApi, StatementFailed
from collectors.snowflake.money import SETTLED
from collectors.snowflake.names import Name, dotted, freshness_column, of, split, wanted, word
from collectors.snowflake.objects import Tags, tagged, tags_of, task_name
from collectors.snowflake.parts import SETTLE, Part, parts_of, pieces, remedy
from collectors.snowflake.queries import grouped, name_of
from collectors.snowflake.settings import SnowflakeSettings
from collectors.snowflake.sql import newest
from slo.errors import SourceError

LINEAGE = timedelta(days=30)
"""So far back the first pass reads lineage."""
_KEPT = timedelta(days=35)
"""A warehouse, workload or task that was not seen for so long counts as gone."""
MOST = 1000
"""So many workloads there may be in a period."""
_WILD = ("*", "?", "[")
Told = Iterator[Raw | Enumerated]


class Reading:
    """``named``: from a name to the asset's. ``memory`` is changed in place."""

    def __init__(
        self, api: SqlApi, ours: SnowflakeSettings, memory: dict[str, Any], now: datetime, named: Callable[[str], str]
    ) -> None:
        self.api, self.ours, self.memory, self.now, self.named = api, ours, memory, now, named
        self.parts = Parts(memory, lambda error: isinstance(error, StatementFailed))
        self.missed, self.failed = self.parts.missed, self.parts.failed
        self.seen: dict[str, str] = memory.setdefault("seen", {})
        self.tags: Tags = {}
        self.tables: list[Row] | None = None

    def fetch(self, period: Period) -> Told:
        """Everything of a period. Raises the first failure where every part failed."""
        parts = [part for part in parts_of(self.ours) if self._due(part, period)]
        for part in parts:
            yield from self._part(part, period)
        self.parts.nothing_seen(part.name for part in parts)
        if period.latest and self.tables is not None:
            yield Enumerated("asset", frozenset(map(self.named, [*self._names(), *self._alive()])))

    def _due(self, part: Part, period: Period) -> bool:
        if part.name == "sizes" and self.memory.get("sized") == self._today():
            return False
        return period.latest or not part.latest

    def _today(self) -> str:
        return self.now.astimezone(UTC).date().isoformat()

    def _part(self, part: Part, period: Period) -> Told:
        """One part; where it fails, why."""
        start = self._start(part, period)
        records = self._read(part, start, period.end)
        yield from self.parts.read(part.name, start, period, records, lambda error: _why(error, part, self.ours))
        if part.name not in self.failed:
            self.memory["read"] = sorted({*self.memory.get("read", []), part.name})

    def _start(self, part: Part, period: Period) -> datetime:
        """Where to begin: an incremental period overlaps by twice the part's own latency, and by as long as sums are
        provisional; what was missed is taken up."""
        if not period.latest:
            return period.start
        overlap = max(2 * part.latency, SETTLED)
        start = period.start + (SETTLE - overlap) if period.incremental else period.start
        start = period.end - LINEAGE if part.name == "lineage" and not period.incremental else start
        return self.parts.start(part.name, start)

    def _read(self, part: Part, start: datetime, end: datetime) -> Told:
        if part.build is None:
            yield from self._freshness()
            return
        rows = [row for piece in pieces(part, start, end)
                for row in self.api.rows(part.name, part.build(self.ours, *piece))]  # fmt: skip
        rows = _few(grouped(rows)) if part.name == "queries" else rows
        special = {"tags": self._tags, "tables": self._tables, "sizes": self._sizes}.get(part.name)
        yield from special(rows) if special else self._plain(part.name, rows)

    def _plain(self, name: str, rows: list[Row]) -> Told:
        """Rows that stand for themselves. Tasks without their schedules, where those failed, say nothing of the task:
        it would lose the schedule it was told with."""
        bare = name == "tasks" and "schedules" in self.failed and "schedules" in self.memory.get("read", [])
        for row in rows:
            self._mark(name, row)
            yield Raw(name, {**row, "bare": True} if bare else row)

    def _mark(self, part: str, row: Row) -> None:
        """Remembers when an asset without a listing was last seen."""
        if part in ("tasks", "schedules"):
            name = task_name(row)
        elif part in ("metering", "queries"):
            name = word(row["warehouse"]) if part == "metering" else name_of(self.ours, row["workload"])
        else:
            return
        day = (row.get("at") or row.get("completed") or self.now).astimezone(UTC).date().isoformat()
        if name:
            self.seen[name] = max(day, self.seen.get(name, day))

    def _alive(self) -> list[str]:
        """What was seen lately; the rest is forgotten."""
        oldest = (self.now.astimezone(UTC).date() - _KEPT).isoformat()
        for name in [name for name, day in self.seen.items() if day < oldest]:
            del self.seen[name]
        return list(self.seen)

    def _tags(self, rows: list[Row]) -> Told:
        self.tags = tagged(rows)
        yield from ()

    def _tables(self, rows: list[Row]) -> Told:
        """The tables with their tags. Where tags were read before and now failed, tables are left as they were told."""
        self.tables = [row for row in rows if (name := of(row)) and wanted(self.ours, name)]
        lost = "tags" in self.failed and "tags" in self.memory.get("read", [])
        for row in self.tables:
            if not lost:
                yield Raw("table", {**row, "tags": tags_of(self.tags, _name(row))})
            if self.ours.writes == "last_altered" and "writes" in self.ours.parts and row["type"] == "BASE TABLE":
                yield Raw("altered", row)

    def _names(self) -> list[str]:
        return [dotted(_name(row)) for row in self.tables or []]

    def _sizes(self, rows: list[Row]) -> Told:
        for row in rows:
            if (name := of(row)) and wanted(self.ours, name):
                yield Raw("sizes", row)
        self.memory["sized"] = self._today()

    def _freshness(self) -> Told:
        """The declared columns, a statement a table: what is wrong with one touches no other."""
        for unknown in self._unknown():
            yield Raw(PROBLEM, f"freshness: {unknown}: there is no such table among those read; write "
                      "database.schema.table")  # fmt: skip
        for name in self._declared():
            column = freshness_column(self.ours, name) or ""
            try:
                row, kind = self.api.one("freshness", newest(name, column))
                yield Raw("freshness", {"table": name, "column": column, "newest": row["newest"], "type": kind})
            except StatementFailed as error:
                grant = f"GRANT SELECT ON TABLE {dotted(name)} TO ROLE {self.ours.role or '<the role of Tierline>'};"
                yield Raw(PROBLEM, f"freshness: {dotted(name)}.{column}: {error} {grant if error.denied else ''}")

    def _declared(self) -> list[Name]:
        """Tables that a declared column says something of: of those listed, or as the settings name them."""
        if self.tables is not None:
            return [name for name in map(_name, self.tables) if freshness_column(self.ours, name)]
        return [name for text in self._exact() if (name := split(text.upper() if text == text.lower() else text))]

    def _exact(self) -> list[str]:
        return [name for name in self.ours.freshness if not any(sign in name for sign in _WILD)]

    def _unknown(self) -> list[str]:
        """Tables the settings name that are not among those listed, or that are no such names."""
        if self.tables is None:
            return [name for name in self._exact() if split(name) is None]
        known = {".".join(_name(row)).lower() for row in self.tables}
        return [name for name in self._exact() if name.lower() not in known]


def _few(grouped: list[Row]) -> list[Row]:
    """The groups themselves. Raises StatementFailed where every query seems to be a workload of its own."""
    count = len({one["workload"] for one in grouped})
    if count > MOST:
        why = "query tags that differ from query to query make no workload"
        raise StatementFailed(f"{count} workloads, more than {MOST}: {why}; name some in workloads", False)
    return grouped


def _name(row: Row) -> Name:
    return row["database_name"], row["schema_name"], row["name"]


def _why(error: SourceError, part: Part, ours: SnowflakeSettings) -> str:
    """Why a part failed, with the grant where one is missing."""
    denied = isinstance(error, StatementFailed) and error.denied
    return f"{part.name}: {error}" + (f" {remedy(part, ours)}" if denied else "")


def own_period(now: datetime) -> tuple[datetime, datetime]:
    """The thirty days of which our own cost is told."""
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    return today - timedelta(days=30), today
