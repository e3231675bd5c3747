"""PostgreSQL as a warehouse: how long its queries take, how big its tables are, when they last changed.

pg_stat_statements only counts up, so what two passes differ by is what happened between them. It gives a mean for each
statement, no single times: the calls a statement had between two passes all go to the bucket of their mean. So p95 is
that of statements' means, weighted by calls; a statement that is mostly quick and rarely slow looks steadier than it
is. Short intervals soften that. Only statements that succeeded are counted.

A table changed when a column of yours says so (``freshness``), or else when its counters of inserted, updated and
deleted rows moved: then it changed at the pass's moment or up to an interval before, and a rolled-back write counts
too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.postgres.changes import Memory, calls, moved, remembered, text
from collectors.postgres.reading import STATEMENTS_REMEDY, Question, Snapshot, look
from collectors.postgres.session import opened
from collectors.spans import Span
from slo.errors import FactError, SourceError
from slo.measure.samples import GAMMA, bucket_of

_NO_QUERY = (
    r"^\s*(begin|start|commit|end|rollback|abort|savepoint|release|set|reset|show|discard|deallocate|close"
    r"|prepare\s+transaction)\y"
)
_ZERO = -(10**9)
"""Stands for a mean of nought while buckets are counted."""
_TOLD = ("tier", "team", "domain", "critical")


class Workload(BaseModel):
    """Statements that are looked at apart. Patterns are PostgreSQL's own; all that are given must match."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, description="Its asset is <namespace>/<name>.")
    user: str = Field(default="", description="Pattern on the role that ran it, such as ^bi_.")
    query: str = Field(default="", description="Pattern on the query's text, whatever the case, such as dbt.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="The workload's tier.")
    team: str | None = Field(default=None, description="The team it belongs to.")
    domain: str | None = Field(default=None, description="Its domain.")
    critical: bool | None = Field(default=None, description="Whether it is critical whatever its tier.")


class PostgresSettings(SourceSettings):
    dsn: SecretStr = Field(description="postgresql://user:password@host:5432/database, as env:NAME or file:/path. It "
                           "names server, database and user itself.")  # fmt: skip
    statements: bool | None = Field(default=None, description="pg_stat_statements: true demands it, false leaves it "
                                    "alone, null reads it where it is there. p95 is then one of means: a statement's "
                                    "calls between two passes all count with their mean.")  # fmt: skip
    workloads: list[Workload] = Field(default=[], description="Statements to look at apart, the first that matches. "
                                      "The rest is the workload <namespace>/<database>.")  # fmt: skip
    ignore: str = Field(default=_NO_QUERY, description="Pattern of statements that are no queries.")
    schemas: list[str] = Field(default=[], description="Schemas to take tables of; default: all but the system's.")
    tables: list[str] = Field(default=["*"], description="Globs of schema.table to take.")
    exclude: list[str] = Field(default=[], description="Globs of schema.table to leave out.")
    freshness: dict[str, str] = Field(default={}, description="schema.table -> the column that says when a row was "
                                      "written; its greatest value is the last change. An index helps.")  # fmt: skip
    zone: str = Field(default="UTC", description="Time zone of such columns that hold no zone.")
    timeout: Span = Field(default=timedelta(seconds=30), description="Longest time one of our statements may run.")
    connect_timeout: Span = Field(default=timedelta(seconds=10), description="Longest time to wait for a connection.")


class Postgres(Source):
    plugin = "postgres"
    title = "PostgreSQL warehouse"
    family = "warehouse"
    tells = {
        "asset": ("kind", "description", *_TOLD),
        "dataset_update": ("at", "data_through"),
        "meter": ("at", "until", "amount", "queries", "stored_bytes"),
        "distribution": ("at", "until", "query_seconds", "buckets"),
    }
    has_history = False
    tested = (
        "PostgreSQL 15 with pg_stat_statements 1.10, run live. Other versions' columns (13, 14, 17) are taken as their "
        "views show them. Query times are means a statement and interval, not single calls"
    )
    grants = (
        "CREATE ROLE tierline LOGIN PASSWORD '...'; GRANT CONNECT ON DATABASE warehouse TO tierline; "
        "GRANT pg_read_all_stats TO tierline; CREATE EXTENSION pg_stat_statements; "
        "and for each table named in freshness: GRANT USAGE ON SCHEMA s TO tierline; "
        "GRANT SELECT (updated_at) ON s.t TO tierline;"
    )
    Settings = PostgresSettings
    settings: PostgresSettings

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        if not period.latest:
            return
        now = self.now()
        today = now.astimezone(UTC).date().isoformat()
        seen = self._look(sizes=self.memory.get("sized") != today)
        before = self.memory if self.memory.get("place") == seen.place else {}
        context = {"now": text(now), "since": before.get("at"), "database": seen.database}
        yield from self._register(seen)
        for kind, items in (("calls", calls(before, seen).items()), ("size", self._taken(seen.sizes or {}).items()),
                            ("update", self._updates(before, seen))):  # fmt: skip
            yield from (Raw(kind, item, context) for item in items)
        self.memory = remembered(before, seen, text(now), today)

    def _look(self, sizes: bool) -> Snapshot:
        ours = self.settings
        workloads = [(one.name, one.user, one.query) for one in ours.workloads]
        question = Question(ours.statements, ours.ignore, workloads, ours.schemas, sizes, ours.freshness)
        with opened(ours.dsn.get_secret_value(), ours.timeout, ours.connect_timeout, ours.zone) as connection:
            return look(connection, question)

    def _register(self, seen: Snapshot) -> Iterator[Raw | Enumerated]:
        """Tables and workloads as they are now, and the complete list of them."""
        workloads = [{"name": seen.database}, *(one.model_dump() for one in self.settings.workloads)]
        tables = [{"name": f"{seen.database}.{name}", "description": row[2]}
                  for name, row in self._taken(seen.tables).items()]  # fmt: skip
        shown = [] if self.settings.statements is False else workloads
        yield from (Raw("table", one) for one in tables)
        yield from (Raw("workload", one) for one in shown)
        yield Enumerated("asset", frozenset(self.asset(str(one["name"])) for one in [*tables, *shown]))

    def _taken(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """What of "schema.table" -> anything the settings want."""
        ours = self.settings
        return {
            name: value for name, value in named.items()
            if any(fnmatchcase(name, glob) for glob in ours.tables)
            and not any(fnmatchcase(name, glob) for glob in ours.exclude)
        }  # fmt: skip

    def _updates(self, before: Memory, seen: Snapshot) -> Iterator[dict[str, Any]]:
        """Tables that changed since the last pass: by their column where one is named, else by their counters."""
        told = before.get("newest", {})
        for name, newest in seen.newest.items():
            value = text(newest.value) if newest.value else None
            if newest.error or (value and value != told.get(name)):
                yield {"table": name, "value": value, "whole_day": newest.whole_day, "error": newest.error}
        for name in self._taken(moved(before, seen)):
            if name not in seen.newest:
                yield {"table": name, "value": None, "whole_day": False, "error": ""}

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        if raw.kind in ("table", "workload"):
            kind = {"table": "dataset", "workload": "workload"}[raw.kind]
            told = {name: raw.data[name] for name in ("description", *_TOLD) if raw.data.get(name) is not None}
            yield {"fact": "asset", "asset": self.asset(raw.data["name"]), "kind": kind, **told}
        elif raw.kind == "calls":
            yield from self._queries(raw)
        else:
            yield self._size(raw) if raw.kind == "size" else self._update(raw)

    def _queries(self, raw: Raw) -> Iterator[dict[str, Any]]:
        """The calls of one workload between two passes, and how long they took."""
        workload, means = raw.data
        name, since = workload or raw.context["database"], raw.context["since"]
        counts: Counter[int] = Counter()
        for count, seconds in means:
            counts[bucket_of(seconds) if seconds > 0 else _ZERO] += count
        zero = counts.pop(_ZERO, 0)
        shared = {"asset": self.asset(name), "at": since, "until": raw.context["now"]}
        yield {"fact": "meter", "id": f"{name}/{since}/queries", **shared, "meter": "queries",
               "amount": zero + counts.total()}  # fmt: skip
        yield {"fact": "distribution", "id": f"{name}/{since}/query_seconds", **shared, "metric": "query_seconds",
               "outcome": "success", "gamma": GAMMA, "zero": zero,
               "buckets": {str(index): counts[index] for index in sorted(counts)}}  # fmt: skip

    def _size(self, raw: Raw) -> dict[str, Any]:
        """One reading a table and UTC day."""
        (table, size), now = raw.data, raw.context["now"]
        name = f"{raw.context['database']}.{table}"
        return {"fact": "meter", "id": f"{name}/{now[:10]}/stored_bytes", "asset": self.asset(name),
                "meter": "stored_bytes", "amount": size, "at": now}  # fmt: skip

    def _update(self, raw: Raw) -> dict[str, Any]:
        """A table's last change: at its column's value (never later than now); at the pass's moment where the column
        holds whole days, or where only the counters moved (the id says "moved")."""
        if raw.data["error"]:
            raise FactError(raw.data["error"])
        name, now, value = f"{raw.context['database']}.{raw.data['table']}", raw.context["now"], raw.data["value"]
        at = now if value is None or raw.data["whole_day"] else min(value, now, key=datetime.fromisoformat)
        return {"fact": "dataset_update", "id": f"{name}/{value or f'moved/{now}'}", "asset": self.asset(name),
                "at": at, "data_through": value}  # fmt: skip

    def check(self) -> list[Finding]:
        try:
            seen = self._look(sizes=False)
        except SourceError as error:
            return [Finding(False, "connection", str(error))]
        count = len(self._taken(seen.tables))
        statements = "not read" if seen.statements is None else f"{len(seen.statements)} kinds of query"
        missing = seen.statements is None and self.settings.statements is not False
        wrong = [newest.error for newest in seen.newest.values() if newest.error]
        return [
            Finding(True, f"connection: PostgreSQL {seen.version}, database {seen.database}, {count} tables"),
            Finding(not missing, f"pg_stat_statements: {statements}", STATEMENTS_REMEDY if missing else ""),
            *(Finding(False, error.split(":")[0], error) for error in wrong),
        ]
