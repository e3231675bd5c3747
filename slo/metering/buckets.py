"""Distributions of times, as a warehouse or a broker groups them into buckets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import ClassVar

from slo.facts import Distribution
from slo.kpi import Kpi, Params
from slo.marks import asset_marks
from slo.measure import Item, Samples
from slo.measure.item import Dims
from slo.measure.samples import GAMMA, rebucket
from slo.metering.readings import reading_marks, readings
from slo.store import ChangeRow, Mark
from slo.view import View


class OfBuckets(Kpi):
    """The 95th percentile of the merged buckets of one metric. A subclass may leave readings out."""

    metric_told: ClassVar[str]
    """Which metric of a distribution."""
    measure = Samples
    unit = "seconds"
    better = "down"
    facts = ("distribution", "asset")
    pick = "p95"

    def counts(self, view: View, reading: Distribution, dims: Dims, at: datetime) -> bool:
        """Whether a reading is of those asked for."""
        return True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"metric": self.metric_told} | ({} if assets is None else {"asset": assets})
        for at, reading in readings(view, "distribution", start, end, **where):
            dims = view.dims(reading.asset, at)
            if self.counts(view, reading, dims, at):
                yield self._item(view, at, reading, dims)

    def _item(self, view: View, at: datetime, reading: Distribution, dims: Dims) -> Item:
        buckets = {int(index): float(count) for index, count in (reading.buckets or {}).items()}
        return Item(
            at=at, asset=reading.asset, dims=dims, buckets=rebucket(buckets, reading.gamma or GAMMA),
            zero=reading.zero or 0, since=reading.at, facts=(reading,),
            excluded=view.exclusion(self.id, reading.asset, dims, at),
        )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from reading_marks(changes, view)
