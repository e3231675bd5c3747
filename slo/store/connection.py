"""Connections: how SQLite and PostgreSQL are opened, how a writing transaction begins, how their errors are told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Table,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from slo.errors import StoreError
from slo.store.codec import Row, dump

WRITES = "tierline_writes"
"""Execution option of a connection whose transactions write."""
_WRITER_LOCK = 7_269_415_320_061
"""PostgreSQL's advisory lock that every writing transaction holds: as in SQLite, one writer at a time."""
_COPY_FROM = 20
"""Rows from which PostgreSQL's COPY is worth its set-up."""
_SECRETS = re.compile(r"(?i)((?:password|sslpassword|passfile)=)[^&\s]+")


def parse_url(text: str) -> URL:
    """The store's address. Raises StoreError naming what is wrong with it."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError(
            "store: this is not a SQLAlchemy URL; write sqlite:///var/tierline.db or "
            "postgresql+psycopg://user:password@host/database"
        ) from None
    if url.get_backend_name() == "postgresql" or url.drivername == "postgres":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise StoreError(f"store: {shown(url)}: a store is sqlite:///FILE or postgresql+psycopg://...")
    if url.database in (None, "", ":memory:"):
        raise StoreError(f"store: {shown(url)}: keeps nothing; name a file, such as sqlite:///var/tierline.db")
    return url


def shown(url: URL) -> str:
    """The address as it may be shown: passwords starred."""
    return _SECRETS.sub(r"\1***", url.render_as_string(hide_password=True))


def open_engine(url: URL, busy_seconds: float) -> Engine:
    """An engine whose transactions begin as they should; nothing is connected yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    timeouts = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
    engine = create_engine(url, connect_args=timeouts, paramstyle="format", pool_pre_ping=True)
    lock_timeout = int(busy_seconds * 1000)
    event.listen(engine, "begin", lambda connection: _begin_postgres(connection, lock_timeout))
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -32000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgres(connection: Connection, lock_timeout: int) -> None:
    if connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {lock_timeout}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def make_room(url: URL) -> None:
    """The folder of a SQLite file. Raises StoreError where it cannot be made."""
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"the folder cannot be made: {error.strerror}"
            raise StoreError(f"store: {shown(url)}: {reason}; choose another") from None


@contextmanager
def told_plainly(engine: Engine) -> Iterator[None]:
    """Turns a database's error into one StoreError that names place and remedy."""
    try:
        yield
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        raise StoreError(f"store: {shown(engine.url)}: {_explained(str(cause))}") from None


_REMEDIES = {
    "disk is full|No space left|could not extend file": "the disk is full; make room, then run again: nothing is lost",
    "disk I/O error": "the disk refuses (full, over a limit, broken); make room, then run again: nothing is lost",
    "is locked|lock timeout": "another process is writing for too long; wait, or end it, and run again",
    "not a database|malformed": "this file is no Tierline store, or is damaged; name another, or restore a backup",
    "unable to open": "the file cannot be opened; check the folder and its rights",
    "readonly database|read-only": "no right to write there; check the rights",
    "no such table|does not exist": "the store is not set up; migrate it first",
    "authentication|no password": "user or password is refused; check the URL",
    "connection|could not translate|timeout|closed": "the database cannot be reached; check host and port",
}


def _explained(cause: str) -> str:
    first = next((line for line in cause.splitlines() if line.strip()), "no reason given")
    first = _SECRETS.sub(r"\1***", first)
    for pattern, remedy in _REMEDIES.items():
        if re.search(pattern, cause, re.IGNORECASE):
            return f"{remedy} ({first})"
    return f"{first}; check the database's own log"


def among(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """``column IN values`` as one bound value, so that no list is longer than a driver's limit."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(dump(list(values))).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))


def fetch(connection: Connection, statement: Executable) -> list[Row]:
    """All rows as plain tuples of the driver: no result processing a row."""
    cursor = connection.execute(statement).cursor
    return list(cursor.fetchall()) if cursor is not None else []


def insert_many(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """One executemany of plain tuples; the columns are named in the table's own order."""
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) > _COPY_FROM:
        _copy(connection, table, columns, rows)
    else:
        statement = table.insert().inline().compile(dialect=connection.dialect, column_keys=list(columns))
        connection.exec_driver_sql(str(statement), list(rows))


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """PostgreSQL's COPY: several times as fast as INSERT."""
    quote = connection.dialect.identifier_preparer.quote
    named = ", ".join(quote(name) for name in columns)
    cursor: Any = connection.connection.cursor()
    with closing(cursor), cursor.copy(f"COPY {quote(table.name)} ({named}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def update_many(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """One executemany of (the columns' values..., primary key)."""
    if rows:
        (key,) = table.primary_key.columns
        values = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in columns}
        statement = table.update().where(key == bindparam("at_key", type_=key.type)).values(values)
        connection.exec_driver_sql(str(statement.compile(dialect=connection.dialect)), list(rows))


def remove(connection: Connection, table: Table, keys: Sequence[int]) -> None:
    """Deletes rows by primary key."""
    if keys:
        (key,) = table.primary_key.columns
        connection.execute(table.delete().where(among(connection, key, sorted(keys))))
