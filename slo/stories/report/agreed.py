"""What was left out of a period by agreement: who agreed to it and why, and how much of which KPI it took."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from slo.facts import Exclusion
from slo.kpi import Kpi
from slo.left_out import REASONS
from slo.measure import Ratio
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.windows import parse_window


def agreed(results: Results, query: Query, kpis: Sequence[str]) -> list[dict[str, Any]]:
    """One dict a reason that left anything out or was agreed: reason, agreements (assets, team, tier, kpis, start, end,
    by, ref), amounts (kpi, n in events or seconds, share of all that would have been judged)."""
    view = results.view
    window = parse_window(query.window, view.as_of, view.platform.timezone)
    told: dict[str, dict[str, Any]] = {}
    for fact in sorted(view.exclusions, key=lambda one: (str(one.start), one.source, one.id)):
        during = fact.start and fact.end and fact.start < window.end and window.start < fact.end
        if during and fact.reason and _touches(results, fact, query):
            _of(told, fact.reason)["agreements"].append(_agreement(fact))
    for kpi_id in kpis:
        for amount in _amounts(results, get_kpi(kpi_id), query):
            _of(told, amount.pop("reason"))["amounts"].append(amount)
    return [told[reason] for reason in REASONS if reason in told]


def _of(told: dict[str, dict[str, Any]], reason: str) -> dict[str, Any]:
    return told.setdefault(reason, {"reason": reason, "agreements": [], "amounts": []})


def _agreement(fact: Exclusion) -> dict[str, Any]:
    return {
        "assets": fact.assets, "team": fact.team, "tier": fact.tier, "kpis": list(fact.kpis or ()),
        "start": fact.start, "end": fact.end, "by": fact.by, "ref": fact.ref, "source": fact.source,
    }  # fmt: skip


def _touches(results: Results, fact: Exclusion, query: Query) -> bool:
    """Whether it may leave out anything of the scope: one of its assets lies there."""
    if query.team is None and query.domain is None and query.tier is None:
        return True
    view, at = results.view, min(fact.end or results.view.as_of, results.view.as_of)
    if fact.team not in (None, query.team) and query.team is not None:
        return False
    names = (name for name in view.asset_names if fact.assets is None or fnmatchcase(name, fact.assets))
    return any(
        query.scope.matches([[name, dims.team, dims.domain]], dims.tier)
        for name in names
        for dims in (view.dims(name, at),)
    )


def _amounts(results: Results, kpi: Kpi, query: Query) -> list[dict[str, Any]]:
    """By reason, what exclusions took from a KPI."""
    asked = results.asked(kpi, query)
    if not asked.set_up:
        return []
    figures = results.judge.figures(kpi, asked.window, asked.scope, asked.params)
    scale = kpi.scale if isinstance(figures.state, Ratio) else 1
    return [
        {"reason": reason, "kpi": kpi.id, "n": n / scale, "share": figures.left_out.share(n)}
        for reason, n in sorted(figures.left_out.reasons.items())
    ]
