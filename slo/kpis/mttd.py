"""Mean time to detect: from an incident's start to its detection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from slo.facts import Incident
from slo.incidents.cases import cases
from slo.incidents.starts import DERIVED, counted, start_of
from slo.kpi import Figures, Kpi, Params, Reading, tellings
from slo.marks import platform_marks
from slo.measure import Item, Samples
from slo.store import ChangeRow, Mark
from slo.view import View


class MeanTimeToDetect(Kpi):
    id = "mttd"
    title = "Mean time to detect"
    family = "incidents"
    measure = Samples
    unit = "seconds"
    better = "down"
    definition = "Mean time from an incident's start to its detection, over incidents detected in the window."
    formula = "sum of (detected - started) / incidents detected"
    not_counted = "duplicates, incidents whose start or detection nobody told, negative spans"
    example = "Three incidents were detected 5, 10 and 30 minutes after they began: the mean is 15 minutes."
    sentence = "{whose_cap} incidents were detected after {value} on average {when}"
    shown_beside = {"median": ("median", "seconds"), "p90": ("90th percentile", "seconds")}
    facts = ("incident", "asset")
    needs = (("incident.detected_at",), ("incident.started_at",))
    by_asset = False

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for case in cases(view):
            began, detected = case.fact.started_at, case.fact.detected_at
            if began is None or detected is None or not start <= detected < end:
                continue
            seconds = (detected - began).total_seconds()
            excluded = "negative" if seconds < 0 else case.exclusion(view, self.id, detected)
            note = "start derived" if start_of(view, case) == DERIVED else ""
            yield case.item(detected, view.as_of, value=seconds, excluded=excluded, note=note)

    def figures(self, reading: Reading) -> Figures:
        """Beside the mean stands how many of the incidents' starts were told, derived, or not known."""
        figures = super().figures(reading)
        if reading.light:
            return figures
        starts = counted(reading.view, reading.window, reading.matches, self.id)
        return replace(figures, parts={**figures.parts, "starts": starts})

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        for fact in tellings(changes):
            if isinstance(fact, Incident) and fact.detected_at is not None:
                yield Mark(None, view.day(fact.detected_at), view.day(fact.detected_at))
