"""The ledger's rows: closed periods with lines and documents, what has reached them since, restatements, disputes.

Rows in, rows out; what they mean is in slo/ledger. A period, its lines and documents are put once and never changed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select

from slo.errors import StoreError
from slo.store.codec import dump, micros, micros_or_none, moment, moment_or_none
from slo.store.connection import fetch, insert_many
from slo.store.tables import (
    arrivals,
    changes,
    ledger_causes,
    ledger_disputes,
    ledger_documents,
    ledger_lines,
    ledger_periods,
    ledger_restatements,
)

Line = tuple[str, str, str]
"""KPI, scope, the line's canonical JSON."""


@dataclass(frozen=True)
class PeriodRow:
    """A closed period: days are ordinals, ``body`` the canonical JSON of its head."""

    id: int
    name: str
    first: int
    last: int
    hash: str
    body: str


@dataclass(frozen=True)
class RestatementRow:
    """What a line had become when it was seen to differ from what stood before."""

    id: int
    period_id: int
    kpi: str
    scope: str
    seen: datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class DisputeRow:
    """A line of a period that somebody disputes, until it is settled."""

    id: int
    period: str
    kpi: str
    domain: str | None
    text: str
    by: str | None
    opened: datetime
    settled: datetime | None
    settlement: str | None


