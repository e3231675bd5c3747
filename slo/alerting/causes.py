"""What each problem began with: the earliest failing ancestor in lineage, so that one cause makes one alert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from slo.alerting.problem import DATA, RUNS, Problem
from slo.alerting.quiet import quiet
from slo.lineage.ancestors import REACH, Event
from slo.lineage.causes import Causes
from slo.view import View

BACK = timedelta(days=7)
"""What began longer ago is looked at as of then: its cause is a week old by now."""
INSTANT = timedelta(microseconds=1)


def with_causes(view: View, found: Iterable[Problem]) -> list[Problem]:
    """The problems, each with what it began with and why it is quiet, where it is."""
    new, old = list[Problem](), list[Problem]()
    for one in found:
        (new if one.at > view.as_of - REACH else old).append(one)
    return [*_looked(view, new), *_looked(view, old)]  # apart, so that for what is new no week is read


def _looked(view: View, problems: list[Problem]) -> list[Problem]:
    if not problems:
        return []
    starts = [max(one.at, view.as_of - BACK) for one in problems]
    causes = Causes(view, {one.asset for one in problems}, min(starts), view.as_of + INSTANT)
    return [_with_cause(view, one, causes.cause(one.asset, at)) for one, at in zip(problems, starts, strict=True)]


def _with_cause(view: View, one: Problem, cause: Event | None) -> Problem:
    why = quiet(view, one.kpi, one.asset, one.expected)
    if why is None and cause is not None:
        why = quiet(view, DATA if cause.what == "late" else RUNS, cause.asset, cause.at)
    return replace(one, cause=cause, quiet=why)
