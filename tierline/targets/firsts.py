"""First targets from history, worked out month by month, as data and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slo.suggest.targets import past_months
from slo.trend.first import FEWEST_MONTHS, HELD, IN_A_ROW, Proposal, figures_of, proposal

if TYPE_CHECKING:
    from slo.engine import Engine

RULE = (
    f"Kept in {IN_A_ROW} whole months in a row, the next step holds: half the way to the published floor, then that "
    "floor, then its stretch."
)
Told = Mapping[str, Any]


def proposals(
    engine: Engine, names: Sequence[str], months: int, as_of: datetime | None, now: datetime, **scope: Any
) -> tuple[list[str], list[Proposal]]:
    """The months looked at, and what they say of each KPI. ``scope``: tier, team, domain, profile of the query.
    Raises ConfigError for an unknown KPI or profile."""
    from slo.engine import Query
    from slo.shelf import get_kpi

    kpis = [get_kpi(name) for name in names]
    results = engine.results(as_of, now)
    windows = past_months(results.view.day(results.view.as_of), months)
    with engine.store.steady():
        found = []
        for kpi in kpis:
            queries = (Query(window=window, as_of=as_of, **scope) for window in windows)
            told = [results.result(kpi, query, series=False, before=False) for query in queries]
            found.append(proposal(told, kpi.minimum, scope.get("profile")))
    return windows, found


def as_json(windows: Sequence[str], found: Sequence[Proposal], by: str) -> dict[str, Any]:
    """What ``--format json`` prints."""
    return {"months": list(windows), "rule": RULE, "proposals": [_told(one, by) for one in found]}


def _told(one: Proposal, by: str) -> dict[str, Any]:
    result, floor = one.result, one.floor
    place = one.clause or result
    return {
        "kpi": result["kpi"], "title": result["title"], "unit": result["unit"], "better": one.better,
        "scope": place["scope"], "params": place["params"], "floor": floor,
        "kept": None if floor is None else one.held(floor), "of": len(one.counted), "steps": list(one.steps),
        "published": _published(one), "adopt": adopting(one, by), "why": why(one),
        "months": [
            {"window": month.window, "value": month.value, "n": month.n, "left_out": month.said or None}
            for month in one.months
        ],
    }  # fmt: skip


def _published(one: Proposal) -> dict[str, Any] | None:
    """The row that would be adopted, the range that all profiles publish, and in how many months the row was kept."""
    if one.entry is None or one.clause is None:
        return None
    named = {name: one.entry[name] for name in ("profile", "row", "text")}
    figures = {name: one.clause[name] for name in ("form", "floor", "stretch")}
    ranged = {name: (one.result.get("benchmark") or {}).get(name) for name in ("lo", "hi")}
    return {**named, **figures, **ranged, "kept": sum(month.status in HELD for month in one.counted)}


def why(one: Proposal) -> str | None:
    """Why there is no floor to propose; None where there is one."""
    if one.floor is not None:
        return None
    if len(one.counted) >= FEWEST_MONTHS:
        return "no side of it is better: agree on a band"
    if set(one.left_out) == {"not set up"}:
        return "not set up: `tierline coverage` says what to connect"
    reasons = ", ".join(f"{count} {said}" for said, count in sorted(one.left_out.items()))
    return f"{len(one.counted)} of {len(one.months)} months count ({reasons})"


def adopting(one: Proposal, by: str) -> str | None:
    """The line that adopts the row with the proposed floor. None where there is nothing to adopt, or where the row has
    several figures, of which one line can't replace one."""
    if one.entry is None or one.floor is None:
        return None
    line = f"tierline adopt {one.entry['profile']} {one.entry['row']} --by {by}"
    if one.published in (None, one.floor):
        return line
    return f"{line} --floor {one.floor:.10g}" if figures_of(one.entry) == 1 else None


HEADS = ("KPI", "first floor", "kept", "lowest to highest month", "published", "then")


def rows(found: Sequence[Proposal]) -> Iterator[tuple[str, ...]]:
    """A line for each KPI with a first floor."""
    for one in found:
        if one.floor is not None:
            yield (
                one.result["kpi"], _promise(one, one.floor), f"{one.held(one.floor)} of {len(one.counted)} months",
                _span(one), _row(one), ", ".join(_promise(one, step) for step in one.steps),
            )  # fmt: skip


def _promise(one: Proposal, figure: float) -> str:
    """A floor as a target is written: ≥ 95 %."""
    from dashboards import format as fmt

    form = one.clause["form"] if one.published is not None and one.clause else None
    return fmt.target({"form": form or ("at_least" if one.better == "up" else "at_most"), "floor": figure}, one.result)


def _span(one: Proposal) -> str:
    """The lowest and the highest month, and how much stood behind the thinnest."""
    from dashboards import format as fmt

    values = [month.value for month in one.counted if month.value is not None]
    sizes = [month.n for month in one.counted if month.n is not None]
    least = f", n {fmt.count(min(sizes))} or more" if sizes and min(sizes) > 1 else ""
    return f"{fmt.of(one.result, min(values))} to {fmt.of(one.result, max(values))}{least}"


def _row(one: Proposal) -> str:
    """The published row: its floor and stretch, or what it says."""
    if one.entry is None or one.clause is None:
        return "nothing"
    scope = one.clause["scope"].get("tier")
    tier = "" if scope is None else f", tier {'-'.join(map(str, scope)) if isinstance(scope, list) else scope}"
    said = one.entry["text"] if one.published is None else _promise(one, one.published)
    return f"{said} ({one.entry['profile']} {one.entry['row']}{tier})"
