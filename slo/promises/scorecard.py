"""A profile's card: every row in the last whole window of its own cadence, its verdict where somebody promised it, its
place in the published range where nobody did, and how many of each there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slo.kpi import Kpi
from slo.promises.benchmark import Judged, benchmark
from slo.promises.target import Target
from slo.shelf import shelf
from slo.targets import PLATFORM
from slo.windows import Window, last_whole, parse_window

if TYPE_CHECKING:
    from slo.results import Query, Results

OWN = (
    "kpi", "title", "family", "lens", "measure", "unit", "better", "window", "scope", "pair", "caveats", "currency",
    "good", "bad", "definition",
)  # fmt: skip
"""What a line takes from its KPI's result."""
TOLD = (
    "profile", "row", "text", "form", "floor", "stretch", "lo", "hi", "params", "value", "n", "status", "note",
    "example", "adopted", "adopted_by", "budget", "clauses", "combine",
)  # fmt: skip
"""What a line takes from its target as judged."""


def card(results: Results, profile: str | None, query: Query, window: str | None) -> dict[str, Any]:
    """The card of a profile; None: of the default view, where only what is adopted is judged. ``window`` None: each row
    in the last whole window of its own cadence. Raises ConfigError for an unknown profile, window or scope."""
    name = profile or results.view.platform.profile or PLATFORM
    results.known(name)
    rows = results.targets.rows(name)
    lines = [_line(results, row, replace(query, profile=profile), window) for row in rows if row.kpi in shelf()]
    told = [line for line in lines if line is not None]
    return {
        "profile": name, "title": results.targets.titles.get(name, ""),
        "as_of": results.view.as_of.astimezone(results.view.platform.timezone).isoformat(),
        "asked": profile is not None, "window": window,
        "scope": {"tier": query.tier, "team": query.team, "domain": query.domain},
        "summary": summary(told), "lines": told,
    }  # fmt: skip


def whole_window(target: Target, results: Results) -> Window:
    """The last whole window of a target's cadence."""
    view = results.view
    return last_whole(target.window, view.as_of, view.platform.timezone)


def _line(results: Results, row: Target, query: Query, window: str | None) -> dict[str, Any] | None:
    """One row of the card; None where it does not apply to the asked tier."""
    kpi, view = shelf()[row.kpi], results.view
    when = parse_window(window, view.as_of, view.platform.timezone) if window else whole_window(row, results)
    result = results.result(kpi, replace(query, window=when.name), series=False, before=False)
    entry = next((one for one in result["targets"] if (one["profile"], one["row"]) == row.key), None)
    if entry is None:
        return None
    told = {name: entry.get(name) for name in TOLD}
    own = {name: result.get(name) for name in OWN} | {"target_scope": entry["scope"]}
    promised = query.profile is not None or entry["adopted"] is not None
    version = _version(results, row, when)
    published = results.targets.published.get(row.key)
    return {
        **told, **own, "status": "not set up" if result["status"] == "not set up" else entry["status"],
        "standing": "adopted" if promised else "published", "accountability": row.scope,
        "benchmark": _benchmark(results, kpi, version, query, entry), "missing": result["missing"],
        "figure": version.clauses[0].figure,
        "own_figures": published is not None and version.clauses != published.clauses,
    }  # fmt: skip


def _version(results: Results, row: Target, when: Window) -> Target:
    """The version of a row by which a window is judged."""
    return next((one for one in results.targets.in_force(when.last_day) if one.key == row.key), row)


def _benchmark(
    results: Results, kpi: Kpi, row: Target, query: Query, entry: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The published range around the row's own figures."""
    parts = entry.get("clauses", [entry])
    judged = [Judged(row, clause, told) for clause, told in zip(row.clauses_for(query.tier), parts, strict=True)]
    return benchmark(judged, results.targets.published_for(kpi.id), (row.key,))


def summary(lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many lines there are, are promised and have a value; of the promised ones how many of each verdict."""
    every = list(lines)
    judged = [line for line in every if line["standing"] == "adopted"]
    counted = {status: sum(line["status"] == status for line in judged) for status in ("met", "near", "missed")}
    dumb = sum(_dumb(line) for line in judged)
    return {
        "lines": len(every), "promised": sum(line["adopted"] is not None for line in every), "judged": len(judged),
        "measured": sum(line["value"] is not None for line in every), **counted,
        "undecided": len(judged) - sum(counted.values()) - dumb, "not_measurable": dumb,
        "benchmarks": len(every) - len(judged),
    }  # fmt: skip


def _dumb(line: Mapping[str, Any]) -> bool:
    """Nothing was measured, and nothing is missed for certain."""
    return line["value"] is None and line["status"] != "missed"
