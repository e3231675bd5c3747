"""Why this number: the formula in words and figures, what was left out by reason, and the facts behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from slo.blame import assigned
from slo.drivers import Parts, drivers, made_of
from slo.explaining import in_figures, versions
from slo.explaining.guided import guided
from slo.explaining.listing import Listing, listing, moment, value, verdict
from slo.facts import Correction, Fact
from slo.folding import Scope
from slo.intervals import INSTANT
from slo.kpi import Kpi
from slo.lineage.causes import Causes, as_told, failed_at
from slo.measure import Item
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.view import View
from slo.windows import elapsed_days

CAUSED = ("expected", "run", "dataset_update", "check_result", "incident")
"""What may have begun further up: of other facts (changes, alerts, work) no cause is looked for."""


def explanation(
    results: Results, kpi: Kpi, query: Query, limit: int, by: str | None = None, counted: bool = True
) -> dict[str, Any]:
    """See Engine.explain."""
    result = results.result(kpi, query)
    asked = results.asked(kpi, query)
    parts = Parts(results.states, asked)
    found = _listed(results, asked, limit, counted)
    return {
        "result": result, "formula": kpi.formula, "figures": _figures(results, parts, result),
        **_exactly(parts), "drivers": drivers(parts, by),
        "versions": versions(kpi, results.applied(asked, query)),
        "not_counted": kpi.not_counted, "definition": kpi.definition, "definition_version": str(kpi.version),
        "excluded": found.excluded, "unknown": found.unknown,
        "facts": _shown(results, kpi, found.worst), "facts_total": found.total,
    }  # fmt: skip


def _figures(results: Results, parts: Parts, result: dict[str, Any]) -> str:
    asked = parts.asked
    return in_figures(asked.kpi, result, parts.readings[1].state, elapsed_days(asked.window, results.view.as_of))


def _exactly(parts: Parts) -> dict[str, Any]:
    """Numerator and denominator, where the value itself is made of two; null where there is no value."""
    found = parts.exact()
    if found.figure != "value" or found.whole.value is None or parts.values[1] is None or not parts.asked.set_up:
        return {"numerator": None, "denominator": None}
    return made_of(found.whole, parts.asked.kpi.scale)


def _listed(results: Results, asked: Asked, limit: int, counted: bool) -> Listing:
    """The worst items, found by the states where these can tell how many there are, or nobody wants to know."""
    found = guided(results, asked, limit) if asked.kpi.singly or not counted else None
    return found or listing(results, asked, limit)


def _line(kpi: Kpi, item: Item, results: Results) -> dict[str, Any]:
    """What is told of an item: of the fact behind it, or of what did not happen."""
    fact = item.facts[0] if item.facts else None
    return {
        "id": fact and fact.id, "source": fact and fact.source, "kind": fact.kind_of_fact if fact else "expected",
        "url": fact and fact.url, "verdict": verdict(item), "reason": item.excluded or item.note,
        "value": value(kpi, item), "asset": item.asset or _first_asset(item),
        "at": moment(item).astimezone(results.view.platform.timezone).isoformat(), "responsible": item.responsible,
    }  # fmt: skip


def _shown(results: Results, kpi: Kpi, items: list[Item]) -> list[dict[str, Any]]:
    """Items as they are shown: the bad ones with what they began with, the corrected ones with what was collected."""
    pairs = [(item, _line(kpi, item, results)) for item in assigned(results.view, items)]
    bad = [(line, failed_at(item)) for item, line in pairs if line["verdict"] == "bad" and line["asset"]]
    causes = _causes(results, bad)
    for line, at in bad:
        cause = causes.cause(line["asset"], at) if line["kind"] in CAUSED and causes else None
        line["cause"] = as_told(cause, results.view) if cause else None
    return [_told(results, item.facts[0] if item.facts else None, line) for item, line in pairs]


def _causes(results: Results, bad: list[tuple[dict[str, Any], datetime]]) -> Causes | None:
    if not bad:
        return None
    moments = [at for _, at in bad]
    found = Causes(results.view, (line["asset"] for line, _ in bad), min(moments), max(moments) + INSTANT)
    return found if found else None


def _told(results: Results, fact: Fact | None, line: dict[str, Any]) -> dict[str, Any]:
    """A line with what was collected, where a correction was laid over it."""
    if fact is None or not results.has_corrections:
        return line
    collected = results.view.store.fact_original(fact)
    if not collected:
        return line
    laid = _laid(results.view).get((fact.kind_of_fact, fact.id), ())
    own = [one for one in laid if one.target_source in (None, fact.source)]
    return line | {
        "corrected": {name: str(value) for name, value in collected.items()},
        "corrections": [
            {"set": one.set, "reason": one.reason, "by": one.by, "ref": one.ref, "told_by": one.source} for one in own
        ],
    }


def _laid(view: View) -> dict[tuple[str | None, str | None], list[Correction]]:
    """The present corrections by the fact they name."""
    if "corrections" not in view.kept:
        found: dict[tuple[str | None, str | None], list[Correction]] = {}
        for one in view.store.read("correction"):
            if isinstance(one, Correction):
                found.setdefault((one.target_fact, one.target_id), []).append(one)
        view.kept["corrections"] = found
    kept: dict[tuple[str | None, str | None], list[Correction]] = view.kept["corrections"]
    return kept


def _first_asset(item: Item) -> str | None:
    return item.matches[0][0] if item.matches else None


def breakdown(results: Results, kpi: Kpi, query: Query, by: str) -> list[dict[str, Any]]:
    """See Engine.breakdown. ``by``: asset, team, domain or tier."""
    asked = results.asked(kpi, query)
    found = []
    for key, scope in _scopes(results, asked, by):
        figures = results.judge.figures(kpi, asked.window, scope, asked.params)
        if figures.value is not None or figures.parts.get("unknown") or figures.parts.get("excluded"):
            found.append(
                {"key": key, "value": figures.value, "n": figures.n, "coverage": figures.coverage, **figures.parts}
            )
    downwards = kpi.better == "down"
    return sorted(found, key=lambda line: _badness(line["value"], downwards))


def _badness(value: float | None, downwards: bool) -> tuple[int, float]:
    if value is None:
        return (1, 0.0)
    return (0, -value if downwards else value)


def _scopes(results: Results, asked: Asked, by: str) -> list[tuple[Any, Scope]]:
    view, window = results.view, asked.window
    if by == "asset":
        keys = sorted(results.states.assets(asked.kpi, window, asked.scope, asked.params))
        results.states.read_ahead(asked.kpi, keys, window, asked.params)
        return [(key, replace(asked.scope, asset=key)) for key in keys]
    if by == "tier":
        return [(tier, replace(asked.scope, tiers=(tier,))) for tier in range(4)]
    if by not in ("team", "domain"):
        raise ValueError(f"by: {by!r} is none of asset, team, domain, tier")
    dims = [view.history(name).dims(view.as_of) for name in view.asset_names]
    values = sorted({value for dim in dims if (value := getattr(dim, by)) is not None})
    return [(value, replace(asked.scope, **{by: value})) for value in values]
