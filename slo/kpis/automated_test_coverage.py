"""Automated test coverage: critical pipelines and datasets with a test."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from slo.facts import CheckResult
from slo.intervals import INSTANT, Interval, contains, normalise
from slo.kpi import tellings
from slo.register import AssetRegister, Standing
from slo.register.assets import CRITICAL
from slo.store import ChangeRow, Mark
from slo.view import View

TYPES = ("schema", "null", "range", "reconciliation")
LASTS = timedelta(days=28)
"""How long after it ran a check speaks for its asset."""


class AutomatedTestCoverage(AssetRegister):
    id = "automated_test_coverage"
    title = "Automated test coverage of critical assets"
    family = "delivery"
    definition = (
        "Critical (tier 0 and 1) production pipelines and datasets with a test at the window's end, of all such: said "
        "to be tested, or a check of schema, nulls, ranges or reconciliation ran in the 28 days before."
    )
    formula = "critical pipelines and datasets with a test / critical pipelines and datasets"
    not_counted = "other tiers and kinds of assets; checks of freshness, volume and own types; checks that were skipped"
    example = "Of 10 critical assets 7 are said to be tested and 2 ran a range check last week: 9 of 10 = 90 %."
    sentence = "{value} of {whose} critical assets had a test {when}"
    nouns = ("critical asset", "untested asset")
    facts = ("asset", "check_result")
    needs = (("asset.tested", "check_result"), ("asset.tier",))
    asset_fields = ("kind", "retired", "tested")
    required = ("test",)

    def counts(self, view: View, asset: Standing) -> bool:
        return asset.critical and asset.get("kind") in ("dataset", "pipeline")

    def has(self, asset: Standing, what: str) -> bool:
        return bool(asset.get("tested")) or contains(asset.subject.beside, asset.at)

    def beside(
        self, view: View, names: Collection[str], start: datetime, end: datetime
    ) -> Mapping[str, Sequence[Interval]]:
        """Asset -> the stretches of time for which checks spoke, of those that were ever critical."""
        critical = [name for name in names if _ever_critical(view, name)]
        if not critical:
            return {}
        where = {"asset": critical, "type": list(TYPES), "placed_at": (start - LASTS, end + INSTANT)}
        spoke: dict[str, list[Interval]] = {}
        for check in view.read("check_result", where):
            if check.outcome != "skip":
                spoke.setdefault(check.asset, []).append((_begins(view, check.at), check.at + LASTS + INSTANT))
        return {name: normalise(stretches) for name, stretches in spoke.items()}

    def changing(self, beside: Sequence[Interval]) -> Iterator[datetime]:
        return chain.from_iterable(beside)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """A check reaches as long as it speaks."""
        changes = list(changes)
        yield from super().reach(changes, view)
        checks = (fact for fact in tellings(changes) if isinstance(fact, CheckResult) and fact.type in TYPES)
        for check in checks:
            if check.at is not None and check.at <= view.as_of and _ever_critical(view, check.asset):
                yield Mark(check.asset, view.day(check.at), view.day(check.at + LASTS + INSTANT))


def _begins(view: View, at: datetime) -> datetime:
    """What ran at a window's very end did not run before it."""
    return at + INSTANT if view.start_of(view.day(at)) == at else at


def _ever_critical(view: View, name: str | None) -> bool:
    history = view.history(name)
    return any(history.dims(moment).tier in CRITICAL for moment in history.breaks)
