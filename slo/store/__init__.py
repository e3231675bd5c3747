"""The store: every fact, state and result, in SQLite or PostgreSQL. All SQL of the product is in this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from slo.errors import FactError
from slo.facts import Fact
from slo.store import bookkeeping, ledger, marks, reading, states, tallies, writing
from slo.store.codec import moment
from slo.store.ledger import LedgerReader
from slo.store.marks import ChangeRow, Mark
from slo.store.opened import Opened
from slo.store.reading import Filter
from slo.store.states import Merge, Only, StateRow
from slo.store.telling import Counts
from slo.store.tx import Tx

__all__ = ["ChangeRow", "Counts", "Filter", "Mark", "Merge", "Only", "StateRow", "Store", "Tx"]


class Store(Opened):
    """One store, for all threads of a process. Every method that touches it raises StoreError where it can't."""

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

    def named(self, kind: str, where: Mapping[str, Filter], as_of: datetime) -> dict[str, set[Any]]:
        """Of "asset", "team" and "tier" the values that facts of one kind bear up to an instant (``where`` as in read):
        the facts themselves are not read."""
        with self._reading() as connection:
            return reading.named(connection, self._names, kind, where, as_of)

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

    def states(
        self, kpi: str, slice: str, first: date, last: date, *, asset: str | None = None, rollup: bool = True,
        only: Only = states.ALL,
    ) -> list[StateRow]:  # fmt: skip
        """States of the days first to last, by day.

        With ``rollup`` those of assets are merged a day and set of dimensions (asset None, member None; valid_from the
        latest, valid_until the earliest of their rows), the platform's own come as they are. ``asset``: its rows only;
        ``only``: no others than those, where nothing is rolled up.
        """
        with self._reading() as connection:
            return states.read_states(connection, self._names, kpi, slice, first, last, asset, rollup, only)

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

    def put_results(
        self, as_of: datetime, results: Iterable[dict[str, Any]], beside: Mapping[str, str] | None = None
    ) -> None:
        """Stores a snapshot. Of each UTC day the newest is kept; what was worked out beside the newest of all (key ->
        text, see ``meta``) is stored with it, so that a snapshot of the past does not pass for now."""
        body = bookkeeping.packed(list(results))
        with self._transaction() as connection:
            newest = bookkeeping.put_results(connection, as_of, body)
            for key, text in (beside or {}).items() if newest else ():
                bookkeeping.set_meta(connection, key, text)

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
        self, source: str, started: datetime, ended: datetime, ok: bool, facts: int, set_aside: int, error: str | None,
        told: int | None = None, taken: int | None = None, lag: int | None = None,
    ) -> None:  # fmt: skip
        """Records one pass over a source. ``told``: records that the source itself counts, ``taken``: those that
        came of them; ``lag``: seconds from its newest fact to the end of the pass."""
        values = {"started": started, "ended": ended, "ok": ok, "facts": facts, "set_aside": set_aside, "error": error}
        values |= {"told": told, "taken": taken, "lag": lag}
        with self._transaction() as connection:
            bookkeeping.add_source_run(connection, self._names, source, values)

    def source_runs(self, source: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Passes, newest first: source, started, ended, ok, facts, set_aside, error, told, taken, lag."""
        with self._reading() as connection:
            return bookkeeping.get_source_runs(connection, self._names, source, limit)

    def newest_runs(self, sources: Iterable[str], until: datetime, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Each source -> its newest passes that began by an instant, newest first, at most ``limit``."""
        with self._reading() as connection:
            return bookkeeping.get_newest_runs(connection, self._names, sources, until, limit)

    def reached(self, source: str, until: datetime) -> tuple[datetime | None, datetime | None]:
        """When the oldest pass that is kept began, and when the last success ended; of those begun by an instant."""
        with self._reading() as connection:
            return bookkeeping.get_reached(connection, self._names, source, until)

    def tallies(self, start: datetime, as_of: datetime, gap: timedelta) -> dict[str, tallies.Tally]:
        """Source -> the sum of its passes that began in [start, as_of], with the successes further apart than gap."""
        with self._reading() as connection:
            return tallies.tallies(connection, self._names, start, as_of, gap)

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
