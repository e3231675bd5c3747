"""Freshness SLO attainment: the share of seen time in which a dataset's data was fresh enough."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import pairwise

from slo.calendars import DAY
from slo.due.freshness import Dataset, Stretch, awaiting, read_ahead
from slo.due.reach import seen_until
from slo.kpi import Kpi, Params
from slo.marks import asset_marks, update_marks
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View


class FreshnessSloAttainment(Kpi):
    id = "freshness_slo_attainment"
    title = "Freshness SLO attainment"
    family = "reliability"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Seconds in which a dataset's age was within its threshold, of the seconds it was observed."
    formula = "fresh seconds / (fresh seconds + stale seconds)"
    not_counted = "time in which the source was not observed, time before the first update"
    example = (
        "An hourly dataset with a limit of 2 hours, updated at 00:00 and again at 03:00, was stale for one of 3 hours."
    )
    sentence = "{who} had fresh data {value} of the time {when}"
    facts = ("dataset_update", "asset", "coverage")
    needs = (("dataset_update", "imported freshness"), ("asset.freshness",))
    expects = "freshness"
    version = 2
    asset_fields = ("freshness", "retired")
    minimum = 0
    seconds = True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        names = list(assets) if assets is not None else view.asset_names
        read_ahead(view, names, start, end)
        for name in names:
            for stretch in Dataset(view, view.history(name)).stretches(start, end):
                yield from self._pieces(view, name, stretch)
            yield from awaiting(view, name, start, end)

    def _pieces(self, view: View, name: str, stretch: Stretch) -> Iterator[Item]:
        """Cut at local midnights and where an exclusion begins or ends, so that each piece has one day and reason."""
        edges = [stretch.start, *_midnights(view, stretch), stretch.end]
        edges = sorted({*edges, *view.exclusion_edges(self.id, name, stretch.start, stretch.end)})
        for first, last in pairwise(edges):
            yield self._item(view, name, stretch, first, last)

    def _item(self, view: View, name: str, stretch: Stretch, first: datetime, last: datetime) -> Item:
        span = last - first
        amount = (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
        dims = view.dims(name, first)
        item = Item(at=first, asset=name, dims=dims, since=last, note=stretch.verdict)
        item.facts = (stretch.update,) if stretch.update else ()
        if last >= view.as_of:
            item.until = view.as_of + view.platform.step
        if stretch.verdict == "unseen":
            item.unseen = amount
            return item
        item.good, item.bad = (amount, 0) if stretch.verdict == "fresh" else (0, amount)
        item.excluded = view.exclusion(self.id, name, dims, first)
        return item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from update_marks(changes, view)

    def seen_until(self, view: View, asset: str, start: datetime, end: datetime) -> datetime:
        """A deadline that was not seen leaves its delay unknown."""
        return seen_until(view, asset, start, end)


def _midnights(view: View, stretch: Stretch) -> list[datetime]:
    day, midnights = view.day(stretch.start) + DAY, []
    while (midnight := view.start_of(day)) < stretch.end:
        midnights.append(midnight)
        day += DAY
    return midnights
