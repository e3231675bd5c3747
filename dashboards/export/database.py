"""An export into the tables of a database: made where they are missing, replaced part by part, all in one transaction.

Only the tables of the export are touched, and of these only the rows that it speaks for: the same export twice leaves
the same rows, and the rolling windows of earlier days stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Dialect,
    Double,
    Engine,
    MetaData,
    String,
    Table,
    Text,
    and_,
    create_engine,
    inspect,
    or_,
)
from sqlalchemy import Column as Field
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.types import TypeDecorator, TypeEngine

from dashboards.export.columns import Column, Sheet
from slo.errors import ConfigError, TierlineError

Rows = Sequence[Mapping[str, Any]]
ONCE = 500
"""Rows of one statement."""
LONGEST_KEY = 255


class Utc(TypeDecorator[datetime]):
    """An instant; a database without zones keeps it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


def _type(column: Column) -> TypeEngine[Any]:
    if column.kind == "text":
        # Some databases index no unbounded text; those that come with Tierline do.
        short = String(LONGEST_KEY).with_variant(Text(), "postgresql", "sqlite")
        return short if column.key else Text()
    kinds: dict[str, TypeEngine[Any]] = {
        "int": BigInteger(), "real": Double(), "time": Utc(), "date": Date(), "bool": Boolean(),
    }  # fmt: skip
    return kinds[column.kind]


def table(sheet: Sheet, prefix: str, meta: MetaData) -> Table:
    """The sheet as a table, its key the primary one."""
    fields = [
        Field(one.name, _type(one), primary_key=one.key, nullable=not one.key, autoincrement=False, comment=one.what)
        for one in sheet.columns
    ]
    return Table(prefix + sheet.name, meta, *fields, comment=sheet.what)


def url_of(text: str) -> URL:
    """The database's address. Raises ConfigError."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigError("--out: write a file that ends in .parquet or .csv, or a database's SQLAlchemy URL") from None
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def opened(url: URL) -> Engine:
    """The database, not connected yet. Raises ConfigError where its driver is not installed."""
    try:
        return create_engine(url)
    except (NoSuchModuleError, ImportError) as error:
        raise ConfigError(f"--out {url.drivername}: no driver for it is installed ({error}); install it") from None


def write(
    text: str, prefix: str, tables: Sequence[tuple[Sheet, Rows]], kpis: Sequence[str] = (), periods: Sequence[str] = ()
) -> dict[str, int]:
    """Writes the tables; name -> rows. ``kpis``: the export speaks for these alone; none: for all. ``periods``: the
    closed periods it speaks for, also where nothing of them is restated any more. Raises ConfigError, TierlineError."""
    url, meta = url_of(text), MetaData()
    pairs = [(table(sheet, prefix, meta), sheet, rows) for sheet, rows in tables]
    engine = opened(url)
    try:
        with engine.begin() as connection:
            _prepare(connection, meta)
            for made, sheet, rows in pairs:
                _replace(connection, made, sheet, rows, kpis, periods)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise TierlineError(f"{url.render_as_string()}: {reason}; nothing was written") from None
    finally:
        engine.dispose()
    return {made.name: len(rows) for made, _, rows in pairs}


def _prepare(connection: Connection, meta: MetaData) -> None:
    """Makes the tables that are missing. Raises ConfigError where one of another shape has the name."""
    found = inspect(connection)
    for one in meta.sorted_tables:
        if not found.has_table(one.name):
            one.create(connection)
            continue
        there = {column["name"] for column in found.get_columns(one.name)}
        lacking = [column.name for column in one.columns if column.name not in there]
        if lacking:
            raise ConfigError(
                f"the table {one.name} there has no column {', '.join(lacking[:3])}: it is not of this export, or of "
                "an older one; choose other names with --prefix, or drop it"
            )


def _replace(
    connection: Connection, made: Table, sheet: Sheet, rows: Rows, kpis: Sequence[str], periods: Sequence[str]
) -> None:
    parts = {tuple(row[name] for name in sheet.part) for row in rows}
    if sheet.part == ("period",):
        parts |= {(period,) for period in periods}
    for some in _chunks(sorted(parts)):
        same = [and_(*(made.c[name] == value for name, value in zip(sheet.part, part, strict=True))) for part in some]
        chosen = or_(*same)
        if kpis and "kpi" in made.c:
            chosen = and_(chosen, made.c.kpi.in_(kpis))
        connection.execute(made.delete().where(chosen))
    for some in _chunks(rows):
        connection.execute(made.insert(), [dict(row) for row in some])


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[at : at + ONCE] for at in range(0, len(items), ONCE))