class LedgerReader:
    """What the ledger keeps, as of a read of the store."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    def _fetch(self, statement: Any) -> list[Any]:
        with self._reading() as connection:
            return fetch(connection, statement)

    def periods(self) -> list[PeriodRow]:
        """Every closed period, by its first day."""
        c = ledger_periods.c
        statement = select(c.id, c.name, c.first, c.last, c.hash, c.body).order_by(c.first, c.last)
        return [PeriodRow(*(*row[:5], _unpacked(row[5]))) for row in self._fetch(statement)]

    def spans(self) -> list[tuple[int, str]]:
        """(id, name) of every closed period, without what it holds."""
        c = ledger_periods.c
        return [(row[0], row[1]) for row in self._fetch(select(c.id, c.name).order_by(c.first, c.last))]

    def lines(self, period_id: int, kpi: str | None = None, scope: str | None = None) -> list[Line]:
        """The reported lines, by KPI and scope."""
        c = ledger_lines.c
        wanted = [c.period_id == period_id]
        wanted += [column == value for column, value in ((c.kpi, kpi), (c.scope, scope)) if value is not None]
        statement = select(c.kpi, c.scope, c.body).where(and_(*wanted))
        return sorted((row[0], row[1], _unpacked(row[2])) for row in self._fetch(statement))

    def documents(self, period_id: int, scope: str | None = None) -> dict[str, str]:
        """Scope -> the text of its report."""
        c = ledger_documents.c
        statement = select(c.scope, c.body).where(c.period_id == period_id)
        if scope is not None:
            statement = statement.where(c.scope == scope)
        return {row[0]: _unpacked(row[1]) for row in sorted(self._fetch(statement))}

    def causes(self, period_id: int, kpi: str | None = None, after: int = 0) -> list[tuple[int, str, dict[str, Any]]]:
        """(number, KPI, cause) of what has reached a period since its closing, in order."""
        c = ledger_causes.c
        statement = select(c.id, c.kpi, c.body).where(c.period_id == period_id, c.id > after).order_by(c.id)
        if kpi is not None:
            statement = statement.where(c.kpi == kpi)
        return [(row[0], row[1], json.loads(row[2])) for row in self._fetch(statement)]

    def reached(self, period_id: int, after: int) -> tuple[set[str], int]:
        """KPIs with causes numbered above ``after``, and the highest number."""
        c = ledger_causes.c
        statement = select(c.kpi, func.max(c.id)).where(c.period_id == period_id, c.id > after).group_by(c.kpi)
        rows = self._fetch(statement)
        return {row[0] for row in rows}, max((row[1] for row in rows), default=after)

    def restatements(self, period_id: int | None = None, kpi: str | None = None) -> list[RestatementRow]:
        """Every step of every restated line, oldest first."""
        c = ledger_restatements.c
        statement = select(c.id, c.period_id, c.kpi, c.scope, c.seen, c.body).order_by(c.id)
        for column, value in ((c.period_id, period_id), (c.kpi, kpi)):
            if value is not None:
                statement = statement.where(column == value)
        rows = self._fetch(statement)
        return [RestatementRow(*(*row[:4], moment(row[4]), json.loads(row[5]))) for row in rows]

    def disputes(self, period: str | None = None) -> list[DisputeRow]:
        """Disputes, oldest first."""
        c = ledger_disputes.c
        columns = (c.id, c.period, c.kpi, c.domain, c.text, c.by, c.opened, c.settled, c.settlement)
        statement = select(*columns).order_by(c.id)
        if period is not None:
            statement = statement.where(c.period == period)
        rows = self._fetch(statement)
        return [DisputeRow(*(*row[:6], moment(row[6]), moment_or_none(row[7]), row[8])) for row in rows]

    def arrivals(self) -> list[tuple[int, datetime]]:
        """(last change of a batch, when it came) of the changes that wait, in order."""
        c = arrivals.c
        return [(row[0], moment(row[1])) for row in self._fetch(select(c.seq, c.at).order_by(c.seq))]


class LedgerWriter:
    """What one writing transaction may add to the ledger."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def close_period(
        self, name: str, days: tuple[int, int], digest: str, body: str, lines: Iterable[Line], documents: dict[str, str]
    ) -> int:
        """Stores a period for good. Raises StoreError where it is closed already."""
        c = ledger_periods.c
        if self._connection.execute(select(c.id).where(c.name == name)).scalar() is not None:
            raise StoreError(f"store: {name} is closed already, and a closed period is never rewritten")
        key = self._next(ledger_periods)
        columns = ("id", "name", "first", "last", "hash", "body")
        insert_many(self._connection, ledger_periods, columns, [(key, name, *days, digest, _packed(body))])
        rows = [(key, kpi, scope, _packed(line)) for kpi, scope, line in lines]
        insert_many(self._connection, ledger_lines, ("period_id", "kpi", "scope", "body"), rows)
        told = [(key, scope, _packed(text)) for scope, text in documents.items()]
        insert_many(self._connection, ledger_documents, ("period_id", "scope", "body"), told)
        return key

    def put_causes(self, causes: Sequence[tuple[int, str, dict[str, Any]]]) -> None:
        """(period, KPI, cause) of what has reached closed periods."""
        if not causes:
            return
        first = self._next(ledger_causes)
        rows = [(first + n, period, kpi, dump(body)) for n, (period, kpi, body) in enumerate(causes)]
        insert_many(self._connection, ledger_causes, ("id", "period_id", "kpi", "body"), rows)

    def put_restatements(self, seen: datetime, rows: Sequence[tuple[int, str, str, dict[str, Any]]]) -> None:
        """(period, KPI, scope, what it has become) of lines that differ from what stood before."""
        if not rows:
            return
        first, at = self._next(ledger_restatements), micros(seen)
        told = [(first + n, period, kpi, scope, at, dump(body)) for n, (period, kpi, scope, body) in enumerate(rows)]
        columns = ("id", "period_id", "kpi", "scope", "seen", "body")
        insert_many(self._connection, ledger_restatements, columns, told)

    def open_dispute(self, period: str, kpi: str, domain: str | None, text: str, by: str | None, at: datetime) -> int:
        """The number of the new dispute."""
        key = self._next(ledger_disputes)
        columns = ("id", "period", "kpi", "domain", "text", "by", "opened", "settled", "settlement")
        row = (key, period, kpi, domain, text, by, micros(at), None, None)
        insert_many(self._connection, ledger_disputes, columns, [row])
        return key

    def settle_disputes(self, keys: Sequence[int], settlement: str, at: datetime) -> None:
        """Settles disputes that are open."""
        c = ledger_disputes.c
        values = {"settled": micros_or_none(at), "settlement": settlement}
        self._connection.execute(ledger_disputes.update().where(c.id.in_(keys), c.settled.is_(None)).values(values))

    def _next(self, table: Table) -> int:
        """Numbers rise by one: only one writer works at a time."""
        return int(self._connection.execute(select(func.coalesce(func.max(table.c.id), 0) + 1)).scalar_one())


def note_arrival(connection: Connection, before: int, at: datetime) -> None:
    """Notes when the changes of a batch came, where it made any after ``before``."""
    last = last_change(connection)
    if last > before:
        insert_many(connection, arrivals, ("seq", "at"), [(last, micros(at))])


def last_change(connection: Connection) -> int:
    """The number of the last change that waits; 0 where none does."""
    return int(connection.execute(select(func.coalesce(func.max(changes.c.seq), 0))).scalar_one())


def drop_arrivals(connection: Connection, upto: int) -> None:
    connection.execute(arrivals.delete().where(arrivals.c.seq <= upto))


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode(), 6)


def _unpacked(body: bytes) -> str:
    return zlib.decompress(body).decode()
