"""On-call toil: hours a week of repetitive manual operational work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slo.entries import OfEntries
from slo.facts import Entry
from slo.kpi import Figures, Reading
from slo.measure import Count

UNTOLD = "no hours told"


class ToilHours(OfEntries):
    id = "toil_hours"
    title = "On-call toil"
    family = "incidents"
    lens = "lagging"
    measure = Count
    unit = "hours_per_week"
    better = "down"
    definition = "Hours a week of repetitive manual operational work, as the teams wrote them down."
    formula = "hours of toil / weeks elapsed"
    not_counted = "entries that tell no hours"
    example = "6 and 4 hours of toil in a window of 28 days, which is 4 weeks: 10 / 4 = 2.5 hours a week."
    sentence = "{who} spent {value} on toil {when}"
    needs = (("entry.toil",),)
    witness = "entry.toil"
    minimum = 0
    word = "toil"

    def judge(self, entry: Entry) -> dict[str, Any]:
        return {"excluded": UNTOLD} if entry.quantity is None else {"value": entry.quantity}

    def figures(self, reading: Reading) -> Figures:
        """Toil of which nobody told the hours is not nought hours."""
        figures = super().figures(reading)
        untold = reading.state.excluded.get(UNTOLD, 0)
        if untold and not reading.state.n:
            return replace(figures, value=None, parts={**figures.parts, "sum": None, "untold": untold})
        return replace(figures, parts={**figures.parts, "untold": untold})
