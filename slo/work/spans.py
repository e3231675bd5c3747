"""How long work took: business days from its beginning to its end, placed at the end (kpi_rules, sections 1 and 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import ClassVar

from slo.calendars import business_days
from slo.facts import WorkItem
from slo.kpi import Params
from slo.measure import Item, Samples
from slo.view import View
from slo.work.items import exclusion, placed, works
from slo.work.kpi import WorkKpi


class CycleTime(WorkKpi):
    """The median of spans in business days."""

    measure = Samples
    unit = "business_days"
    better = "down"
    lens = "leading"
    pick = "median"
    begins: ClassVar[str] = "opened_at"
    """The field in which the clock starts."""

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for fact in works(view, self.kind):
            at = self.ended(view, fact)
            if at is not None and start <= at < end and self.asked(fact, params):
                yield self._span(view, fact, at)

    def ended(self, view: View, fact: WorkItem) -> datetime | None:
        """The end of the span; None while it runs."""
        return fact.closed_at

    def asked(self, fact: WorkItem, params: Params) -> bool:
        """Whether it is one of those that are timed."""
        return True

    def unfit(self, view: View, fact: WorkItem) -> str | None:
        """Why an item that has ended is not timed, or None."""
        return None if fact.outcome == "done" else fact.outcome or "no outcome told"

    def _span(self, view: View, fact: WorkItem, at: datetime) -> Item:
        begun: datetime | None = getattr(fact, self.begins)
        item = placed(view, fact, at)
        item.excluded = self.unfit(view, fact) or ("no start told" if begun is None else None)
        if begun is None:
            return item
        platform = view.platform
        item.value = business_days(begun, at, platform.timezone, platform.holidays)
        negative = "negative" if at < begun else None
        item.excluded = item.excluded or negative or exclusion(view, self.id, fact, at)
        return item
