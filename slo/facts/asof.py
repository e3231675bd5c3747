"""A fact as it looked at an instant: valid time over the newest telling (kpi_rules, section 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar

from slo.facts import KINDS, Coverage, Fact, Incident, Run, WorkItem

F = TypeVar("F", bound=Fact)

PLANNED = ("due_at", "planned_at")
"""Moments that may lie in the future without being unknown."""

_MOMENTS: dict[str, tuple[str, ...]] = {
    name: tuple(
        field.name
        for field in fields(kind)
        if field.name.endswith("_at") and field.name not in (*PLANNED, "revised_at", *kind.moment_field[:1])
    )
    for name, kind in KINDS.items()
}

_EDGES = {name: tuple(dict.fromkeys((*kind.moment_field, *_MOMENTS[name]))) for name, kind in KINDS.items()}
"""Every field whose instant may change how the fact looks."""


def seen(fact: F, as_of: datetime) -> F | None:
    """The fact as of an instant: None where its own moment is later; later ``*_at`` read null. A moment equal to
    the instant counts."""
    moment = fact.moment
    if moment is not None and moment > as_of:
        return None
    later: dict[str, Any] = {}
    for name in _MOMENTS[fact.kind_of_fact]:
        value = getattr(fact, name)
        if value is not None and value > as_of:
            later[name] = None
    later.update(_consequences(fact, as_of, later))
    return replace(fact, **later) if later else fact


def _consequences(fact: Fact, as_of: datetime, later: dict[str, Any]) -> dict[str, Any]:
    """What follows from a moment that has not come: a run still runs, a work item is still open."""
    if isinstance(fact, Run) and "ended_at" in later:
        return {"state": "running"}
    if isinstance(fact, WorkItem) and "closed_at" in later:
        return {"outcome": None}
    if isinstance(fact, Coverage) and fact.end is not None and fact.end > as_of:
        return {"end": as_of}
    if isinstance(fact, Incident) and fact.spans:
        spans = [[start, end if end is not None and end <= as_of else None] for start, end in fact.spans]
        known = [span for span in spans if span[0] <= as_of]
        return {"spans": known} if known != fact.spans else {}
    return {}


def all_seen(facts: Iterable[F], as_of: datetime) -> list[F]:
    """Those facts that were there, as they looked."""
    return [view for fact in facts if (view := seen(fact, as_of)) is not None]


def last_moment(fact: Fact, as_of: datetime) -> datetime | None:
    """The latest of the fact's moments up to an instant: from here to there it looked the same."""
    last = None
    for name in _EDGES[fact.kind_of_fact]:
        value = getattr(fact, name)
        if value is not None and value <= as_of and (last is None or value > last):
            last = value
    if isinstance(fact, Incident) and fact.spans:
        edges = [edge for span in fact.spans for edge in span if edge is not None and edge <= as_of]
        return max([*edges, last] if last is not None else edges, default=None)
    return last


def moments_after(fact: Fact, as_of: datetime) -> list[datetime]:
    """Moments of the fact that are still to come: at each it will look different."""
    moments = [fact.moment, *(getattr(fact, name) for name in _MOMENTS[fact.kind_of_fact])]
    if isinstance(fact, Incident) and fact.spans:
        moments += [edge for span in fact.spans for edge in span]
    return sorted({moment for moment in moments if moment is not None and moment > as_of})
