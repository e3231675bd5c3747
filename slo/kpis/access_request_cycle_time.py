"""Access request cycle time: business days from a request to its grant."""

from __future__ import annotations

from dataclasses import replace

from slo.kpi import Figures, Reading
from slo.work.spans import CycleTime

APART = ("refused", "withdrawn")


class AccessRequestCycleTime(CycleTime):
    id = "access_request_cycle_time"
    title = "Access request cycle time"
    family = "governance"
    definition = "Median business days from request to grant, over requests granted in the window."
    formula = "median of (closed - opened) in business days, over requests granted"
    not_counted = "requests refused or withdrawn, which stand apart; requests still open; negative spans"
    example = "Three requests granted after 0.5, 1 and 4 business days: the median is 1."
    sentence = "{whose_cap} median access request was granted after {value} {when}"
    shown_beside = {"refused": ("requests refused", "count"), "withdrawn": ("requests withdrawn", "count")}
    needs = (("work_item.access_request",), ("work_item.closed_at",))
    kind = "access_request"

    def figures(self, reading: Reading) -> Figures:
        """Refused and withdrawn requests stand beside it by their number."""
        figures = super().figures(reading)
        apart = {name: reading.state.excluded.get(name, 0) for name in APART}
        return replace(figures, parts={**figures.parts, **apart})
