"""Mean time to restore: the active spans of incidents, from their start or from their detection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from slo.beside.pairs import Figure
from slo.facts import Incident
from slo.incidents.cases import Case, cases, cases_at
from slo.kpi import Figures, Kpi, Params, Reading, tellings
from slo.marks import platform_marks
from slo.measure import Item, Samples
from slo.measure.state import exact
from slo.store import ChangeRow, Mark
from slo.view import View

REOPENED = 0.10
"""Beyond this share of restored incidents that had been reopened, a short time to restore may be an early closing."""
SHOWN = 20
"""Open incidents are listed up to this many, the oldest first."""


class MeanTimeToRestore(Kpi):
    id = "mttr"
    title = "Mean time to restore"
    family = "incidents"
    measure = Samples
    unit = "seconds"
    better = "down"
    definition = "Mean active time of the incidents restored in the window, from start or from detection."
    formula = "sum of active spans / incidents restored"
    not_counted = "duplicates, negative spans; incidents still open stand beside it in at_least"
    example = (
        "Three incidents were restored after 1, 2 and 3 hours: 2 hours; one open for 6 hours makes it at least 3 hours."
    )
    sentence = "{who} took {value} on average to restore an incident {when}"
    shown_beside = {"open": ("incidents still open", "count"), "oldest_open": ("age of the oldest", "seconds")}
    facts = ("incident", "asset")
    needs = (("incident.resolved_at", "incident.spans"), ("incident.started_at", "incident.detected_at"))
    by_asset = False
    defaults = {"start": "started"}
    choices = {"start": ("started", "detected")}
    by_profile = ("start",)
    pair = Figure(
        "reopened_share", "Reopened incidents", "ratio", lambda share: share > REOPENED,
        f"more than {100 * REOPENED:g} % of the restored incidents had been reopened",
    )  # fmt: skip

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for case in cases(view):
            restored = case.restored_at()
            if restored is None or not start <= restored < end:
                continue
            spans = clock(case, params)
            if spans is None:
                yield case.item(restored, view.as_of, excluded="no detection time")
                continue
            lengths = [(last - first).total_seconds() for first, last in spans if last is not None]
            negative = any(length < 0 for length in lengths)
            excluded = "negative" if negative else case.exclusion(view, self.id, restored)
            beside = {"reopened": 1} if len(spans) > 1 and excluded is None else None
            yield case.item(restored, view.as_of, value=sum(lengths), excluded=excluded, beside=beside)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        for fact in tellings(changes):
            if isinstance(fact, Incident):
                ends = [end for _, end in fact.spans or () if end is not None] + [fact.resolved_at]
                days = [view.day(end) for end in ends if end is not None]
                yield from (Mark(None, day, day) for day in days)

    def figures(self, reading: Reading) -> Figures:
        """Beside the mean stand the incidents open at the window's end and the mean that takes each at its age."""
        figures = super().figures(reading)
        if reading.light:
            return figures
        end = min(reading.window.end, reading.view.as_of)
        still = sorted(open_cases(reading, end), key=lambda one: (-one[1], one[0].fact.source, one[0].fact.id))
        ages = [age for _, age in still]
        restored = reading.state.total if reading.state.n else Fraction(0)
        n = reading.state.n + len(ages)
        least = float((restored + sum(exact(age) for age in ages)) / n) if n else None
        reopened = reading.state.beside.get("reopened", 0) / reading.state.n if reading.state.n else None
        beside = {
            "at_least": least, "open": len(ages), "oldest_open": max(ages, default=None), "reopened": reopened,
            "reopened_share": reopened,
            "open_incidents": [_named(case, age) for case, age in still[:SHOWN]],
        }  # fmt: skip
        return replace(figures, parts={**figures.parts, **beside})


def _named(case: Case, age: float) -> dict[str, Any]:
    """An open incident as it is listed: where it is found, and its age in seconds."""
    fact = case.fact
    return {"id": fact.id, "source": fact.source, "url": fact.url, "title": fact.title, "age_seconds": age}


def clock(case: Case, params: Params) -> list[tuple[datetime, datetime | None]] | None:
    """The spans the clock ran over; None where it should start at a detection that nobody told."""
    spans = case.spans()
    if params["start"] == "started":
        return spans
    detected = case.fact.detected_at
    return None if detected is None else [(detected, spans[0][1]), *spans[1:]]


def open_cases(reading: Reading, end: datetime) -> Iterator[tuple[Case, float]]:
    """Incidents open at an instant with the seconds that each had been active by then. One that starts at the window's
    end is the next window's."""
    for case in cases_at(reading.view, end):
        if case.restored_at() is not None or case.begins >= reading.window.end:
            continue
        if reading.matches(case.matches, case.tier) and not case.exclusion(reading.view, MeanTimeToRestore.id, end):
            lengths = [((last or end) - first).total_seconds() for first, last in clock(case, reading.params) or ()]
            if lengths and min(lengths) >= 0:
                yield case, sum(lengths)
