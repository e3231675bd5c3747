"""Past windows judged twice: as is, and under what is supposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slo.calendars import DAY
from slo.kpi import Kpi
from slo.promises.target import Key
from slo.results import Query, Results
from slo.whatif.bound import bounded, moved, place_of
from slo.whatif.states import SupposedStates
from slo.whatif.supposing import Supposed
from slo.whatif.view import SupposedView
from slo.windows import calendar_window, previous

KEPT, BROKEN = ("met", "near"), ("missed",)
"""Statuses that keep a promise (the floor is kept), and that break it; all others are no verdict."""


def whole_months(as_of: datetime, tz: Any, count: int) -> list[str]:
    """The last so many months that have ended, the oldest first."""
    month = calendar_window("M", as_of.astimezone(tz).date().replace(day=1) - DAY, tz)
    names = [month.name]
    for _ in range(count - 1):
        month = previous(month)
        names.append(month.name)
    return names[::-1]


def compare(results: Results, kpi: Kpi, query: Query, windows: Sequence[str], supposed: Supposed) -> dict[str, Any]:
    """Every window as it is and as it would be, and in how many the target is kept. Raises ConfigError."""
    other = supposing(results, supposed)
    queries = [replace(query, window=name) for name in windows]
    key = _changed(results, kpi, queries[-1]) if supposed.of_target else None
    found = [_window(Sides(results, other, supposed, key), kpi, one) for one in queries]
    as_is, then = ([one[side]["status"] for one in found] for side in ("as_is", "what_if"))
    decided = sum(status in KEPT + BROKEN for status in then)
    return {
        "kpi": kpi.id, "title": kpi.title, "unit": kpi.unit, "measure": kpi.measure.title(),
        "currency": results.view.platform.currency if kpi.unit.startswith("currency") else None,
        "scope": {"tier": query.tier, "team": query.team, "domain": query.domain, "asset": query.asset},
        "profile": query.profile, "as_of": results.view.as_of.astimezone(results.view.platform.timezone).isoformat(),
        "windows": found, "touched": len(other.view.touched) if isinstance(other.view, SupposedView) else 0,
        "kept": {"as_is": _kept(as_is), "what_if": _kept(then), "of": len(found), "decided": decided},
    }  # fmt: skip


def supposing(results: Results, supposed: Supposed) -> Results:
    """Results on the same facts under what is supposed; the very same where only a target is."""
    if not (supposed.rules or supposed.settings):
        return results
    platform = supposed.platform(results.view.platform)
    view = SupposedView(results.view.store, platform, results.view.as_of, supposed.rules)
    touched = None if supposed.settings else view.touched
    return Results(SupposedStates(view, results.states, touched), results.targets)


def _kept(statuses: Sequence[str]) -> int:
    return sum(status in KEPT for status in statuses)


@dataclass(frozen=True)
class Sides:
    """Both ways to judge a window; ``key`` names the target whose bounds are supposed."""

    as_is: Results
    supposed: Results
    change: Supposed
    key: Key | None


def _changed(results: Results, kpi: Kpi, query: Query) -> Key:
    """The target whose bounds are changed: chosen once, by the last window."""
    return bounded(results.applied(results.asked(kpi, query), query), kpi.id)


def _window(sides: Sides, kpi: Kpi, query: Query) -> dict[str, Any]:
    both = (sides.as_is, sides.supposed)
    as_is, then = _moved(sides, kpi, query) if sides.key else [_judged(one, kpi, query) for one in both]
    asked = sides.as_is.asked(kpi, query)
    start, end = (edge.astimezone(asked.window.tz).isoformat() for edge in (asked.window.start, asked.window.end))
    window = {"name": asked.window.name, "start": start, "end": end}
    differs = any(as_is[name] != then[name] for name in ("value", "n", "status"))
    return {"window": window, "as_is": as_is, "what_if": then, "differs": differs}


def _judged(results: Results, kpi: Kpi, query: Query) -> dict[str, Any]:
    """Value and status as ``show`` tells them."""
    _, asked, figures, status, standing = results.judged(kpi.id, query)
    shown = asked.shown(figures)
    return {
        "value": shown.value, "n": shown.n, "coverage": shown.coverage, "status": status, "standing": standing,
        "target": None,
    }  # fmt: skip


def _moved(sides: Sides, kpi: Kpi, query: Query) -> list[dict[str, Any]]:
    """One target with its bounds as they are and as supposed: like is compared with like."""
    asked = sides.as_is.asked(kpi, query)
    held = [one for one in sides.as_is.applied(asked, query) if one[0].key == sides.key]
    if not held or (place := place_of(held[0][1])) is None:
        unpromised = {"status": "no target"}
        return [_judged(one, kpi, query) | unpromised for one in (sides.as_is, sides.supposed)]
    target, clauses, _ = held[0]
    new = moved(clauses, place, sides.change.floor, sides.change.stretch)
    pairs = ((sides.as_is, clauses), (sides.supposed, new))
    return [
        _judged(one, kpi, query) | _entry(one.entry(one.asked(kpi, query), target, own), place) for one, own in pairs
    ]


def _entry(entry: dict[str, Any], place: int) -> dict[str, Any]:
    clause = entry["clauses"][place] if "clauses" in entry else entry
    named = {name: entry[name] for name in ("profile", "row", "text", "adopted")}
    told = named | {name: clause[name] for name in ("form", "floor", "stretch", "scope")}
    return {"status": entry["status"], "value": clause["value"], "n": clause["n"], "target": told}
