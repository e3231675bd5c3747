"""The tables. One typed table a fact kind, made from the vocabulary in slo/facts; integer keys for assets and
sources. Instants are microseconds since 1970 in UTC, days are ordinals (``date.toordinal``), lists and objects JSON
text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from slo.facts import ENVELOPE, KINDS, Data, Words, place_fields
from slo.interchange import choices, field_types

# SQLite numbers rows by itself only where the key is a plain INTEGER; PostgreSQL needs the eight bytes.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

sources = Table(
    "sources", metadata, Column("id", Key, primary_key=True), Column("name", Text, nullable=False, unique=True)
)
asset_names = Table(
    "asset_names",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("canonical_id", Key, ForeignKey("asset_names.id")),  # null: the name is its own
)

COLUMN_TYPES: dict[str, type[TypeEngine[Any]] | TypeEngine[Any]] = {
    "text": Text, "instant": BigInteger, "number": Double, "whole": BigInteger, "flag": Boolean,
    "json": Text, "spans": Text, "names": Text, "asset": Key,
}  # fmt: skip
"""Form of a field -> its column's type. ``asset`` is a key into asset_names, ``names`` a JSON list of asset names."""

_FORMS: dict[Any, str] = {
    str: "text", datetime: "instant", float: "number", int: "whole", bool: "flag", Words: "json", Data: "json",
    list[Any]: "spans",
}  # fmt: skip


def _form(kind: str, field: str, plain_type: Any) -> str:
    if field == "asset" or (kind == "edge" and field in ("upstream", "downstream")):
        return "asset"
    if (kind, field) == ("incident", "assets"):
        return "names"
    words = choices(plain_type)
    return _FORMS[type(words[0]) if words else plain_type]


FORMS: dict[str, dict[str, str]] = {
    name: {
        field: _form(name, field, plain_type) for field, plain_type in field_types(cls).items() if field not in ENVELOPE
    }
    for name, cls in KINDS.items()
}
"""Fact kind -> its own fields -> their form."""

KEEPS_DELETED = frozenset({"asset"})
"""Kinds whose deleted facts are still read, with their last content."""

# What reading filters by, beyond identity, asset and place. Partial where most rows hold null.
_EXTRA_INDEXES: dict[str, tuple[str, ...]] = {
    "run": ("ended_at", "backfill"),
    "incident": ("resolved_at", "cause"),
    "alert": ("acknowledged_at", "dedup_key"),
}
_PARTIAL = frozenset({"backfill", "cause", "acknowledged_at", "dedup_key"})


def _fact_columns(kind: str) -> list[Column[Any]]:
    columns: list[Column[Any]] = [
        Column("pk", Key, primary_key=True),
        Column("source_id", Key, ForeignKey("sources.id"), nullable=False),
        Column("id", Text, nullable=False),
        Column("revised_at", BigInteger),
        Column("deleted", Boolean, nullable=False),
        Column("url", Text),
    ]
    for field, form in FORMS[kind].items():
        column_type = COLUMN_TYPES[form]
        link = (ForeignKey("asset_names.id"),) if form == "asset" else ()
        columns.append(Column(field, column_type, *link))
    columns += [Column("placed_at", BigInteger), Column("collected", Text)]
    if kind in KEEPS_DELETED:
        columns.append(Column("told_at", BigInteger))  # revised_at of the content that a deletion keeps
    return columns


def _fact_table(kind: str) -> Table:
    name = f"fact_{kind}"
    table = Table(name, metadata, *_fact_columns(kind))
    Index(f"ix_{name}_identity", table.c.source_id, table.c.id, unique=True)
    if place_fields(KINDS[kind]):
        Index(f"ix_{name}_placed", table.c.placed_at)
        if "asset" in FORMS[kind]:
            Index(f"ix_{name}_asset", table.c.asset, table.c.placed_at)
    for field in _EXTRA_INDEXES.get(kind, ()):
        only = table.c[field].is_not(None) if field in _PARTIAL else None
        Index(f"ix_{name}_{field}", table.c[field], sqlite_where=only, postgresql_where=only)
    if kind == "run":  # the few that came without their slot are looked for over the whole history
        only = table.c.due_at.is_(None)
        Index(f"ix_{name}_floating", table.c.asset, sqlite_where=only, postgresql_where=only)
    if kind == "correction":
        Index(f"ix_{name}_target", table.c.target_fact, table.c.target_id)
    return table


FACTS: dict[str, Table] = {kind: _fact_table(kind) for kind in KINDS}

