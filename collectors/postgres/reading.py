"""One look at a PostgreSQL database: statement counters, tables with their change counters, sizes, newest values.

It comes back as a :class:`Snapshot` of plain values, so that what is made of it is pure and can be replayed from a
recording. Every statement of ours holds ``/* tierline */``, so that it is not counted as the warehouse's own work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from collectors.postgres.session import Connection, place, told
from slo.errors import PermissionMissing

Rows = dict[str, list[Any]]
STATEMENTS_REMEDY = (
    "Put pg_stat_statements into shared_preload_libraries, restart the server, run CREATE EXTENSION pg_stat_statements "
    "in this database; or set `statements: false`"
)
READ_ALL_REMEDY = "GRANT pg_read_all_stats TO the role; without it the statements of other roles are hidden"


@dataclass(frozen=True)
class Question:
    """What to look at. ``statements``: null: where the extension is there. ``ignore``: pattern of queries that don't
    count. ``workloads``: (name, pattern on the role, pattern on the query), the first that matches wins. ``newest``:
    "schema.table" -> column."""

    statements: bool | None = None
    ignore: str = ""
    workloads: Sequence[tuple[str, str, str]] = ()
    schemas: Sequence[str] = ()
    sizes: bool = True
    newest: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Newest:
    """The greatest value of a table's column (None: an empty table); ``whole_day``: it is a date. Or why it can't be
    read."""

    value: datetime | None = None
    whole_day: bool = False
    error: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What was seen; ``at`` by the server's own clock.

    ``statements``: "queryid/userid" -> [workload or null, calls, total milliseconds, since when]; None: no extension.
    ``tables``: "schema.table" -> [oid, schema, description, tuples inserted, updated and deleted so far]; partitions
    count to their root. ``sizes``: bytes with indexes and TOAST; None: not asked for, or a lock was in the way."""

    place: str
    database: str
    version: str
    at: datetime
    statements: Rows | None
    statements_reset: datetime | None
    tables: Rows
    tables_reset: datetime | None
    sizes: dict[str, int] | None
    newest: dict[str, Newest]


def look(connection: Connection, question: Question) -> Snapshot:
    """Raises psycopg's errors (see ``session.told``) and PermissionMissing."""
    at = _one(connection, "SELECT /* tierline */ clock_timestamp()")
    statements, reset = _statements(connection, question)
    tables = _tables(connection, question)
    return Snapshot(
        place=place(connection),
        database=_one(connection, "SELECT /* tierline */ current_database()"),
        version=_version(connection.info.server_version),
        at=at,
        statements=statements,
        statements_reset=reset,
        tables=tables,
        tables_reset=_one(connection, _TABLES_RESET),
        sizes=_sizes(connection, tables) if question.sizes else None,
        newest={name: _newest(connection, name, column, tables) for name, column in question.newest.items()},
    )


def _one(connection: Connection, statement: LiteralString) -> Any:
    """The first field of the first row; None where there is no row."""
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def _version(number: int) -> str:
    return f"{number // 10000}.{number % 10000}"


_EXTENSION: LiteralString = """
SELECT /* tierline */ n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""
_STATEMENTS: LiteralString = """
SELECT /* tierline */ s.queryid, s.userid, {workload}, s.calls, s.{total}, {since}
FROM {view} s LEFT JOIN pg_roles r ON r.oid = s.userid
WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND {toplevel}
  AND coalesce(s.query, '') !~* {ignore} AND strpos(coalesce(s.query, ''), '/* tierline */') = 0
"""
_NOTHING = "^$"
"""A pattern that no statement matches."""


def _statements(connection: Connection, question: Question) -> tuple[Rows | None, datetime | None]:
    """Counters of this database's statements, and when all of them last began at zero (unknown before 14)."""
    schema = None if question.statements is False else _one(connection, _EXTENSION)
    try:
        with connection.transaction():
            if schema is not None:
                return _counters(connection, schema, question), _statements_reset(connection, schema)
    except psycopg.errors.ObjectNotInPrerequisiteState:
        schema = None  # the extension is there, its library isn't loaded
    if question.statements:
        raise PermissionMissing(f"statements: pg_stat_statements is not in use. {STATEMENTS_REMEDY}.")
    return None, None


def _counters(connection: Connection, schema: str, question: Question) -> Rows:
    view = sql.Identifier(schema, "pg_stat_statements")
    shape = connection.execute(sql.SQL("SELECT /* tierline */ * FROM {} LIMIT 0").format(view)).description or []
    rows: Rows = {}
    found = connection.execute(_statement(view, {column.name for column in shape}, question))
    for query, role, workload, calls, total, since in found:
        if query is None:
            raise PermissionMissing(f"statements: {READ_ALL_REMEDY}.")
        rows[f"{query}/{role}"] = [workload, calls, total, since and since.isoformat()]
    return rows


