"""What the KPIs of one kind of work item share: their facts, since when there can be any, and what a change reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar

from slo.facts import WorkItem
from slo.kpi import Kpi, tellings
from slo.marks import platform_marks
from slo.store import ChangeRow, Mark
from slo.view import View
from slo.work.items import works


class WorkKpi(Kpi):
    """Rests on work items of one kind."""

    kind: ClassVar[str]
    facts: ClassVar[tuple[str, ...]] = ("work_item", "asset")
    by_asset = False
    moments: ClassVar[tuple[str, ...]] = ("closed_at",)
    """Fields that may place an item in a day."""

    def extent(self, view: View, asset: str | None) -> datetime | None:
        found = (getattr(fact, name) for fact in works(view, self.kind) for name in self.moments)
        return min((moment for moment in found if moment is not None), default=None)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """The days of its moments, now and before."""
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        for fact in self.told(changes):
            days = {view.day(moment) for name in self.moments if (moment := getattr(fact, name)) is not None}
            yield from (Mark(None, day, day) for day in sorted(days))

    def told(self, changes: Iterable[ChangeRow]) -> Iterator[WorkItem]:
        """Both sides of every change of a work item of this kind."""
        for fact in tellings(changes):
            if isinstance(fact, WorkItem) and fact.kind == self.kind:
                yield fact
