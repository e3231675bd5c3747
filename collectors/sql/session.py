"""A read-only look into any database that SQLAlchemy speaks: one statement, its rows as dicts, nothing left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Engine, bindparam, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from collectors.secrets import starred
from slo.errors import ConfigError, SourceError

READ_ONLY = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET TRANSACTION READ ONLY",
             "mysql": "SET TRANSACTION READ ONLY"}  # fmt: skip
"""What forbids writing for the transaction; others are rolled back, and rest on the role's rights."""
AT_ONCE = 1_000
"""Rows fetched at once."""
_SELECT = re.compile(r"^\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with)\b", re.IGNORECASE | re.DOTALL)


def one_select(query: str) -> str:
    """The query, without the semicolon at its end. Raises ValueError where it is not one SELECT."""
    bare = query.strip().removesuffix(";").rstrip()
    if not _SELECT.match(bare):
        raise ValueError("is no query; begin it with SELECT or WITH")
    if ";" in re.sub(r"'[^']*'", "", bare):
        raise ValueError("holds several statements; write one")
    return bare


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    """A connection that cannot write, rolled back at its end. Raises ConfigError for a URL that cannot be used and
    SourceError where the database cannot be reached or refuses; neither shows the password."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            if words := READ_ONLY.get(engine.dialect.name):
                connection.execute(text(words))
            yield connection
            connection.rollback()
    except SQLAlchemyError as error:
        raise SourceError(_said(error)) from None
    finally:
        engine.dispose()


def rows(connection: Connection, query: str, days: Mapping[str, date]) -> Iterator[dict[str, Any]]:
    """The rows of a query, by small column names, a part at a time. ``days``: parameter -> day; those that the query
    does not name are left out."""
    bound = text(one_select(query))
    for name, day in days.items():
        if re.search(rf"(?<!:):{name}\b", query):
            bound = bound.bindparams(bindparam(name, day, Date))
    answer = connection.execution_options(yield_per=AT_ONCE).execute(bound)
    names = [name.lower() for name in answer.keys()]  # noqa: SIM118 - a Result's keys, not a dict's
    for row in answer:
        yield dict(zip(names, row, strict=True))


def _engine(url: str) -> Engine:
    try:
        return create_engine(make_url(url), poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        reason = starred(str(error)) if not isinstance(error, ArgumentError) else "is no SQLAlchemy URL"
        raise ConfigError(
            f"url: {reason}; write one such as postgresql+psycopg://user:password@host/database, and install its driver"
        ) from None


def _said(error: SQLAlchemyError) -> str:
    """The database's own words, on one line and without the statement."""
    told = str(error.orig) if isinstance(error, DBAPIError) and error.orig is not None else str(error)
    return starred(" ".join(told.split()))[:500]
