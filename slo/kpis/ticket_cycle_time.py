"""Cycle time of scoped tickets: business days from first in progress to done, small items."""

from __future__ import annotations

from slo.facts import WorkItem
from slo.kpi import Params
from slo.work.spans import CycleTime


class TicketCycleTime(CycleTime):
    id = "ticket_cycle_time"
    title = "Cycle time of scoped tickets"
    family = "delivery"
    definition = "Median business days from first in progress to done, over small scoped tickets done in the window."
    formula = "median of (closed - started) in business days, over small tickets done"
    not_counted = "tickets of another size, tickets refused or withdrawn or never started, negative spans"
    example = "Started on Friday at 16:00 and done on Monday at 10:00: 0.75 business days."
    sentence = "{whose_cap} median small ticket was done in {value} {when}"
    needs = (("work_item.scoped",), ("work_item.started_at",), ("work_item.closed_at",))
    kind = "scoped"
    begins = "started_at"

    def asked(self, fact: WorkItem, params: Params) -> bool:
        return fact.size == "small"
