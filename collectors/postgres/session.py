"""One read-only session on a PostgreSQL database, and its errors as messages with their remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from collectors.secrets import star, starred
from slo.errors import PermissionMissing, RetriableError, SourceError

Connection = psycopg.Connection[Any]
_SHAPE = "write postgresql://user:password@host:5432/database"
_REFUSED = ("authentication failed", "no pg_hba.conf entry", "no password supplied", "not permitted to log in")
_LOCK_TIMEOUT = "2000"
"""Milliseconds a table may be locked by others before it is left alone."""


@contextmanager
def opened(dsn: str, timeout: timedelta, connect_timeout: timedelta, zone: str) -> Iterator[Connection]:
    """A READ ONLY transaction, rolled back at the end. Raises PermissionMissing, RetriableError or SourceError.

    ``PGOPTIONS`` is not heard, and no ``PG...`` variable picks another server: the DSN names its own."""
    given = _parts(dsn)
    star(str(given.get("password") or ""))
    wait = max(2, round(connect_timeout.total_seconds()))
    ours = {"application_name": "tierline", "options": given.get("options", "")}
    try:
        connection = psycopg.connect(**{"connect_timeout": wait, **given, **ours})
    except psycopg.Error as error:
        raise _refusal(error) from None
    with connection:
        connection.read_only = True
        try:
            _prepare(connection, timeout, zone)
            yield connection
            connection.rollback()
        except psycopg.Error as error:
            raise told(error) from None


def place(connection: Connection) -> str:
    """Server and database, without user and password."""
    return f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"


def _parts(dsn: str) -> dict[str, Any]:
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.Error:  # its text would show what stands in the DSN
        raise SourceError(f"dsn: it cannot be read; {_SHAPE}") from None
    for names in (("host", "hostaddr", "service"), ("dbname", "service"), ("user", "service")):
        if not any(parts.get(name) for name in names):
            raise SourceError(f"dsn: it names no {names[0]}; {_SHAPE}")
    return dict(parts)


def _prepare(connection: Connection, timeout: timedelta, zone: str) -> None:
    """Time-outs and zone of this transaction alone: a pooler gets its connection back as it was."""
    settings = {
        "statement_timeout": str(round(timeout.total_seconds() * 1000)), "lock_timeout": _LOCK_TIMEOUT,
        "TimeZone": zone,
    }  # fmt: skip
    for name, value in settings.items():
        connection.execute("SELECT /* tierline */ set_config(%s, %s, true)", (name, value))


def _refusal(error: psycopg.Error) -> SourceError:
    """Why there is no connection."""
    lines = [line.strip() for line in str(error).splitlines() if not line.startswith("\t")]  # hints are indented
    text = starred(" ".join(lines)).rstrip(".")
    if any(word in text for word in _REFUSED):
        return PermissionMissing(f"dsn: {text}. Check user, password and the server's pg_hba.conf.")
    if "does not exist" in text:
        return SourceError(f"dsn: {text}. Check the names of database and user.")
    return RetriableError(f"dsn: {text}. Check host, port and network; the next pass tries again.")


def told(error: psycopg.Error) -> SourceError:
    """A statement that failed, as one message."""
    text = starred(error.diag.message_primary or " ".join(str(error).split()))
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return PermissionMissing(f"{text}. `tierline plugins` shows the rights this source needs.")
    if isinstance(error, (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)):
        return RetriableError(f"{text}. Raise `timeout`, or see what holds the lock; the next pass tries again.")
    if isinstance(error, psycopg.OperationalError):
        return RetriableError(f"the connection was lost: {text}. The next pass tries again.")
    return SourceError(f"{text} (SQLSTATE {error.sqlstate}).")
