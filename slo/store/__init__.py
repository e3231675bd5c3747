"""The store: every fact, state and result, in SQLite or PostgreSQL. All SQL of the product is in this package."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Lock, get_ident, local
from typing import Any

from sqlalchemy import Connection

from slo.errors import FactError
from slo.facts import Fact
from slo.store import bookkeeping, ledger, marks, migrating, reading, states, writing
from slo.store.codec import moment
from slo.store.connection import WRITES, make_room, open_engine, parse_url, shown, told_plainly
from slo.store.ledger import LedgerReader, LedgerWriter
from slo.store.marks import ChangeRow, Mark
from slo.store.names import Names
from slo.store.reading import Filter
from slo.store.states import Merge, StateRow, Touched
from slo.store.telling import Counts

__all__ = ["ChangeRow", "Counts", "Filter", "Mark", "Merge", "StateRow", "Store", "Tx"]


class _Steady(local):
    """The connection on which a thread reads steadily."""

    connection: Connection | None = None


class Store:
    """One store, for all threads of a process. Every method that touches it raises StoreError where it can't."""

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

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # facts

    def upsert(self, facts: Iterable[Fact], refused: Callable[[Fact, FactError], None] | None = None) -> Counts:
        """Stores facts in batches, each one short transaction.

        A fact that cannot be stored is handed to ``refused`` and the others go in. Without ``refused`` the first such
        FactError is raised when all the others are stored.
        """
        counts = Counts()
        errors: list[FactError] = []
        for batch in writing.batches(facts):
            with self._transaction() as connection:
                before = ledger.last_change(connection)
                told, refusals = writing.write_batch(connection, self._names, batch)
                ledger.note_arrival(connection, before, self._clock())
            counts.add(told)
            for fact, error in refusals:
                errors.append(error) if refused is None else refused(fact, error)
        if errors:
            raise errors[0]
        return counts

    def read(
        self, kind: str, where: Mapping[str, Filter] | None = None, order_by: str | None = "placed_at",
        limit: int | None = None, descending: bool = False,
    ) -> list[Fact]:  # fmt: skip
        """Facts of one kind that are not deleted, corrections laid over, assets by their present names.

        ``where``: field -> (lo, hi), half-open, None is open; or a set or list (one of); None (null); or a value.
        ``placed_at`` is the instant a fact belongs by (``facts.place``). Ties of ``order_by`` go by source and id; None
        leaves the order open. Of assets the deleted are returned too, with their last content; their ``revised_at`` is
        the deletion's.
        """
        with self._reading() as connection:
            return reading.read_facts(connection, self._names, kind, where or {}, order_by, limit, descending)

    def fact_original(self, fact: Fact) -> dict[str, Any]:
        """Field -> the collected value, of the fields that corrections overlay."""
        with self._reading() as connection:
            return reading.original(connection, self._names, fact)

    def earliest(self, source: str) -> datetime | None:
        """The least place in time of any fact of the source that is not deleted."""
        places = [row[3] for row in self._told() if row[0] == source and row[3] is not None]
        return moment(min(places)) if places else None

    def sources(self) -> list[str]:
        """Sources that have told a fact, by name."""
        return sorted({row[0] for row in self._told()})

    def assets(self) -> list[str]:
        """Present names of every asset that any fact names."""
        with self._reading() as connection:
            return reading.asset_names(connection, self._names)

    def kinds_told(self) -> dict[str, set[str]]:
        """Source -> kinds it has ever told."""
        kinds: dict[str, set[str]] = {}
        for source, kind, _, _ in self._told():
            kinds.setdefault(source, set()).add(kind)
        return kinds

    def counts(self) -> dict[str, int]:
        """Kind -> facts that are not deleted, of the kinds ever told."""
        counts: dict[str, int] = {}
        for _, kind, facts, _ in self._told():
            counts[kind] = counts.get(kind, 0) + facts
        return counts

    def counts_by_source(self) -> dict[str, int]:
        """Source -> facts that are not deleted, of every kind but the coverage it says."""
        counts: dict[str, int] = {}
        for source, kind, facts, _ in self._told():
            if kind != "coverage":
                counts[source] = counts.get(source, 0) + facts
        return counts

    def _told(self) -> list[tuple[str, str, int, int | None]]:
        with self._reading() as connection:
            return reading.told_rows(connection, self._names)

    # refresh

    def changed_kinds(self) -> set[str]:
        """Kinds of fact with changes since the last refresh."""
        with self._reading() as connection:
            return marks.changed_kinds(connection)

    def changed_span(self, kinds: Iterable[str]) -> tuple[datetime, datetime] | None:
        """The least and the greatest place in time of facts of these kinds that changed since the last refresh, as
        they are and as they were; None where none has a place."""
        with self._reading() as connection:
            found = marks.changed_span(connection, kinds)
        return None if found is None else (moment(found[0]), moment(found[1]))

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One writing transaction: it begins as one, commits at the end, rolls back on an exception."""
        with self._transaction() as connection:
            tx = Tx(connection, self._names)
            yield tx
            tx.finish()

    def states(
        self, kpi: str, slice: str, first: date, last: date, *, asset: str | None = None, rollup: bool = True
    ) -> list[StateRow]:
        """States of the days first to last, by day.

        With ``rollup`` those of assets are merged a day and set of dimensions (asset None, member None; valid_from the
        latest, valid_until the earliest of their rows), the platform's own come as they are. ``asset``: its rows only.
        """
        with self._reading() as connection:
            return states.read_states(connection, self._names, kpi, slice, first, last, asset, rollup)

    def expiring(self, kpi: str, at: datetime) -> list[tuple[str | None, date]]:
        """Units (asset or None for the platform, day) having a row whose valid_until is not after ``at``."""
        with self._reading() as connection:
            return states.expiring(connection, self._names, kpi, at)

    def meta(self, key: str) -> str | None:
        with self._reading() as connection:
            return bookkeeping.get_meta(connection, key)

    def lease(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        """Takes or renews a lease; False while another holds it."""
        with self._transaction() as connection:
            return bookkeeping.take_lease(connection, name, holder, seconds, now)

    def release(self, name: str, holder: str) -> None:
        """Gives a lease back, if it is the holder's."""
        with self._transaction() as connection:
            bookkeeping.release_lease(connection, name, holder)

    # results

    def put_results(self, as_of: datetime, results: Iterable[dict[str, Any]]) -> None:
        """Stores a snapshot; of each UTC day the newest is kept."""
        body = bookkeeping.packed(list(results))
        with self._transaction() as connection:
            bookkeeping.put_results(connection, as_of, body)

    def results(self, as_of: datetime | None = None) -> tuple[datetime | None, list[dict[str, Any]]]:
        """The newest snapshot (not after ``as_of``, where given), with its own as-of; (None, []) without one."""
        with self._reading() as connection:
            return bookkeeping.get_results(connection, as_of)

    @property
    def ledger(self) -> LedgerReader:
        """Closed periods, and what has come since."""
        return LedgerReader(self._reading)

    # sources

    def source_state(self, source: str) -> dict[str, Any]:
        """What the runner remembers of a source; {} at first."""
        with self._reading() as connection:
            return bookkeeping.get_source_state(connection, self._names, source)

    def add_source_run(
        self, source: str, started: datetime, ended: datetime, ok: bool, facts: int, set_aside: int, error: str | None
    ) -> None:
        """Records one pass over a source."""
        values = {"started": started, "ended": ended, "ok": ok, "facts": facts, "set_aside": set_aside, "error": error}
        with self._transaction() as connection:
            bookkeeping.add_source_run(connection, self._names, source, values)

    def source_runs(self, source: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Passes, newest first: source, started, ended, ok, facts, set_aside, error."""
        with self._reading() as connection:
            return bookkeeping.get_source_runs(connection, self._names, source, limit)

    def passes(self) -> dict[str, dict[str, int]]:
        """Source -> its passes since it was first read: succeeded, failed, facts (stored by them). They never fall."""
        with self._reading() as connection:
            return bookkeeping.get_passes(connection)

    def set_aside(self, source: str, place: str, record: str, error: str, at: datetime) -> None:
        """Keeps a record that could not be taken, and why."""
        values = {"place": place, "record": record, "error": error, "at": at}
        with self._transaction() as connection:
            bookkeeping.put_aside(connection, self._names, source, values)

    def set_asides(self, source: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Records set aside, newest first: source, place, record, error, at."""
        with self._reading() as connection:
            return bookkeeping.get_asides(connection, self._names, source, limit)

    # transactions

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


class Tx:
    """What can be written in one transaction. It is gone when its ``with`` ends."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._touched = Touched()
        self.ledger = LedgerWriter(connection)

    def finish(self) -> None:
        """Makes the touched roll-ups anew; called once, before the commit."""
        self._touched.rebuild(self._connection, self._names)

    def changes(self, limit: int) -> list[ChangeRow]:
        """The oldest changes since the last refresh."""
        return marks.read_changes(self._connection, self._names, limit)

    def drop_changes(self, upto_seq: int) -> None:
        marks.drop_changes(self._connection, upto_seq)
        ledger.drop_arrivals(self._connection, upto_seq)

    def mark(self, kpi: str, wanted: Iterable[Mark]) -> None:
        """Marks units to be worked out anew; what overlaps or touches becomes one mark with a new id."""
        marks.add_marks(self._connection, self._names, kpi, wanted)

    def marks(self, kpi: str, limit: int) -> list[Mark]:
        """The oldest marks."""
        return marks.read_marks(self._connection, self._names, kpi, limit)

    def unmark(self, kpi: str, ids: Iterable[int]) -> None:
        marks.drop_marks(self._connection, self._names, kpi, ids)

    def put_states(
        self, kpi: str, assets: Collection[str] | None, days: tuple[date, date | None], rows: Iterable[StateRow], *,
        merge: Merge,
    ) -> None:  # fmt: skip
        """Replaces all rows of the units: these assets (None: the platform itself) on the days first to last, both
        included (last None: to the end). Roll-ups of what differs are made anew with ``merge(kpi, states)`` when the
        transaction ends. Raises ValueError on a row that is of none of these units."""
        states.put_states(self._connection, self._names, self._touched, kpi, assets, days, rows, merge)

    def clear_states(self, kpi: str) -> None:
        """Forgets every state of a KPI; its marks stay."""
        states.clear_states(self._connection, self._names, self._touched, kpi)

    def meta(self, key: str) -> str | None:
        return bookkeeping.get_meta(self._connection, key)

    def set_meta(self, key: str, value: str) -> None:
        bookkeeping.set_meta(self._connection, key, value)

    def set_source_state(self, source: str, state: dict[str, Any]) -> None:
        bookkeeping.set_source_state(self._connection, self._names, source, state)
