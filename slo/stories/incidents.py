"""The incidents of a window: what is open and since when, what was restored, what came back, what counts for another,
and what nobody's numbers hold. Every incident once, however many of its assets the scope matches.

The same cases, clocks and exclusions that mttr, mttd and incident_recurrence_rate stand on; how each is shown beside
the others is told in ``line``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from slo.evidence.sources import unwatched
from slo.facts import Incident
from slo.folding import Scope
from slo.incidents.cases import Case, cases_at
from slo.incidents.refs import resolve
from slo.incidents.starts import start_of
from slo.incidents.unmapped import is_unmapped
from slo.kpis.mttr import clock, open_cases
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.view import View

MOST = 500
"""Incidents listed at most, the newest; the counts beside them are of all."""
Story = dict[str, Any]


def incidents(results: Results, query: Query) -> Story:
    """``open`` (the oldest first), ``restored`` (the newest first), ``timeline`` (all that were on in the window, by
    start), ``repeats`` by cause, ``duplicates``, ``unmapped``; ``listed`` and ``total`` of the timeline, ``end`` (the
    instant that "open" speaks of), ``watched`` (share of the window in which anybody looked; None: nobody ever)."""
    view = results.view
    asked = results.asked(get_kpi("mttr"), query)
    start, end = asked.window.start, min(asked.window.end, view.as_of)
    inside = [case for case in cases_at(view, end) if asked.scope.matches(case.matches, case.tier)]
    on = [case for case in inside if case.begins < asked.window.end and (case.restored_at() or end) >= start]
    still = _open(results, asked)
    return {
        "open": sorted((line(view, case, end) | {"age": age} for case, age in still), key=lambda one: -one["age"]),
        "restored": [line(view, case, end) | {"seconds": spent} for case, spent in _restored(view, asked, inside)],
        "timeline": [line(view, case, end) for case in on[-MOST:]],
        "listed": min(len(on), MOST), "total": len(on), "start": start, "end": end,
        "repeats": repeats(results, query), "duplicates": _duplicates(view, inside, start, end),
        "unmapped": _unmapped(view, asked.scope, start, end), "watched": _watched(results, asked),
    }  # fmt: skip


def line(view: View, case: Case, end: datetime) -> Story:
    """One incident as it is listed. ``detect``, ``acknowledge``: seconds from the start and from the detection on, None
    where either was not told; ``start``: told, derived or none; ``at``: where it stands in time."""
    fact = case.fact
    began, seen, taken = fact.started_at, fact.detected_at, fact.acknowledged_at
    return {
        "source": fact.source, "id": fact.id, "url": fact.url, "title": fact.title or fact.id, "tier": case.tier,
        "severity": fact.severity, "class": fact.class_, "cause": fact.cause, "found_by": fact.found_by,
        "responsible": fact.responsible, "assets": [name for name, _, _ in case.matches] or list(fact.assets or ()),
        "teams": sorted({team for _, team, _ in case.matches if team is not None}),
        "start": start_of(view, case), "at": case.begins, "started": began, "detected": seen, "acknowledged": taken,
        "restored": case.restored_at(), "spans": [(first, last) for first, last in case.spans()],
        "detect": _between(began, seen), "acknowledge": _between(seen or began, taken),
        "until": case.restored_at() or end,
    }  # fmt: skip


def _between(first: datetime | None, last: datetime | None) -> float | None:
    return None if first is None or last is None else (last - first).total_seconds()


def _open(results: Results, asked: Asked) -> list[tuple[Case, float]]:
    """Open at the window's end (or as-of), each with the seconds that mttr counts of it."""
    reading = results.states.reading(asked.kpi, asked.window, asked.scope, asked.params, light=True)
    return list(open_cases(reading, min(asked.window.end, results.view.as_of)))


def _restored(view: View, asked: Asked, inside: Iterable[Case]) -> list[tuple[Case, float | None]]:
    """Restored in the window, the newest first, each with its active seconds; None where mttr leaves it out."""
    window, found = asked.window, []
    for case in inside:
        at = case.restored_at()
        if at is not None and window.start <= at < window.end and at <= view.as_of:
            found.append((at, case, _active(view, asked, case, at)))
    newest = sorted(found, key=lambda one: (one[0], one[1].fact.id), reverse=True)
    return [(case, seconds) for _, case, seconds in newest[:MOST]]


