"""One writing transaction: what can be written in it, all of it or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection

from slo.store import bookkeeping, ledger, marks, states
from slo.store.ledger import LedgerWriter
from slo.store.marks import ChangeRow, Mark
from slo.store.names import Names
from slo.store.states import Merge, StateRow, Touched


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
