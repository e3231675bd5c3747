"""A KPI over the periods before: its value in each, and the bound that was in force then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from slo.evidence.sources import unsettled
from slo.promises.target import Key, Target
from slo.results import Query, Results
from slo.shelf import get_kpi

BOUNDS = ("at_least", "at_most", "above", "below")
"""Forms whose floor stands in the value's own unit."""


def over_time(
    results: Results, query: Query, periods: Sequence[str], kpis: Sequence[tuple[str, Key | None]]
) -> dict[str, list[dict[str, Any]]]:
    """KPI -> one dict a period: name, value, n, numerator, denominator (of a Quotient), provisional, floor (null where
    no figure was promised then).

    ``kpis``: each with the target (profile, row) whose bound is followed, or None."""
    told: dict[str, list[dict[str, Any]]] = {kpi_id: [] for kpi_id, _ in kpis}
    for name in periods:
        asking = replace(query, window=name)
        versions: Mapping[Key, Target] | None = None
        for kpi_id, key in kpis:
            kpi = get_kpi(kpi_id)
            asked = results.asked(kpi, asking)
            if versions is None:
                day = min(asked.window.last_day, results.view.day(results.view.as_of))
                versions = {one.key: one for one in results.targets.in_force(day)}
            figures = asked.shown(results.judge.figures(kpi, asked.window, asked.scope, asked.params))
            told[kpi_id].append(
                {
                    "name": name, "value": figures.value, "n": figures.n,
                    "numerator": figures.parts.get("numerator"), "denominator": figures.parts.get("denominator"),
                    "provisional": unsettled(kpi, results.view, asked.window) or figures.provisional,
                    "floor": _floor(versions.get(key) if key else None, query),
                }
            )  # fmt: skip
    return told


def _floor(target: Target | None, query: Query) -> float | None:
    """The bound that a version of a target set on the whole scope; none before it was adopted, unless it was asked for
    by its profile."""
    if target is None or (target.adopted is None and query.profile is None):
        return None
    clauses = target.clauses_for(query.tier)
    whole = [one for one in clauses if one.asset is None and (not one.tiers or query.tier in one.tiers)]
    bound = [one.floor for one in whole if one.form in BOUNDS and one.figure is None]
    return bound[0] if bound else None