def _statement(view: sql.Composable, columns: set[str], question: Question) -> sql.Composed:
    """The query in this version's columns: total_time became total_exec_time in 13; 14 brought toplevel, 17
    stats_since."""
    return sql.SQL(_STATEMENTS).format(
        view=view,
        workload=_workload(question),
        total=sql.Identifier("total_exec_time" if "total_exec_time" in columns else "total_time"),
        since=sql.SQL("s.stats_since" if "stats_since" in columns else "NULL::timestamptz"),
        toplevel=sql.SQL("s.toplevel" if "toplevel" in columns else "true"),
        ignore=sql.Literal(question.ignore or _NOTHING),
    )


def _workload(question: Question) -> sql.Composable:
    """The first workload whose patterns match. The server decides, so no query text travels."""
    case = sql.SQL("WHEN coalesce(r.rolname, '') ~ {} AND coalesce(s.query, '') ~* {} THEN {}::text")
    cases = [case.format(role, query, name) for name, role, query in question.workloads]
    return sql.SQL("CASE {} END").format(sql.SQL(" ").join(cases)) if cases else sql.SQL("NULL::text")


def _statements_reset(connection: Connection, schema: str) -> datetime | None:
    if connection.info.server_version < 140000:
        return None
    view = sql.Identifier(schema, "pg_stat_statements_info")
    row = connection.execute(sql.SQL("SELECT /* tierline */ stats_reset FROM {}").format(view)).fetchone()
    return row[0] if row else None


# A partitioned table is one dataset: its partitions, at any depth, count to it. pg_inherits is read without locks.
_TREE: LiteralString = """
WITH RECURSIVE tree AS (
  SELECT c.oid AS root, c.oid AS part FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  UNION ALL
  SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.part
  JOIN pg_class child ON child.oid = i.inhrelid AND child.relispartition
)
"""
_TABLES: LiteralString = """
SELECT /* tierline */ n.nspname || '.' || c.relname, c.oid::bigint, n.nspname, obj_description(c.oid, 'pg_class'),
  sum(pg_stat_get_tuples_inserted(tree.part) + pg_stat_get_tuples_updated(tree.part)
    + pg_stat_get_tuples_deleted(tree.part))::bigint
FROM tree JOIN pg_class c ON c.oid = tree.root JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {every} OR n.nspname = ANY({schemas}) GROUP BY 1, 2, 3, 4 ORDER BY 1
"""
_SIZES: LiteralString = """
SELECT /* tierline */ root::bigint, sum(pg_total_relation_size(part))::bigint
FROM tree WHERE root = ANY({oids}) GROUP BY 1
"""
_TABLES_RESET: LiteralString = (
    "SELECT /* tierline */ stats_reset FROM pg_stat_database WHERE datname = current_database()"
)


def _tables(connection: Connection, question: Question) -> Rows:
    statement = sql.SQL(_TREE + _TABLES).format(
        every=sql.Literal(not question.schemas), schemas=sql.Literal(list(question.schemas))
    )
    return {name: rest for name, *rest in connection.execute(statement)}


def _sizes(connection: Connection, tables: Rows) -> dict[str, int] | None:
    """Bytes a table. One that is being rewritten is locked: then no sizes this time, which is no fault."""
    names = {row[0]: name for name, row in tables.items()}
    statement = sql.SQL(_TREE + _SIZES).format(oids=sql.Literal(list(names)))
    try:
        with connection.transaction():
            return {names[oid]: size for oid, size in connection.execute(statement) if size is not None}
    except psycopg.errors.LockNotAvailable:
        return None


def _newest(connection: Connection, name: str, column: str, tables: Rows) -> Newest:
    """The greatest value of a column. What is wrong with one table touches no other."""
    at = f"freshness: {name}.{column}"
    if name not in tables:
        return Newest(error=f"{at}: there is no such table in the schemas read; write schema.table")
    schema = tables[name][1]
    table = sql.Identifier(schema, name.removeprefix(f"{schema}."))
    statement = sql.SQL("SELECT /* tierline */ max({0})::timestamptz, pg_typeof(max({0}))::text FROM {1}")
    try:
        with connection.transaction():
            row = connection.execute(statement.format(sql.Identifier(column), table)).fetchone()
            return Newest(row[0], row[1] == "date") if row else Newest()
    except psycopg.errors.InsufficientPrivilege:
        return Newest(error=f"{at}: no right; GRANT USAGE ON SCHEMA {schema}, SELECT ({column}) ON {name} TO the role")
    except psycopg.Error as error:
        if connection.broken:
            raise
        return Newest(error=f"{at}: {told(error)} It takes a column of dates or times.")
