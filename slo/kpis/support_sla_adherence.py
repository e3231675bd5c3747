"""Support SLA adherence: tickets closed within their SLA, of those closed or whose SLA ran out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from slo.kpi import Params
from slo.measure import Item, Ratio
from slo.view import View
from slo.work.items import coming, works
from slo.work.kpi import WorkKpi
from slo.work.promises import due_dates, promises

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


class SupportSlaAdherence(WorkKpi):
    id = "support_sla_adherence"
    title = "Support SLA adherence"
    family = "incidents"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Support tickets of a priority that were closed by their due date, of those closed or fallen due."
    formula = "closed by the due date / closed or fallen due"
    not_counted = "tickets of other priorities, tickets still open and not due, tickets without a due date"
    example = "Of 10 P2 tickets 9 were closed by their due date and 1 is still open past it: 9 / 10 = 90 %."
    sentence = "{value} of {whose} support tickets were resolved within their SLA {when}"
    nouns = ("ticket", "late ticket")
    needs = (("work_item.support",), ("work_item.due_at",))
    kind = "support"
    moments = ("closed_at", "due_at")
    timed = True
    defaults = {"priority": "P2"}
    choices = {"priority": PRIORITIES}

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        tickets = [fact for fact in works(view, self.kind) if fact.priority == params["priority"]]
        yield from promises(view, self.id, tickets, start, end)
        yield from coming(view, due_dates(tickets), start, end)