told = Table(
    "told",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("facts", BigInteger, nullable=False),  # that are not deleted
    Column("earliest", BigInteger),  # least placed_at of those
)
changes = Table(
    "changes",
    metadata,
    Column("seq", Key, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("pk", Key, nullable=False),
    Column("old", Text),  # the row before, as JSON; null: told for the first time
    sqlite_autoincrement=True,  # a number once dropped never comes again
)
kpis = Table("kpis", metadata, Column("id", Key, primary_key=True), Column("name", Text, nullable=False, unique=True))
dims = Table(
    "dims",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slice", Text, nullable=False),
    Column("tier", SmallInteger),
    Column("team", Text),
    Column("domain", Text),
    Column("environment", Text),
)
Index("ix_dims_slice", dims.c.slice)
states = Table(
    "states",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("kpi_id", Key, ForeignKey("kpis.id"), nullable=False),
    Column("asset", Key, ForeignKey("asset_names.id")),  # null: a state of the platform's own
    Column("day", Integer, nullable=False),
    Column("dim_id", Key, ForeignKey("dims.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("valid_from", BigInteger),
    Column("valid_until", BigInteger),
    Column("member", Text),
    Column("matches", Text),
)
Index("ix_states_unit", states.c.kpi_id, states.c.asset, states.c.day)
Index("ix_states_day", states.c.kpi_id, states.c.day)
_expires = states.c.valid_until.is_not(None)
Index("ix_states_until", states.c.kpi_id, states.c.valid_until, sqlite_where=_expires, postgresql_where=_expires)
rollups = Table(
    "rollups",
    metadata,
    Column("kpi_id", Key, ForeignKey("kpis.id"), primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("dim_id", Key, ForeignKey("dims.id"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("valid_from", BigInteger),
    Column("valid_until", BigInteger),
)
marks = Table(
    "marks",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("kpi_id", Key, ForeignKey("kpis.id"), nullable=False),
    Column("asset", Key, ForeignKey("asset_names.id")),
    Column("first", Integer, nullable=False),
    Column("last", Integer),  # null: to the end of time
    sqlite_autoincrement=True,
)
Index("ix_marks_unit", marks.c.kpi_id, marks.c.asset)
meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)
results = Table(
    "results",
    metadata,
    Column("as_of", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # JSON, zlib
)
source_states = Table(
    "source_states",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
)
source_runs = Table(
    "source_runs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source_id", Key, ForeignKey("sources.id"), nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("facts", BigInteger, nullable=False),
    Column("set_aside", BigInteger, nullable=False),
    Column("error", Text),
    Column("told", BigInteger),  # records that the source itself counts; null: it didn't say
    Column("taken", BigInteger),  # those of them that came and could be taken
    Column("lag", BigInteger),  # seconds from its newest fact to the end of the pass
)
Index("ix_source_runs_source", source_runs.c.source_id, source_runs.c.id)
set_asides = Table(
    "set_asides",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source_id", Key, ForeignKey("sources.id"), nullable=False),
    Column("place", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
Index("ix_set_asides_source", set_asides.c.source_id, set_asides.c.place)

# The ledger: what was published of a period, and what has come since. Its first three tables are never rewritten.

arrivals = Table(
    "arrivals",
    metadata,
    Column("seq", Key, primary_key=True, autoincrement=False),  # the last change that came with a batch
    Column("at", BigInteger, nullable=False),
)
ledger_periods = Table(
    "ledger_periods",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # JSON, zlib
)
ledger_lines = Table(
    "ledger_lines",
    metadata,
    Column("period_id", Key, ForeignKey("ledger_periods.id"), primary_key=True, autoincrement=False),
    Column("kpi", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
ledger_documents = Table(
    "ledger_documents",
    metadata,
    Column("period_id", Key, ForeignKey("ledger_periods.id"), primary_key=True, autoincrement=False),
    Column("scope", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
ledger_causes = Table(
    "ledger_causes",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("period_id", Key, ForeignKey("ledger_periods.id"), nullable=False),
    Column("kpi", Text, nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_ledger_causes_line", ledger_causes.c.period_id, ledger_causes.c.kpi)
ledger_restatements = Table(
    "ledger_restatements",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("period_id", Key, ForeignKey("ledger_periods.id"), nullable=False),
    Column("kpi", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
Index(
    "ix_ledger_restatements_line",
    ledger_restatements.c.period_id,
    ledger_restatements.c.kpi,
    ledger_restatements.c.scope,
)
ledger_disputes = Table(
    "ledger_disputes",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("period", Text, nullable=False),
    Column("kpi", Text, nullable=False),
    Column("domain", Text),
    Column("text", Text, nullable=False),
    Column("by", Text),
    Column("opened", BigInteger, nullable=False),
    Column("settled", BigInteger),
    Column("settlement", Text),
)
