"""Audit findings: findings of high severity that were open at any time in the window."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from slo.calendars import DAY, days_between
from slo.facts import WorkItem
from slo.intervals import INSTANT
from slo.kpi import Figures, Params, Reading
from slo.marks import platform_marks
from slo.measure import Distinct, Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View, in_production
from slo.work.items import exclusion, placed, works
from slo.work.kpi import WorkKpi
from slo.work.promises import promises

HIGH = ("critical", "high")
ENOUGH = 5
"""The minimum sample of the share that was remediated in time."""


class AuditFindings(WorkKpi):
    id = "audit_findings"
    title = "Audit findings"
    family = "governance"
    restricted = True
    measure = Distinct
    unit = "count"
    better = "down"
    definition = "Findings of high or critical severity that were open at any time in the window."
    formula = "findings opened before the window's end and not closed before or at its start"
    not_counted = "findings of medium and low severity"
    example = "One opened in March and still open counts in March, April and May; closed on 10 May, not in June."
    sentence = "{who} had {value} high findings open {when}"
    shown_beside = {"remediated_in_sla": ("remediated within their SLA", "ratio")}
    needs = (("work_item.finding",), ("work_item.severity",))
    witness = "work_item.finding"
    minimum = 0
    kind = "finding"
    moments = ("opened_at",)
    timed = True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        """One item a finding and day on which it was open: they are one by their key."""
        for fact in works(view, self.kind):
            if fact.severity in HIGH and fact.opened_at is not None and fact.opened_at < end:
                yield from self._days(view, fact, fact.opened_at, start, end)

    def _days(self, view: View, fact: WorkItem, opened: datetime, start: datetime, end: datetime) -> Iterator[Item]:
        """Its own day, and each later one that began while it was open. An open one goes on at the next midnight."""
        note = f"{fact.severity}, opened on {view.day(opened)}"
        note += ", still open" if fact.closed_at is None else f", closed on {view.day(fact.closed_at)}"
        item = placed(view, fact, opened, bad=1, excluded=exclusion(view, self.id, fact, opened), note=note)
        item.key = item.member
        today, own = view.day(view.as_of), view.day(opened)
        last = today if fact.closed_at is None else max(own, view.day(fact.closed_at - INSTANT))
        for day in days_between(max(own, view.day(start)), min(last, view.day(end - INSTANT))):
            goes_on = view.start_of(day + DAY) if fact.closed_at is None and day == today else None
            yield replace(item, at=opened if day == own else view.start_of(day), until=goes_on)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """Every day on which it was open, now and before."""
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        for fact in self.told(changes):
            yield from self._open(fact, view)

    def excluded_in(self, view: View, start: datetime, end: datetime) -> Iterator[Mark]:
        """A finding is left out by the day on which it was opened, and so on every day on which it was open."""
        for fact in works(view, self.kind):
            if fact.opened_at is not None and start <= fact.opened_at < end:
                yield from self._open(fact, view)

    def _open(self, fact: WorkItem, view: View) -> Iterator[Mark]:
        """The days on which a finding that counts was open."""
        if fact.severity in HIGH and fact.opened_at is not None:
            first = view.day(fact.opened_at)
            yield Mark(None, first, None if fact.closed_at is None else max(first, view.day(fact.closed_at)))

    def figures(self, reading: Reading) -> Figures:
        """Beside their number the share that was remediated by its due date."""
        figures = super().figures(reading)
        if reading.light:
            return figures
        kept = _remediated(self, reading)
        share = kept.good / kept.total if kept.total else None
        counts = {"good": kept.good, "bad": kept.bad, "excluded": kept.excluded_total}
        parts = {**figures.parts, "remediated_in_sla": share, "remediations": counts}
        return replace(figures, parts=parts, samples={"remediated_in_sla": (kept.total, ENOUGH)})


def _remediated(kpi: AuditFindings, reading: Reading) -> Ratio:
    """High findings that were closed or fell due in the window, counted as support tickets are."""
    view, window = reading.view, reading.window
    high = (fact for fact in works(view, kpi.kind) if fact.severity in HIGH)
    items = promises(view, kpi.id, high, window.start, window.end)
    inside = (item for item in items if in_production(item.dims.environment))
    return Ratio.of(item for item in inside if reading.matches(item.matches or [], item.dims.tier))
