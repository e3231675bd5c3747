"""Registers of entries: steps, documents, milestones; each in the scope of its own team and tier."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from slo.facts import Entry
from slo.intervals import INSTANT
from slo.kpi import tellings
from slo.measure import Item
from slo.measure.item import Dims
from slo.register.assets import exclusion_edges
from slo.register.base import ORIGIN, RegisterKpi
from slo.store import ChangeRow, Mark
from slo.view import View

EVER = datetime.min.replace(tzinfo=UTC)
Tellings = Sequence[Entry]
"""All that was told of one subject."""


class EntryRegister(RegisterKpi):
    """Entries of one kind; of one subject the latest telling counts."""

    facts: ClassVar[tuple[str, ...]] = ("entry",)
    by_asset = False
    word: ClassVar[str]
    """The kind of entry."""
    placed: ClassVar[str] = "at"
    """The moment from which on a telling stands in the register."""
    by_subject: ClassVar[bool] = True
    lasts: ClassVar[timedelta | None] = None
    """How long after ``placed`` it is good; None: from its done_at on."""

    def counts(self, entry: Entry) -> bool:
        """Whether the entry is one of those judged."""
        return True

    def begins(self, entry: Entry) -> datetime | None:
        """None: nobody said since when, so it never stands in the register."""
        moment: datetime | None = getattr(entry, self.placed)
        return moment

    def good(self, entry: Entry, t: datetime) -> bool:
        if self.lasts is None:
            return entry.done_at is not None and entry.done_at <= t
        begins = self.begins(entry)
        return begins is not None and t - begins <= self.lasts

    # What the base asks

    def subjects(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime
    ) -> Iterable[Tellings]:
        found: dict[Any, list[Entry]] = {}
        for entry in view.read("entry", {"kind": self.word}):
            if self.counts(entry) and self.begins(entry) is not None:
                own = (entry.source, entry.id)
                found.setdefault(entry.subject or own if self.by_subject else own, []).append(entry)
        for told in found.values():
            told.sort(key=self._order)
        return found.values()

    def _order(self, entry: Entry) -> tuple[Any, ...]:
        """By its moment; of one moment the later revised, else any fixed choice."""
        return self.begins(entry), entry.revised_at or EVER, entry.source, entry.id

    def judged(self, view: View, subject: Tellings, t: datetime) -> Item | None:
        entry = self._latest(subject, t)
        if entry is None:
            return None
        good, dims = self.good(entry, t), Dims(entry.tier, entry.team)
        return Item(
            at=t, dims=dims, good=int(good), bad=int(not good), note=entry.subject or entry.id,
            excluded=view.exclusion(self.id, None, dims, t),
        )  # fmt: skip

    def _latest(self, subject: Tellings, t: datetime) -> Entry | None:
        return next((entry for entry in reversed(subject) if (self.begins(entry) or EVER) <= t), None)

    def moments(self, view: View, subject: Tellings) -> Iterator[datetime]:
        for entry in subject:
            begins = self.begins(entry) or EVER
            yield begins
            if self.lasts is not None:
                yield begins + self.lasts + INSTANT
            elif entry.done_at is not None:
                yield entry.done_at
        yield from exclusion_edges(view, self, None)

    def behind(self, view: View, subject: Tellings, item: Item) -> Item:
        entry = self._latest(subject, item.at)
        item.facts = () if entry is None else (entry,)
        return item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """From the first moment of an entry on, as it is and as it was."""
        for fact in tellings(changes):
            if isinstance(fact, Entry) and fact.kind == self.word:
                moments = [m for m in (self.begins(fact), fact.done_at) if m is not None]
                if moments:
                    yield Mark(None, view.day(max(min(moments), ORIGIN)), None)
