"""What each problem began with: the earliest failing ancestor in lineage, so that one cause makes one alert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from slo.alerting.problem import DATA, RUNS, Problem
from slo.alerting.quiet import quiet
from slo.lineage.ancestors import Event
from slo.lineage.causes import Causes
from slo.view import View

BACK = timedelta(days=7)
"""What began longer ago is looked at as of then: its cause is a week old by now."""
INSTANT = timedelta(microseconds=1)


def with_causes(view: View, found: Iterable[Problem]) -> list[Problem]:
    """The problems, each with what it began with and why it is quiet, where it is."""
    problems = list(found)
    if not problems:
        return []
    starts = {one.asset: max(one.at, view.as_of - BACK) for one in problems}
    causes = Causes(view, starts, min(starts.values()), view.as_of + INSTANT)
    return [_with_cause(view, one, causes.cause(one.asset, starts[one.asset])) for one in problems]


def _with_cause(view: View, one: Problem, cause: Event | None) -> Problem:
    why = quiet(view, one.kpi, one.asset, one.expected)
    if why is None and cause is not None:
        why = quiet(view, DATA if cause.what == "late" else RUNS, cause.asset, cause.at)
    return replace(one, cause=cause, quiet=why)
