"""Postmortem action completion: corrective actions done by their due date, of those that fell due."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from slo.facts import WorkItem
from slo.kpi import Params
from slo.measure import Item, Ratio
from slo.view import View
from slo.work.items import coming, exclusion, placed, works
from slo.work.kpi import WorkKpi
from slo.work.promises import due_dates


class PostmortemActionCompletion(WorkKpi):
    id = "postmortem_action_completion"
    title = "Postmortem action completion"
    family = "incidents"
    lens = "leading"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Corrective actions that were done by their due date, of those that fell due."
    formula = "done by the due date / fallen due"
    not_counted = "actions withdrawn, actions without a due date, actions not due yet"
    example = "Of 6 actions due in May 1 was withdrawn and 4 were done by their date: 4 / 5 = 80 %."
    sentence = "{value} of {whose} corrective actions were done in time {when}"
    nouns = ("action", "late action")
    needs = (("work_item.action",), ("work_item.due_at",))
    kind = "action"
    moments = ("due_at",)
    timed = True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        actions = works(view, self.kind)
        for fact in actions:
            if fact.due_at is not None and start <= fact.due_at < end and fact.due_at <= view.as_of:
                yield self._judged(view, fact, fact.due_at)
        yield from coming(view, due_dates(actions), start, end)

    def _judged(self, view: View, fact: WorkItem, due: datetime) -> Item:
        if fact.outcome == "withdrawn":
            return placed(view, fact, due, other=1, excluded="withdrawn")
        kept = fact.outcome == "done" and fact.closed_at is not None and fact.closed_at <= due
        note = "done in time" if kept else "done late" if fact.outcome == "done" else fact.outcome or "still open"
        excluded = exclusion(view, self.id, fact, due)
        return placed(view, fact, due, good=int(kept), bad=int(not kept), note=note, excluded=excluded)
