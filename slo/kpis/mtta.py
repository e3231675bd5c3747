"""Mean time to acknowledge: from an alert's firing to its acknowledgement, in support hours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from slo.calendars import support_seconds
from slo.incidents.alerts import Firing, firing_marks, firings_around
from slo.kpi import Kpi, Params
from slo.marks import platform_marks
from slo.measure import Item, Samples
from slo.store import ChangeRow, Mark
from slo.view import View


class MeanTimeToAcknowledge(Kpi):
    id = "mtta"
    title = "Mean time to acknowledge"
    family = "incidents"
    measure = Samples
    unit = "seconds"
    better = "down"
    definition = "Mean support time from an alert's firing to its acknowledgement, repeats of one firing counted once."
    formula = "sum of support seconds until acknowledged / alerts acknowledged"
    not_counted = "alerts nobody acknowledged or acknowledged wholly outside support hours; Tierline's own alerts"
    example = "An alert fired on Friday at 16:50 and acknowledged on Monday at 09:05 took 15 minutes of support hours."
    sentence = "{whose_cap} alerts were acknowledged after {value} on average {when}"
    facts = ("alert", "asset")
    needs = (("alert.acknowledged_at",),)
    by_asset = False
    version = 2

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for firing in firings_around(view, "acknowledged_at", start, end):
            at = firing.acknowledged_at
            if at is not None and start <= at < end:
                yield self._span(view, firing, at)

    def _span(self, view: View, firing: Firing, at: datetime) -> Item:
        if at < firing.fired_at:
            return firing.item(view, at, excluded="negative")
        platform = view.platform
        seconds = support_seconds(firing.fired_at, at, platform.timezone, platform.support_hours, platform.holidays)
        excluded = firing.exclusion(view, self.id, at) if seconds else "outside support hours"
        return firing.item(view, at, value=seconds, excluded=excluded)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        yield from firing_marks(changes, view, "acknowledged_at")
