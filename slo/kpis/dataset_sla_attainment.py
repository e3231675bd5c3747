"""Dataset SLA attainment: datasets that met their own freshness objective, of those judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from slo.due.freshness import Arrival, Dataset, awaiting, maximum, read_ahead
from slo.intervals import contains
from slo.kpi import Figures, Kpi, Params, Reading
from slo.kpis.freshness_slo_attainment import FreshnessSloAttainment
from slo.marks import asset_marks, update_marks
from slo.measure import Item, Ratio, Share
from slo.objectives import newest_in_scope
from slo.store import ChangeRow, Mark
from slo.view import View


class DatasetSlaAttainment(Kpi):
    id = "dataset_sla_attainment"
    title = "Dataset SLA attainment"
    family = "reliability"
    measure = Share
    unit = "ratio"
    better = "up"
    definition = "Datasets that met their own freshness objective over the window, of the datasets judged."
    formula = "datasets that met their objective / datasets judged"
    not_counted = "datasets of which less than half is known"
    example = "Of 20 datasets 19 were on time on every delivery day, one was late once: 19 / 20 = 95 %."
    sentence = "{value} of {whose} datasets met their own freshness objective {when}"
    nouns = ("dataset", "late dataset")
    facts = ("dataset_update", "asset", "coverage")
    needs = (("dataset_update", "imported freshness"), ("asset.freshness",))
    expects = "freshness"
    version = 2
    asset_fields = ("freshness", "freshness_objective", "retired")
    minimum = 0
    per_asset_reading = True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        fresh = FreshnessSloAttainment()
        names = list(assets) if assets is not None else view.asset_names
        read_ahead(view, names, start, end)
        for name in names:
            dataset = Dataset(view, view.history(name))
            for first, last, told in dataset.rules(start, end):
                if maximum(told.value) is not None:
                    for item in fresh.items(view, [name], first, last, params):
                        item.excluded = item.excluded and view.exclusion(self.id, name, item.dims, item.at)
                        item.key = f"age:{name}"
                        yield item
            yield from self._deliveries(view, dataset, start, end)
            yield from awaiting(view, name, start, end, f"deadline:{name}")

    def _deliveries(self, view: View, dataset: Dataset, start: datetime, end: datetime) -> Iterator[Item]:
        history = dataset.history
        for delivery_rule in dataset.rule_versions(start, end):
            for arrival in dataset.deliveries(start, end, delivery_rule):
                delivery = arrival.delivery
                in_force = history.told(delivery.midnight).get("freshness")
                begun = history.begin is not None and delivery.deadline > history.begin
                if in_force is delivery_rule and begun and history.exists(delivery.deadline):
                    yield self._verdict(view, history.name, arrival)

    def _verdict(self, view: View, name: str, arrival: Arrival) -> Item:
        delivery = arrival.delivery
        dims = view.dims(name, delivery.midnight)
        item = Item(at=delivery.deadline, asset=name, dims=dims, since=delivery.deadline, note="delivery")
        item.key = f"deadline:{name}"
        item.facts = (arrival.there,) if arrival.there else ()
        if delivery.deadline > view.as_of:
            item.until, item.note = delivery.deadline, "not due yet"
        elif not contains(view.watched(arrival.witness, "dataset_update", name), delivery.deadline):
            item.unseen, item.note = 1, f"{arrival.witness} was not observed"
        else:
            item.good, item.bad = int(arrival.on_time), int(not arrival.on_time)
            item.excluded = view.exclusion(self.id, name, dims, delivery.deadline)
        return item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from update_marks(changes, view)

    def figures(self, reading: Reading) -> Figures:
        newest: dict[str, datetime | None] = {}

        def met(asset: str, ratio: Ratio) -> bool | None:
            if not ratio.total or ratio.total < ratio.unseen:
                return None
            return Fraction(ratio.good, ratio.total) >= _objective(reading.view, asset, newest[asset])

        state = Share(_by_newest_form(reading, newest))
        verdict = state.judged(met)
        value = verdict.good / verdict.total if verdict.total else None
        parts = {"good": verdict.good, "bad": verdict.bad, "unknown": verdict.unknown, "excluded": 0}
        return Figures(value, verdict.total, parts, verdict.good, verdict.bad, verdict.coverage)


def _newest(reading: Reading, asset: str) -> datetime | None:
    """The last instant from which on the dataset was in scope under one threshold and objective."""
    return newest_in_scope(
        reading, asset, lambda history, t: history.exists(t) and history.get("freshness", t) is not None
    )


def _objective(view: View, asset: str, t: datetime | None) -> Fraction:
    """The newest objective; by default 99 % of the time fresh, or every deadline met."""
    history = view.history(asset)
    told = None if t is None else history.get("freshness_objective", t)
    if told is not None:
        return Fraction(str(told))
    return Fraction(str(view.platform.freshness_objective)) if _by_age(view, asset, t) else Fraction(1)


def _by_age(view: View, asset: str, t: datetime | None) -> bool:
    rule = None if t is None else view.history(asset).get("freshness", t)
    return maximum(rule or {}) is not None


def _by_newest_form(reading: Reading, newest: dict[str, datetime | None]) -> dict[str, Ratio]:
    """Asset -> its Ratio under the newest form of threshold in scope (seconds and deliveries don't add up); notes
    since when that one was in force."""
    chosen: dict[str, Ratio] = {}
    for key, ratio in reading.state.assets.items():
        form, _, asset = key.partition(":")
        if asset not in newest:
            newest[asset] = _newest(reading, asset)
        wanted = "age" if _by_age(reading.view, asset, newest[asset]) else "deadline"
        if form == wanted and (ratio.total or ratio.unseen):
            chosen[asset] = ratio
    return chosen
