"""Data quality incident rate: incidents in which data was wrong, weighted by severity, a month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from slo.facts import Incident
from slo.incidents.cases import cases
from slo.kpi import Figures, Kpi, Params, Reading, tellings
from slo.marks import platform_marks
from slo.measure import Count, Item
from slo.store import ChangeRow, Mark
from slo.view import View, in_production
from slo.windows import counted_end

WEIGHTS = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0, 5: 0.5, None: 1.0}


class DqIncidentRate(Kpi):
    id = "dq_incident_rate"
    title = "Data quality incident rate"
    family = "incidents"
    measure = Count
    unit = "per_month"
    better = "down"
    definition = "Incidents in which data was wrong (not merely late), weighted by severity, a month of 30 days."
    formula = "sum of weights (severity 1 to 5: 8, 4, 2, 1, 0.5; none told: 1) / months elapsed"
    not_counted = "duplicates, incidents of another class than correctness"
    example = "In 30 days one of severity 1 and two of severity 4: 8 + 1 + 1 = 10 a month; of 200 datasets, 5 per 100."
    shown_beside = {"per_100_datasets": ("a month, per 100 datasets", "per_month")}
    facts = ("incident", "asset")
    needs = (("incident.class",),)
    by_asset = False
    minimum = 0

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for case in cases(view):
            if start <= case.begins < end and case.fact.class_ == "correctness":
                severity = case.fact.severity
                yield case.item(
                    case.begins, view.as_of, bad=1, value=WEIGHTS[severity], note=f"severity {severity or 'not told'}",
                    excluded=case.exclusion(view, self.id, case.begins),
                )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        incidents = (fact for fact in tellings(changes) if isinstance(fact, Incident))
        days = {view.day(at) for fact in incidents for at in (fact.started_at, fact.detected_at) if at is not None}
        yield from (Mark(None, day, day) for day in sorted(days))

    def figures(self, reading: Reading) -> Figures:
        """Beside the rate the same per 100 datasets in scope, as there are at the window's end."""
        figures = super().figures(reading)
        if reading.light:
            return figures
        datasets = _datasets(reading)
        rate = 100 * figures.value / datasets if figures.value is not None and datasets else None
        return replace(figures, parts={**figures.parts, "datasets": datasets, "per_100_datasets": rate})


def _datasets(reading: Reading) -> int:
    """How many production datasets the scope has at the window's end (as-of, if earlier)."""
    view, end = reading.view, counted_end(reading.window, reading.view.as_of)
    return sum(_is_dataset(reading, name, end) for name in view.asset_names)


def _is_dataset(reading: Reading, name: str, at: datetime) -> bool:
    history = reading.view.history(name)
    dims = history.dims(at)
    inside = in_production(dims.environment) and reading.matches([[name, dims.team, dims.domain]], dims.tier)
    return inside and history.exists(at) and history.get("kind", at) == "dataset"
