"""Alert precision: firings that called for action, of those that a rule decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from slo.alerts import firing_marks, firings_around
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import platform_marks
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View


class AlertPrecision(Kpi):
    id = "alert_precision"
    title = "Alert precision (noise ratio)"
    family = "incidents"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Firings that called for action, of the firings judged; repeats of one firing count once."
    formula = "actionable / (actionable + noise)"
    not_counted = "firings that no rule decides (neither labelled, linked, nor resolved by themselves) are unknown"
    example = (
        "Of 40 firings 28 led to action, 8 resolved unseen and 4 no rule decides: 28 / 36 = 77.8 %, judged 36 of 40."
    )
    shown_beside = {"duplicate_share": ("repeats of a firing already counted", "ratio")}
    facts = ("alert", "asset")
    needs = (("alert",), ("alert.label", "alert.incident", "alert.acknowledged_at"))
    by_asset = False
    pair = "mttd"

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for firing in firings_around(view, "fired_at", start, end):
            if not start <= firing.fired_at < end:
                continue
            verdict = firing.verdict(view)
            item = firing.item(view, firing.fired_at, note=verdict or "unjudged")
            item.good, item.bad = int(verdict == "actionable"), int(verdict == "noise")
            item.unjudged = int(verdict is None)
            item.beside = {"alerts": len(firing.alerts), "groups": 1}
            if verdict is not None:
                item.excluded = firing.exclusion(view, self.id, firing.fired_at)
            yield item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        yield from firing_marks(changes, view, "fired_at")

    def figures(self, reading: Reading) -> Figures:
        figures = super().figures(reading)
        beside = reading.state.beside
        alerts = beside.get("alerts", 0)
        share = 1 - beside.get("groups", 0) / alerts if alerts else None
        return replace(figures, parts={**figures.parts, "duplicate_share": share})
