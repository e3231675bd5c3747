"""What stands behind the values: events, seconds, samples, and how much of what was expected was observed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboards.metrics.family import PREFIX, Group, Shelf, Spec
from dashboards.metrics.results import Part, Result, cut_label, infix

_WORDS = {
    "good": "Good events (or seconds) that the ratio stands on; it can be restated.",
    "bad": "Bad events (or seconds) that the ratio stands on; it can be restated.",
    "unknown": "Events (or seconds) that could not be observed or judged.",
}
_FINE = ("", "tier")
"""Cuts that also tell what is unknown and how much was observed; teams and domains are many, so they tell less."""


def _spec(cut: str, what: str, words: str) -> Spec:
    return Spec(f"{PREFIX}{infix(cut)}slo_{what}", words, ("kpi", cut, "window") if cut else ("kpi", "window"))


def _told(cut: str) -> dict[str, Spec]:
    """The counts of a cut: key of a result -> family."""
    keys = tuple(_WORDS) if cut in _FINE else ("good", "bad")
    return {key: _spec(cut, key, _WORDS[key]) for key in keys}


COUNTS = {cut: _told(cut) for cut in ("", "tier", "team", "domain")}
COVERAGE = {cut: _spec(cut, "coverage_ratio", "Share of what was expected that was really observed.") for cut in _FINE}
SAMPLES = _spec("", "samples", "Samples behind a mean or quantile.")


def fill(shelf: Shelf, cut: str, part: Part) -> None:
    judged(shelf, cut, part)
    unseen(shelf, cut, part)


def judged(shelf: Shelf, cut: str, part: Part) -> None:
    """Good and bad."""
    for own, one in _of(cut, part):
        for key in ("good", "bad"):
            shelf(COUNTS[cut][key]).add(own, one.get(key))


def unseen(shelf: Shelf, cut: str, part: Part) -> None:
    """How far the value can be trusted: what is unknown, how much was observed, how many samples there are."""
    for own, one in _of(cut, part):
        ratio = one.get("good") is not None
        if "unknown" in COUNTS[cut]:
            shelf(COUNTS[cut]["unknown"]).add(own, one.get("unknown") if ratio else None)
        if cut in COVERAGE:
            shelf(COVERAGE[cut]).add(own, one.get("coverage"))
        if not cut and not ratio:
            shelf(SAMPLES).add(own, one.get("n"))


def _of(cut: str, part: Part) -> Iterator[tuple[tuple[Any, ...], Result]]:
    """Label values and result, but where nothing was expected and nothing happened."""
    for window, one in part:
        if one["value"] is not None or one.get("unknown"):
            yield (one["kpi"], *cut_label(one, cut), window), one


GROUP = Group(
    "What the values stand on",
    "Counts of a window that moves and may be restated: gauges. A ratio over several teams or KPIs is formed from "
    "them, never as an average of ratios.",
    "with the value they belong to",
    (*(spec for cut in COUNTS for spec in COUNTS[cut].values()), *COVERAGE.values(), SAMPLES),
    (
        (
            "the success of two teams together",
            'sum(dataplatform_team_slo_good{kpi="pipeline_success_rate",window="28d",team=~"core|finance"}) / '
            'sum({__name__=~"dataplatform_team_slo_(good|bad)",kpi="pipeline_success_rate",window="28d",'
            'team=~"core|finance"})',
        ),
        ("KPIs that are hardly observed", 'dataplatform_slo_coverage_ratio{window="28d"} < 0.95'),
    ),
)
