"""Data quality test pass rate: checks that passed, of those executed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from slo.checks.recovery import recoveries
from slo.facts import CheckResult
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import asset_marks
from slo.measure import Item, Ratio
from slo.params import slice_name
from slo.store import ChangeRow, Mark
from slo.view import View

CURATED = ("curated", "mart", "serving", "gold")


class DqTestPassRate(Kpi):
    id = "dq_test_pass_rate"
    title = "Data quality test pass rate"
    family = "quality"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Checks that passed, of the checks executed; one that errored did not pass."
    formula = "passed / (passed + failed + errored)"
    not_counted = "skipped checks"
    example = "990 checks passed, 6 failed, 4 errored and 30 were skipped: 990 / 1,000 = 99 %."
    sentence = "{value} of {whose} data tests passed {when}"
    nouns = ("test", "failed test")
    shown_beside = {
        "critical_failures": ("critical failures", "count"),
        "critical_open": ("of these, not passed since", "count"),
    }
    singly = True
    facts = ("check_result", "asset")
    needs = (("check_result",),)
    asset_fields = ("layer",)
    defaults = {"layer": "any", "severity": "any"}
    choices = {"layer": ("any", "curated"), "severity": ("any", "critical", "warning", "info")}

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"placed_at": (start, end)} | ({} if assets is None else {"asset": assets})
        for check in view.read("check_result", where):
            if _asked(view, check, params):
                yield self._judge(view, check)

    def _judge(self, view: View, check: CheckResult) -> Item:
        assert check.at is not None
        dims = view.dims(check.asset, check.at)
        passed = check.outcome == "pass"
        skipped = check.outcome == "skip"
        excluded = "skip" if skipped else view.exclusion(self.id, check.asset, dims, check.at)
        failed = not passed and not skipped
        critical = failed and check.severity == "critical" and excluded is None
        return Item(
            at=check.at, asset=check.asset, dims=dims, good=int(passed), bad=int(failed), other=int(skipped),
            excluded=excluded, since=check.at, facts=(check,), note=f"{check.check}: {check.outcome}",
            beside={"critical_failures": 1} if critical else None,
        )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from super().reach((change for change in changes if _is_check(change)), view)

    def figures(self, reading: Reading) -> Figures:
        """Critical failures are counted apart, and listed with the time until each passed again."""
        figures = super().figures(reading)
        parts = {**figures.parts, "critical_failures": reading.state.beside.get("critical_failures", 0)}
        return replace(figures, parts=parts if reading.light else {**parts, **self._recoveries(reading)})

    def _recoveries(self, reading: Reading) -> dict[str, Any]:
        if not reading.state.beside.get("critical_failures"):
            return {"critical": [], "critical_open": 0}
        view, params = reading.view, reading.params
        return recoveries(
            slice_name(self, params), reading, lambda start, end: self._critical(view, start, end, params)
        )

    def _critical(self, view: View, start: datetime, end: datetime, params: Params) -> Iterator[Item]:
        """The critical failures alone: of the many checks that passed none is read."""
        where = {"placed_at": (start, end), "severity": "critical", "outcome": ["fail", "error"]}
        items = (self._judge(view, check) for check in view.read("check_result", where) if _asked(view, check, params))
        return (item for item in items if item.beside is not None)


def _is_check(change: ChangeRow) -> bool:
    return isinstance(change.new or change.old, CheckResult)


def _asked(view: View, check: CheckResult, params: Params) -> bool:
    if params["severity"] != "any" and check.severity != params["severity"]:
        return False
    assert check.at is not None
    return params["layer"] == "any" or view.history(check.asset).get("layer", check.at) in CURATED