def _active(view: View, asked: Asked, case: Case, at: datetime) -> float | None:
    lengths = [(last - first).total_seconds() for first, last in clock(case, asked.params) or () if last is not None]
    counts = lengths and min(lengths) >= 0 and not case.exclusion(view, asked.kpi.id, at)
    return sum(lengths) if counts else None


def repeats(results: Results, query: Query) -> list[Story]:
    """Causes that recurred in the window: each with how often, and its incidents (the one that had been restored
    before, too), by start. What incident_recurrence_rate counts as bad, cause by cause; the most often first."""
    kpi = get_kpi("incident_recurrence_rate")
    asked, view = results.asked(kpi, query), results.view
    window, end = asked.window, min(asked.window.end, view.as_of)
    again: dict[str, list[Incident]] = {}
    for item in kpi.items(view, None, window.start, window.end, asked.params):
        if item.bad and item.excluded is None and asked.scope.matches(item.matches or [], item.dims.tier):
            fact = item.facts[0]
            assert isinstance(fact, Incident)
            again.setdefault(fact.cause or "", []).append(fact)
    of_cause: dict[str, list[Case]] = {}
    for case in cases_at(view, end):
        if case.fact.cause in again and case.begins < end:
            of_cause.setdefault(case.fact.cause, []).append(case)
    ranked = sorted(again, key=lambda cause: (-len(again[cause]), cause))
    return [_chain(view, cause, again[cause], of_cause.get(cause, []), end) for cause in ranked]


def _chain(view: View, cause: str, again: list[Incident], every: list[Case], end: datetime) -> Story:
    """The repeats of a cause, and the one before the first of them."""
    known = {(fact.source, fact.id) for fact in again}
    first = min(fact.started_at or fact.detected_at or end for fact in again)
    before = [case for case in every if case.begins < first][-1:]
    chain = [*before, *(case for case in every if (case.fact.source, case.fact.id) in known)]
    return {"cause": cause, "recurred": len(again), "incidents": [line(view, case, end) for case in chain]}


def _duplicates(view: View, inside: Iterable[Case], start: datetime, end: datetime) -> list[Story]:
    """Incidents of the window that count for another of the scope: each main one with those folded into it."""
    mains = {(case.fact.source, case.fact.id): case for case in inside}
    folded: dict[tuple[str, str], list[Incident]] = {}
    for fact in view.read("incident", {"placed_at": (start, end)}):
        main = resolve(view, "incident", fact.duplicate_of, fact.source) if fact.duplicate_of else None
        if main in mains:
            folded.setdefault(main, []).append(fact)
    return [
        {"main": line(view, mains[key], end),
         "folded": [{"source": one.source, "id": one.id, "title": one.title or one.id, "url": one.url,
                     "at": one.moment} for one in found]}
        for key, found in sorted(folded.items(), key=lambda one: (-len(one[1]), one[0]))
    ]  # fmt: skip


def _unmapped(view: View, scope: Scope, start: datetime, end: datetime) -> list[Story]:
    """Incidents of the window that name no asset, nor a service with a team and a tier: no team's and no tier's numbers
    hold them, so they are told of the whole platform alone."""
    if scope != Scope():
        return []
    facts: Iterator[Incident] = (
        fact for fact in view.read("incident", {"placed_at": (start, end)})
        if fact.duplicate_of is None and is_unmapped(view, fact)
    )  # fmt: skip
    return [
        {"source": one.source, "id": one.id, "title": one.title or one.id, "url": one.url, "at": one.moment,
         "service": next(iter(one.assets or ()), None)}
        for one in facts
    ]  # fmt: skip


def _watched(results: Results, asked: Asked) -> float | None:
    """The share of the window's past in which incidents were watched for; None where no source ever told or watched."""
    view = results.view
    if not (view.sources_telling(["incident"]) or view.sources_watching("incident")):
        return None
    return 1.0 - float(unwatched(asked.kpi, view, asked.window))
