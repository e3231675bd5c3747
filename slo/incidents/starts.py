"""How it is known when incidents began: told, derived (slo/derive/incidents.py) or not at all. Shown beside the mean
time to detect, which rests on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slo.facts import INFERRED
from slo.incidents.cases import Case, cases
from slo.interchange import instant
from slo.view import View
from slo.windows import Window

TOLD, DERIVED, NONE = "told", "derived", "none"


def start_of(view: View, case: Case) -> str:
    """How the incident's start is known: told, derived or none."""
    if case.fact.started_at is None:
        return NONE
    return DERIVED if (case.fact.source, case.fact.id) in _derived(view) else TOLD


def counted(view: View, window: Window, matches: Callable[..., bool], kpi: str) -> dict[str, int]:
    """Incidents detected in the window and scope, by how their start is known. What is left out of the KPI is left out
    here, too."""
    found = {TOLD: 0, DERIVED: 0, NONE: 0}
    for case in cases(view):
        at = case.fact.detected_at
        if at is None or not window.start <= at < window.end or not matches(case.matches, case.tier):
            continue
        if case.exclusion(view, kpi, at) is None:
            found[start_of(view, case)] += 1
    return found


def _derived(view: View) -> set[tuple[str, str]]:
    """(source, id) of incidents whose start, as it reads now, was inferred: a person's correction lies over it."""
    if "derived_starts" not in view.kept:
        laid: dict[tuple[Any, Any], str] = {
            (fact.target_source, fact.target_id): fact.set["started_at"]
            for fact in view.read("correction", {"source": INFERRED, "target_fact": "incident"})
            if fact.set and "started_at" in fact.set
        }
        view.kept["derived_starts"] = {
            (case.fact.source, case.fact.id)
            for case in cases(view)
            if (told := laid.get((case.fact.source, case.fact.id))) and instant(told) == case.fact.started_at
        }
    found: set[tuple[str, str]] = view.kept["derived_starts"]
    return found
