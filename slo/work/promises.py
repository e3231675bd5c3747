"""Work that was promised by a date: kept or broken once it was closed or the date has come, whichever came first
(kpi_rules, section 5, support_sla_adherence)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from slo.facts import WorkItem
from slo.measure import Item
from slo.view import View
from slo.work.items import exclusion, placed

NO_DUE_DATE = "no due date"


def promises(view: View, kpi: str, facts: Iterable[WorkItem], start: datetime, end: datetime) -> Iterator[Item]:
    """Those of the work items that are decided in [start, end), and up to as-of: good where closed by the due date. One
    closed without a due date is left out."""
    for fact in facts:
        at = decided_at(fact)
        if at is not None and start <= at < end and at <= view.as_of:
            yield _judged(view, kpi, fact, at)


def decided_at(fact: WorkItem) -> datetime | None:
    """The earlier of closing and due date; None of one that is open and has no due date."""
    return min((moment for moment in (fact.closed_at, fact.due_at) if moment is not None), default=None)


def _judged(view: View, kpi: str, fact: WorkItem, at: datetime) -> Item:
    if fact.due_at is None:
        return placed(view, fact, at, other=1, excluded=NO_DUE_DATE)
    kept = fact.closed_at is not None and fact.closed_at <= fact.due_at
    note = "closed in time" if kept else "closed late" if fact.closed_at else "still open"
    return placed(view, fact, at, good=int(kept), bad=int(not kept), note=note, excluded=exclusion(view, kpi, fact, at))


def due_dates(facts: Iterable[WorkItem]) -> Iterator[datetime]:
    """When those that are still open fall due."""
    return (fact.due_at for fact in facts if fact.due_at is not None and fact.closed_at is None)
