"""Caveats: what warns beside a status and never changes it, in the same words on every way out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from slo.beside import pairs
from slo.evidence.sources import incomplete_sources, stale_sources, unwatched
from slo.left_out import caveat as left_out
from slo.promises.judging import LEAST_COVERAGE
from slo.windows import days_of

if TYPE_CHECKING:
    from slo.kpi import Figures
    from slo.promises.verdicts import Asked
    from slo.targets import Target
    from slo.view import View

Entry = Mapping[str, Any]


def caveats(
    view: View, asked: Asked, figures: Figures, judged: Sequence[tuple[Target, Entry]], pair: dict[str, Any] | None
) -> list[str]:
    """All that a reader must know before trusting or comparing the value. ``judged``: targets with their entries."""
    kpi, entries = asked.kpi, [entry for _, entry in judged]
    excluded = figures.left_out.as_result(view.platform.excluded_cap)
    found = [f"{name} has not been read for longer than it should" for name in stale_sources(kpi, view, asked.window)]
    found += [
        f"{name} counts {read.told:,} records, and {read.taken:,} of them came"
        for name, read in incomplete_sources(kpi, view, asked.window).items()
    ]
    found += _unwatched(view, asked, figures)
    found += left_out(excluded, "time" if kpi.seconds else "events")
    found += _still_open(figures, entries)
    found += pairs.caveat(pair, kpi.pair)
    found += _derived(figures)
    found += _guessed(figures)
    found += _low_volume(view, asked, judged)
    if any(entry["example"] for entry in entries):
        found.append("a target's figure was published as an example; agree on your own")
    return found


def _unwatched(view: View, asked: Asked, figures: Figures) -> list[str]:
    """A gap in the watch that the value cannot show: nothing is expected of what it counts, so nothing was missed."""
    gap = unwatched(asked.kpi, view, asked.window)
    known = figures.coverage is not None and figures.coverage < 1
    if figures.value is None or known or gap <= 1 - float(LEAST_COVERAGE):
        return []
    return [f"its sources were not watched for {gap:.0%} of the window"]


def _still_open(figures: Figures, entries: Iterable[Entry]) -> list[str]:
    """The value leaves out what is still open: said where a target would be missed with it."""
    least, still = figures.parts.get("at_least"), figures.parts.get("open")
    if least is None or not still:
        return []
    missed = any(
        entry["form"] in ("below", "at_most") and entry["floor"] is not None and least >= entry["floor"]
        and entry["status"] != "missed"
        for entry in entries
    )  # fmt: skip
    open_ones = "1 incident is" if still == 1 else f"{still} incidents are"
    return [f"at_least would miss: {open_ones} still open"] if missed else []


def _derived(figures: Figures) -> list[str]:
    """How much of a value rests on starts that nobody told."""
    starts = figures.parts.get("starts") or {}
    known = starts.get("told", 0) + starts.get("derived", 0)
    return [f"{starts['derived']} of {known} starts are derived, not told"] if starts.get("derived") else []


def _guessed(figures: Figures) -> list[str]:
    """How many failures nobody told: they are blamed on a deployment by their time alone."""
    guessed, failures = figures.parts.get("guessed"), figures.parts.get("bad")
    if not guessed:
        return []
    return [f"{guessed} of {failures} failures {'is' if guessed == 1 else 'are'} guessed from the time of an incident"]


def _low_volume(view: View, asked: Asked, judged: Sequence[tuple[Target, Entry]]) -> list[str]:
    """A target that allows failures, but less than one at this volume: a single one overspends its budget. Said of
    whole windows that are at least as long as the target's own."""
    running = not asked.window.rolling and asked.window.end > view.as_of
    if running or asked.kpi.seconds or not asked.set_up:
        return []
    told = [
        (target, budget, clause["n"])
        for target, entry in judged
        if asked.window.days >= days_of(target.window)
        for clause, budget in _budgets(entry)
        if 0 < budget["allowed_events"] < 1
    ]
    if not told:
        return []
    target, budget, n = min(told, key=lambda one: (one[0].adopted is None, one[1]["allowed_events"]))
    share = max(math.floor(100 * budget["one_failure"] + 0.5), 101)
    return [
        f"one failure is {share:,} % of this budget: {target.profile} {target.row} allows "
        f"{_less_than_one(budget['allowed_events'])} of {n:g}"
    ]


def _budgets(entry: Entry) -> Iterator[tuple[Entry, Mapping[str, float]]]:
    for clause in entry.get("clauses") or (entry,):
        if clause.get("budget"):
            yield clause, clause["budget"]


def _less_than_one(events: float) -> str:
    """Two digits, and never 1."""
    return f"{min(events, 0.99):.2g}"
