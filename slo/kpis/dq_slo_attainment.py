"""Data quality SLO attainment: datasets whose own pass share met their own objective."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from slo.facts import CheckResult
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import asset_marks
from slo.measure import Item, Ratio, Share
from slo.objectives import newest_in_scope
from slo.store import ChangeRow, Mark
from slo.view import View


class DqSloAttainment(Kpi):
    id = "dq_slo_attainment"
    title = "Data quality SLO attainment"
    family = "quality"
    lens = "lagging"
    measure = Share
    unit = "ratio"
    better = "up"
    definition = "Datasets whose share of passed checks met their own objective, of the datasets with checks."
    formula = "datasets that met their objective / datasets with executed checks"
    not_counted = "datasets whose checks were all skipped"
    example = "Orders passed 99 of 100 checks (objective 98 %), people 18 of 20 (95 %): 1 of 2 datasets, 50 %."
    sentence = "{value} of {whose} datasets met their own quality objective {when}"
    nouns = ("dataset", "dataset below its objective")
    facts = ("check_result", "asset")
    needs = (("check_result",),)
    minimum = 0
    per_asset_reading = True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"placed_at": (start, end)} | ({} if assets is None else {"asset": assets})
        for check in view.read("check_result", where):
            yield self._item(view, check)

    def _item(self, view: View, check: CheckResult) -> Item:
        assert check.at is not None
        dims = view.dims(check.asset, check.at)
        passed, skipped = check.outcome == "pass", check.outcome == "skip"
        return Item(
            at=check.at, asset=check.asset, dims=dims, good=int(passed), bad=int(not passed and not skipped),
            other=int(skipped), since=check.at, facts=(check,), note=f"{check.check}: {check.outcome}",
            excluded="skip" if skipped else view.exclusion(self.id, check.asset, dims, check.at),
        )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from super().reach((one for one in changes if isinstance(one.new or one.old, CheckResult)), view)

    def figures(self, reading: Reading) -> Figures:
        def met(asset: str, ratio: Ratio) -> bool | None:
            return Fraction(ratio.good, ratio.total) >= _objective(reading, asset) if ratio.total else None

        verdict = reading.state.judged(met)
        value = verdict.good / verdict.total if verdict.total else None
        parts = {"good": verdict.good, "bad": verdict.bad, "unknown": 0, "excluded": verdict.unseen}
        return Figures(value, verdict.total, parts, verdict.good, verdict.bad, None if value is None else 1.0)


def _objective(reading: Reading, asset: str) -> Fraction:
    """The newest that held while the dataset was in scope in the window; where none did, the platform's."""
    view = reading.view
    t = newest_in_scope(reading, asset)
    told = None if t is None else view.history(asset).get("quality_objective", t)
    return Fraction(str(view.platform.quality_objective if told is None else told))
