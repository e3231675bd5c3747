"""What each problem began with: the earliest failing ancestor in lineage, so that one cause makes one alert.

What is looked at lies around a problem's own beginning, so that its cause stays the same however long it lasts. An
ancestor that has a cause of its own, longer before than a cause is looked for, is followed to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from slo.alerting.problem import DATA, RUNS, Problem
from slo.alerting.quiet import quiet
from slo.intervals import INSTANT
from slo.lineage.ancestors import REACH, Event
from slo.lineage.causes import Causes
from slo.view import View

Asked = tuple[datetime, str]
"""When something failed, and what."""


def with_causes(view: View, found: Iterable[Problem]) -> list[Problem]:
    """The problems, each with what it began with and why it is quiet, where it is."""
    problems = list(found)
    search = _Search(view, problems)
    return [_with_cause(view, one, search.way((one.since, one.asset))) for one in problems]


def _with_cause(view: View, one: Problem, way: list[Event]) -> Problem:
    """``way``: from cause to cause up to the root. What any of them rests for, all behind it rests for."""
    why = quiet(view, one.kpi, one.asset, one.expected)
    for cause in way if why is None else ():
        why = why or quiet(view, DATA if cause.what == "late" else RUNS, cause.asset, cause.at)
    return replace(one, cause=way[-1] if way else None, quiet=why)


class _Search:
    """The causes of problems, and theirs."""

    def __init__(self, view: View, problems: list[Problem]) -> None:
        self.view = view
        self._since: dict[str, datetime] = {}
        for one in problems:
            self._since[one.asset] = min(one.since, self._since.get(one.asset, one.since))
        self._causes: dict[Asked, Event | None] = {}
        for asked in _together({(one.since, one.asset) for one in problems}):
            self._look(asked)

    def way(self, asked: Asked) -> list[Event]:
        """From what failed to what it began with; of a circle to the one in it that failed first."""
        passed, way = [asked], list[Event]()
        while (cause := self._cause(passed[-1])) is not None:
            places = [place for place, (_, asset) in enumerate(passed) if asset == cause.asset]
            if places:
                first = min(range(places[0], len(passed)), key=lambda place: passed[place])
                return way[:first]
            way.append(cause)
            passed.append(self._of(cause))
        return way

    def _of(self, cause: Event) -> Asked:
        """A cause as something that has a cause: where it still fails, since that began."""
        since = self._since.get(cause.asset)
        return (cause.at if since is None or since > (cause.known or cause.at) else since, cause.asset)

    def _cause(self, asked: Asked) -> Event | None:
        if asked not in self._causes:
            self._look([asked])
        return self._causes[asked]

    def _look(self, asked: list[Asked]) -> None:
        moments = [at for at, _ in asked]
        causes = Causes(self.view, {asset for _, asset in asked}, min(moments), max(moments) + INSTANT)
        self._causes.update({(at, asset): causes.cause(asset, at) for at, asset in asked})


def _together(asked: Iterable[Asked]) -> Iterator[list[Asked]]:
    """What is read with one question: what failed within a day."""
    near: list[Asked] = []
    for one in sorted(asked, reverse=True):
        if near and one[0] <= near[0][0] - REACH:
            yield near
            near = []
        near.append(one)
    if near:
        yield near
