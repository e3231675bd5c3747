"""Keeping states up to date: changes become marks, marks become units worked out anew, a day's work costs a day's work.

Everything is caught up on the next pass: changes are dropped only with the marks they made, marks only with the states
they asked for, each in one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import chain
from time import monotonic
from uuid import uuid4

from slo.calendars import DAY
from slo.derive import derive
from slo.errors import StoreError
from slo.facts.asof import moments_after
from slo.folding import fold, merge_json
from slo.kpi import Kpi
from slo.ledger.hearing import HEARD, Hearing
from slo.marks import span_marks
from slo.params import slice_name
from slo.platform import Platform
from slo.refresh import seen
from slo.refresh.portions import batches, bounded, stretches
from slo.register import RegisterKpi
from slo.store import ChangeRow, Mark, Store
from slo.view import View

CHANGES_AT_ONCE = 20_000
ASSETS_AT_ONCE = 50
REGISTERED_AT_ONCE = 1_000
"""Assets of a register: of a year each has a few days that hold anything."""
LEASE_SECONDS = 120.0


class Refresher:
    """Brings every KPI's states up to an instant."""

    def __init__(
        self, store: Store, platform: Platform, kpis: Iterable[Kpi], slices: dict[str, list[dict[str, object]]]
    ) -> None:
        self.store, self.platform, self.kpis, self.slices = store, platform, list(kpis), slices
        self._holder = uuid4().hex
        self._leased = 0.0
        self._moved: list[seen.Moved] = []
        """Of this pass: where it changed whether a source was seen."""

    def refresh(self, as_of: datetime, clock: datetime) -> bool:
        """False where another process holds the lease: what is stale must then be worked out in memory."""
        if not self.store.lease("refresh", self._holder, LEASE_SECONDS, clock):
            return False
        self._leased = monotonic()
        try:
            self._define()
            derive(View(self.store, self.platform, as_of))
            self._hear(as_of)
            view = View(self.store, self.platform, as_of)
            for kpi in self.kpis:
                self._expire(kpi, view)
                self._work(kpi, view, clock)
            with self.store.write() as tx:
                tx.set_meta("refreshed", as_of.isoformat())
                tx.set_meta("passes", uuid4().hex)
        finally:
            self.store.release("refresh", self._holder)
        return True

    @contextmanager
    def holding(self, clock: datetime) -> Iterator[Callable[[], None]]:
        """Keeps everybody from refreshing, this process too; what it yields renews that, and is to be called now and
        then. Raises StoreError while somebody refreshes."""
        holder = uuid4().hex

        def renew() -> None:
            if not self.store.lease("refresh", holder, LEASE_SECONDS, max(clock, datetime.now(UTC))):
                raise StoreError("store: another process is evaluating; wait a minute and run it again")

        renew()
        try:
            yield renew
        finally:
            self.store.release("refresh", holder)

    # Definitions

    def _define(self) -> None:
        """A new definition, zone or calendar: the KPI's states are forgotten and all its units marked."""
        for kpi in self.kpis:
            key, wanted = f"definition:{kpi.id}", self._definition(kpi)
            if self.store.meta(key) == wanted:
                continue
            with self.store.write() as tx:
                tx.clear_states(kpi.id)
                names: list[str | None] = [None, *self.store.assets()] if kpi.by_asset else [None]
                tx.mark(kpi.id, (Mark(name, date.min, None) for name in names))
                tx.set_meta(key, wanted)

    def _definition(self, kpi: Kpi) -> str:
        p = self.platform
        parts = [
            kpi.id, kpi.version, kpi.measure.form, str(p.timezone), sorted(map(str, p.holidays)),
            str(p.support_hours), p.currency,
            str({name: sorted(rates.items()) for name, rates in p.rates.items()}), p.source_names, p.grace_seconds,
            str(p.settle_deployment), str(p.guess_failures_within),
            sorted(slice_name(kpi, params) for params in self.slices[kpi.id]), sorted(p.templates),
            kpi.rests_on(p) if isinstance(kpi, RegisterKpi) else None,
        ]  # fmt: skip
        if "alert" in kpi.facts and p.alerting.own_in_precision:
            parts.append("own alerts")
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]

    # Changes

    def _hear(self, as_of: datetime) -> None:
        """Every change since the last pass marks what it reaches."""
        self._moved = []
        self._wake(as_of)
        while True:
            with self.store.write() as tx:
                changes = tx.changes(CHANGES_AT_ONCE)
            if not changes:
                return
            view = View(self.store, self.platform, as_of)
            with self.store.steady():
                now = seen.seen_now(view, self.kpis)
                moved = seen.moved(self.store.meta(seen.KEY), now)
                self._moved += moved
                marks = {
                    kpi.id: [*self._reached(kpi, changes, view), *seen.marks(kpi, moved, view)] for kpi in self.kpis
                }
                noted = list(Hearing(view, changes, self.slices, self._reached).causes(marks, self.kpis))
            wakes = self._wakes() | {wake for change in changes for wake in _coming(change, as_of)}
            with self.store.write() as tx:
                for kpi_id, reached in marks.items():
                    tx.mark(kpi_id, reached)
                tx.set_meta("wakes", json.dumps(sorted(wakes)))
                tx.set_meta(seen.KEY, json.dumps(now))
                tx.ledger.put_causes(noted)
                tx.set_meta(HEARD, str(changes[-1].seq))
                tx.drop_changes(changes[-1].seq)

    def _reached(self, kpi: Kpi, changes: list[ChangeRow], view: View) -> Iterator[Mark]:
        own = [change for change in changes if (change.new or change.old).kind_of_fact in kpi.facts]  # type: ignore[union-attr]
        moved = seen.marks(kpi, seen.done_by(self._moved, changes), view)
        marks = chain(kpi.reach(own, view) if own else (), span_marks(kpi, changes, view), moved)
        yield from map(kpi.ending, marks) if isinstance(kpi, RegisterKpi) else marks

    def _wakes(self) -> set[tuple[str, str, str, str]]:
        """(moment, kind, source, id) of facts that look different once their moment has come."""
        return {(wake[0], wake[1], wake[2], wake[3]) for wake in json.loads(self.store.meta("wakes") or "[]")}

    def _wake(self, as_of: datetime) -> None:
        wakes = self._wakes()
        due = {wake for wake in wakes if datetime.fromisoformat(wake[0]) <= as_of}
        if not due:
            return
        told = [fact for _, kind, source, key in due for fact in self.store.read(kind, {"source": source, "id": key})]
        changes = [ChangeRow(0, fact, fact) for fact in told]
        view = View(self.store, self.platform, as_of)
        with self.store.steady():
            marks = {kpi.id: list(self._reached(kpi, changes, view)) for kpi in self.kpis}
            noted = list(Hearing(view, changes, self.slices, self._reached).causes(marks, self.kpis))
        with self.store.write() as tx:
            for kpi_id, reached in marks.items():
                tx.mark(kpi_id, reached)
            tx.ledger.put_causes(noted)
            tx.set_meta("wakes", json.dumps(sorted(wakes - due)))

    def _expire(self, kpi: Kpi, view: View) -> None:
        """Units that change by the clock alone: a grace that has passed, a deadline, a second gone by."""
        today = view.day(view.as_of)
        units = self.store.expiring(kpi.id, view.as_of)
        if not units:
            return
        if isinstance(kpi, RegisterKpi):  # whatever fell due did so since the last pass
            last = self.store.meta("refreshed")
            units = [
                (asset, date.min if last is None else view.day(datetime.fromisoformat(last))) for asset, _ in units
            ]
        goes_on = kpi.timed or seen.TIMED in kpi.facts
        with self.store.write() as tx:
            tx.mark(kpi.id, (Mark(asset, day, max(day, today) if goes_on else day) for asset, day in units))

    # Units

    def _work(self, kpi: Kpi, view: View, clock: datetime) -> None:
        """Works marked units out anew, a batch of assets and a month at a time."""
        today = view.day(view.as_of)
        with self.store.write() as tx:
            marks = tx.marks(kpi.id, 1_000_000)
        if not marks:
            return
        with self.store.steady():
            due = [bounded(kpi, view, mark, today) for mark in marks if mark.first <= today]
        whole = {mark.id for mark in marks if mark.first == date.min}
        self._forget(kpi, [mark for mark in due if mark.id in whole])
        for batch in batches(due, REGISTERED_AT_ONCE if isinstance(kpi, RegisterKpi) else ASSETS_AT_ONCE):
            self._batch(kpi, view, batch)
            self._renew(clock)

    def _renew(self, clock: datetime) -> None:
        """Keeps the lease through a long pass; a short one asks once."""
        if monotonic() - self._leased > LEASE_SECONDS / 12:
            self.store.lease("refresh", self._holder, LEASE_SECONDS, max(clock, datetime.now(UTC)))
            self._leased = monotonic()

    def _forget(self, kpi: Kpi, marks: list[Mark]) -> None:
        """States from before a unit's first day: of an asset that begins later than was told, or goes by a new name."""
        by_day: dict[date, list[str | None]] = {}
        for mark in marks:
            by_day.setdefault(mark.first, []).append(mark.asset)
        for first, names in by_day.items():
            assets = [name for name in dict.fromkeys(names) if name is not None]
            with self.store.write() as tx:
                for units in ([assets] if assets else []) + ([None] if None in names else []):
                    tx.put_states(
                        kpi.id, units, (date.min, first - DAY), (), merge=lambda _, states: merge_json(kpi, states)
                    )

    def _batch(self, kpi: Kpi, view: View, batch: list[Mark]) -> None:
        first, last = min(mark.first for mark in batch), max(mark.last or mark.first for mark in batch)
        named = dict.fromkeys(mark.asset for mark in batch if mark.asset is not None)  # each once, though marked twice
        assets = None if batch[0].asset is None else list(named)
        for start, end in stretches(kpi, view, first, last):
            done = [mark.id for mark in batch] if end == last else []
            self._put(kpi, view, assets, start, end, done)

    def _put(self, kpi: Kpi, view: View, assets: list[str] | None, first: date, last: date, done: list[int]) -> None:
        """The states of these days; with the last of them go the marks that asked for them."""
        start, end = view.start_of(first), view.start_of(last + DAY)
        wanted = ([None] if assets is None else assets) if kpi.by_asset else None
        with self.store.steady():
            rows = [
                row
                for params in self.slices[kpi.id]
                for row in fold(kpi, view, kpi.items(view, wanted, start, end, params), slice_name(kpi, params))  # type: ignore[arg-type]
            ]
        with self.store.write() as tx:
            tx.put_states(kpi.id, assets, (first, last), rows, merge=lambda _, states: merge_json(kpi, states))
            if done:
                tx.unmark(kpi.id, done)


def _coming(change: ChangeRow, as_of: datetime) -> Iterator[tuple[str, str, str, str]]:
    fact = change.new
    if fact is not None:
        for moment in moments_after(fact, as_of):
            yield moment.isoformat(), fact.kind_of_fact, fact.source, fact.id
