"""Query performance P95: runtime of the queries behind critical workloads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from slo.facts import Distribution
from slo.kpi import Kpi, Params
from slo.marks import asset_marks
from slo.measure import Item, Samples
from slo.measure.samples import rebucket
from slo.readings import reading_marks, readings
from slo.store import ChangeRow, Mark
from slo.view import View

CRITICAL_TIERS = (0, 1)


class QueryP95(Kpi):
    id = "query_p95"
    title = "Query performance P95"
    family = "reliability"
    measure = Samples
    unit = "seconds"
    better = "down"
    definition = "The 95th percentile of query runtimes of critical workloads, from buckets of 1 % relative error."
    formula = "the first bucket whose cumulated count exceeds 0.95 (n - 1)"
    not_counted = "failed and cached queries, workloads that are not critical"
    example = "Of 1,000 queries behind critical dashboards 950 took at most 8.2 seconds: the 95th percentile is 8.2 s."
    facts = ("distribution", "asset")
    needs = (("distribution",),)
    asset_fields = ("critical",)
    pick = "p95"

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"metric": "query_seconds"} | ({} if assets is None else {"asset": assets})
        for at, reading in readings(view, "distribution", start, end, **where):
            dims = view.dims(reading.asset, at)
            critical = view.history(reading.asset).get("critical", at) or dims.tier in CRITICAL_TIERS
            if critical and reading.outcome in (None, "success"):
                yield self._item(view, at, reading)

    def _item(self, view: View, at: datetime, reading: Distribution) -> Item:
        dims = view.dims(reading.asset, at)
        buckets = {int(index): float(count) for index, count in (reading.buckets or {}).items()}
        return Item(
            at=at, asset=reading.asset, dims=dims, buckets=rebucket(buckets, reading.gamma or 1.02),
            zero=reading.zero or 0, since=reading.at, facts=(reading,),
            excluded=view.exclusion(self.id, reading.asset, dims, at),
        )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from reading_marks(changes, view)
