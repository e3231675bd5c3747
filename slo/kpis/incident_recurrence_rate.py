"""Incident recurrence rate: incidents whose cause had been restored shortly before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from slo.beside.repeats import TOP, repeats
from slo.facts import Incident
from slo.incidents.cases import Case, cases
from slo.kpi import Figures, Kpi, Params, Reading, tellings
from slo.marks import platform_marks
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View, later

LONGEST = timedelta(days=91)


class IncidentRecurrenceRate(Kpi):
    id = "incident_recurrence_rate"
    title = "Incident recurrence rate"
    family = "incidents"
    measure = Ratio
    unit = "ratio"
    better = "down"
    definition = "Incidents of the window whose cause another incident had, restored within the N days before."
    formula = "incidents that recur / incidents with a named cause"
    not_counted = "duplicates; incidents without a named cause are unknown"
    example = "Of 10 incidents with a cause, 2 had one that was restored within the 30 days before: 2 / 10 = 20 %."
    sentence = "{value} of {whose} incidents had a cause seen before {when}"
    nouns = ("incident", "recurring incident")
    shown_beside = {
        "top_repeats": ("of the quarter before's top three causes, back again", "count"),
        "stayed_away": ("of these, stayed away", "count"),
    }
    facts = ("incident", "asset")
    needs = (("incident.cause",), ("incident.resolved_at", "incident.spans"))
    by_asset = False
    complement = True
    defaults = {"days": 30, "severity": 5}
    by_profile = ("days",)

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        earlier = _by_cause(view)
        for case in cases(view):
            severity = case.fact.severity
            filtered = params["severity"] < 5 and (severity is None or severity > params["severity"])
            if start <= case.begins < end and not filtered:
                yield self._judge(view, case, earlier, timedelta(days=params["days"]))

    def _judge(self, view: View, case: Case, earlier: dict[str, list[Case]], span: timedelta) -> Item:
        cause = case.fact.cause
        if not cause:
            return case.item(case.begins, view.as_of, unjudged=1, note="no cause named")
        excluded = case.exclusion(view, self.id, case.begins)
        for other in earlier[cause]:
            restored = other.restored_at()
            if other is not case and restored is not None and case.begins - span <= restored < case.begins:
                item = case.item(
                    case.begins, view.as_of, bad=1, excluded=excluded, note=f"{cause} again, after {other.fact.id}"
                )
                item.since = later(item.since, restored)
                return item
        return case.item(case.begins, view.as_of, good=1, excluded=excluded, note=cause)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """Its own day, and the days in which another incident of its cause would be a repeat."""
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        for fact in tellings(changes):
            if isinstance(fact, Incident) and fact.moment is not None:
                yield Mark(None, view.day(fact.moment), view.day(fact.moment))
                ends = [end for _, end in fact.spans or () if end is not None] + [fact.resolved_at]
                for end in ends:
                    if end is not None and fact.cause:
                        yield Mark(None, view.day(end), view.day(end + LONGEST))

    def figures(self, reading: Reading) -> Figures:
        """Beside it the three causes that recurred most, and how many of the quarter before's three stayed away."""
        figures = super().figures(reading)
        if reading.light:
            return figures
        parts = {**figures.parts, **repeats(self, reading)}
        return replace(figures, parts=parts, samples={"top_repeats": (TOP, 0)})


def _by_cause(view: View) -> dict[str, list[Case]]:
    grouped: dict[str, list[Case]] = {}
    for case in cases(view):
        if case.fact.cause:
            grouped.setdefault(case.fact.cause, []).append(case)
    return grouped
