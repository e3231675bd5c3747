"""An opened database: connections to read by, and one writer at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock, get_ident, local
from typing import Self

from sqlalchemy import Connection

from slo.store import migrating
from slo.store.connection import WRITES, make_room, open_engine, parse_url, shown, told_plainly
from slo.store.names import Names
from slo.store.tx import Tx


class _Steady(local):
    """The connection on which a thread reads steadily."""

    connection: Connection | None = None


class Opened:
    """One database, for all threads of a process: opened, migrated, closed; and its transactions."""

    def __init__(
        self, url: str, busy_seconds: float = 30.0, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """``url``: as SQLAlchemy writes it; ``busy_seconds``: how long one writer waits for another; ``clock``: what
        says when a fact arrived."""
        self._url = parse_url(url)
        self._engine = open_engine(self._url, busy_seconds)
        self._clock = clock
        self._names = Names()
        self._writing = Lock()
        self._steady = _Steady()
        self._writer: int | None = None

    @property
    def place(self) -> str:
        """The store's address, passwords starred."""
        return shown(self._url)

    def migrate(self) -> None:
        """Brings the schema up to this program. Cheap when it is; safe to kill."""
        make_room(self._url)
        with self._reading() as connection:
            if migrating.is_current(connection, self.place):
                return
        with self._transaction() as connection:
            if not migrating.is_current(connection, self.place):
                migrating.upgrade(connection)

    def close(self) -> None:
        """Closes every connection. SQLite folds its write-ahead log into the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One writing transaction: it begins as one, commits at the end, rolls back on an exception."""
        with self._transaction() as connection:
            tx = Tx(connection, self._names)
            yield tx
            tx.finish()

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Reads of this thread inside the ``with`` see one moment of the store, and cost one connection."""
        if self._steady.connection is not None:
            yield
            return
        with told_plainly(self._engine), self._engine.connect() as connection:
            self._names.refresh(connection)
            self._names.settled.add(id(connection))
            self._steady.connection = connection
            try:
                yield
            finally:
                self._steady.connection = None
                self._names.settled.discard(id(connection))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One view of the store: the thread's steady one, where it holds one."""
        if self._steady.connection is not None:
            yield self._steady.connection
            return
        with told_plainly(self._engine), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """One writing transaction. The threads of this process take turns; other processes wait in the database."""
        if self._writer == get_ident():
            raise RuntimeError("a writing transaction is open in this thread already: use its Tx")
        with self._writing, told_plainly(self._engine), self._engine.connect() as plain:
            self._writer = get_ident()
            try:
                with plain.execution_options(**{WRITES: True}) as connection, connection.begin():
                    yield connection
            except BaseException:
                self._names = Names()  # keys given in this transaction are void
                raise
            finally:
                self._writer = None
