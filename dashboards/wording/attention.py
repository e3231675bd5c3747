"""What needs attention: which of the snapshot's verdicts come first. Ordering only; every figure is the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import sentences

Result = Mapping[str, Any]
MOST = 7
_LOW_BUDGET = 0.25


def _remaining(result: Result, profile: str | None) -> float:
    """The smallest error budget left over the result's own targets; 1 where none stands on it."""
    entry = sentences.lowest_budget(result, profile)
    left = None if entry is None else fmt.budget_left(entry["budget"])
    return 1.0 if left is None else left


def _urgent(result: Result, profile: str | None) -> bool:
    """Missed, or about to be; in a window that still runs (no verdict yet) what has overspent its budget already."""
    status = scope.profile_status(result, profile)
    if status == "missed":
        return True
    left = _remaining(result, profile)
    return (status in ("met", "near") and left < _LOW_BUDGET) or (status == "provisional" and left < 0)


def _order(result: Result, profile: str | None) -> tuple[Any, ...]:
    """Missed before near; the most critical tier first; then the most overspent budget."""
    tier = scope.of(result).get("tier")
    missed = scope.profile_status(result, profile) == "missed"
    return (not missed, 9 if tier is None else tier, _remaining(result, profile), result["kpi"])


def _in_view(snapshot: Snapshot, ask: Ask) -> list[Result]:
    """The chosen scope; where no tier is chosen, its tiers beside the whole."""
    wanted = scope.wanted(ask)
    tiers = [] if wanted else [{"tier": tier} for tier in scope.values(snapshot, "tier")]
    return [one for own in (wanted, *tiers) for one in scope.find(snapshot, ask.window, own).values()]


def worst(snapshot: Snapshot, ask: Ask, most: int = MOST) -> list[Result]:
    """At most ``most`` results that miss a target or are about to, one a KPI, worst first."""
    urgent = sorted(
        (one for one in _in_view(snapshot, ask) if _urgent(one, ask.profile)),
        key=lambda one: _order(one, ask.profile),
    )
    first: dict[str, Result] = {}
    for one in urgent:
        first.setdefault(one["kpi"], one)
    return list(first.values())[:most]
