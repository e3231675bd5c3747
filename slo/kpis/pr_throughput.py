"""PR throughput: merged pull requests a week, weighted by size."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from slo.facts import Change
from slo.kpi import Kpi, Params, tellings
from slo.marks import platform_marks
from slo.measure import Count, Item
from slo.store import ChangeRow, Mark
from slo.view import View
from slo.work.items import exclusion, placed

PULL_REQUEST = "pull_request"


class PrThroughput(Kpi):
    id = "pr_throughput"
    title = "PR throughput"
    family = "delivery"
    lens = "leading"
    measure = Count
    unit = "per_week"
    better = "neither"
    definition = "Merged pull requests a week, each weighted by its size."
    formula = "sum of the sizes of merged pull requests / weeks elapsed"
    not_counted = "pull requests that were not merged; nothing is counted by person"
    example = "In two weeks 6 merged without a size (1 each) and 1 of size 4: 10 / 2 = 5 a week."
    facts = ("change", "asset")
    needs = (("change.pull_request",),)
    witness = "change.pull_request"
    by_asset = False
    minimum = 0

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        merged = {"kind": PULL_REQUEST, "state": "succeeded", "placed_at": (start, end)}
        for fact in view.read("change", merged):
            item = placed(view, fact, fact.at, value=1 if fact.size is None else fact.size)
            item.member = json.dumps(item.matches)  # one row a day and repository, not one a pull request
            item.excluded = exclusion(view, self.id, fact, fact.at)
            yield item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        for fact in tellings(changes):
            if isinstance(fact, Change) and fact.kind == PULL_REQUEST and fact.at is not None:
                yield Mark(None, view.day(fact.at), view.day(fact.at))
