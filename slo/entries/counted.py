"""What the KPIs share that count entries of one kind: an entry belongs to the day of one of its moments, and to its own
team and tier; it has no asset and no domain (kpi_rules, sections 2, 6 and 8)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar

from slo.facts import Entry
from slo.kpi import Kpi, Params, tellings
from slo.measure import Item
from slo.measure.item import Dims
from slo.store import ChangeRow, Mark
from slo.view import View, own


class OfEntries(Kpi):
    """A KPI over the entries of one kind. A subclass judges one entry."""

    word: ClassVar[str]
    """The kind of entry."""
    by: ClassVar[str] = "at"
    """The moment that places an entry in a day."""
    facts = ("entry",)
    by_asset = False

    @abstractmethod
    def judge(self, entry: Entry) -> dict[str, Any] | None:
        """The parts of an entry's item, or None where the entry is not of those counted."""

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for entry in view.read("entry", {"kind": self.word}):
            at = getattr(entry, self.by)
            parts = self.judge(entry) if at is not None and start <= at < end else None
            if parts is not None:
                yield self._item(view, entry, at, parts)

    def _item(self, view: View, entry: Entry, at: datetime, parts: dict[str, Any]) -> Item:
        left_out = view.exclusion(self.id, None, Dims(entry.tier, entry.team), at)
        told = {"note": entry.subject or "", "excluded": left_out} | parts
        return Item(
            at=at, dims=Dims(entry.tier), member=f"{entry.source}/{entry.id}", matches=[[None, entry.team, None]],
            since=own([entry], view.as_of), facts=(entry,), **told,
        )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """The day an entry belongs to, now and before."""
        for fact in tellings(changes):
            at = getattr(fact, self.by, None)
            if isinstance(fact, Entry) and fact.kind == self.word and at is not None:
                yield Mark(None, view.day(at), view.day(at))

    def extent(self, view: View, asset: str | None) -> datetime | None:
        moments = (getattr(entry, self.by) for entry in view.store.read("entry", {"kind": self.word}))
        return min((moment for moment in moments if moment is not None), default=None)
