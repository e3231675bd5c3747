"""Alert precision: firings that called for action, of those that a rule decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from slo.incidents.alerts import firing_marks, firings_around
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
    not_counted = (
        "Tierline's own alerts; firings that no rule decides (neither labelled, linked, nor resolved by themselves), "
        "which are unknown"
    )
    example = (
        "Of 40 firings 28 led to action, 8 resolved unseen and 4 no rule decides: 28 / 36 = 77.8 %, judged 36 of 40."
    )
    sentence = "{value} of {whose} alerts called for action {when}"
    nouns = ("alert", "alert that needed nothing")
    shown_beside = {
        "duplicate_share": ("repeats of a firing already counted", "ratio"),
        "judged_share": ("firings that a rule decides", "ratio"),
    }
    facts = ("alert", "asset")
    needs = (("alert",), ("alert.label", "alert.incident", "alert.acknowledged_at"))
    by_asset = False
    pair = "mttd"
    version = 3

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
            if verdict is not None or firing.is_left_out(view):
                item.excluded = firing.exclusion(view, self.id, firing.fired_at)
            if item.excluded is None:
                item.beside = {"alerts": len(firing.alerts), "groups": 1}
            yield item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        yield from firing_marks(changes, view, "fired_at")

    def figures(self, reading: Reading) -> Figures:
        """Beside it the share of repeats, and how many of the firings a rule decides."""
        figures, state = super().figures(reading), reading.state
        alerts, firings = state.beside.get("alerts", 0), state.total + state.unjudged
        beside = {
            "duplicate_share": 1 - state.beside.get("groups", 0) / alerts if alerts else None,
            "judged_share": state.total / firings if firings else None,
        }
        return replace(figures, parts={**figures.parts, **beside})
