"""Why this number: the formula in words and figures, what was left out by reason, and the facts behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from slo.blame import assigned
from slo.calendars import DAY
from slo.drivers import Parts, drivers, made_of
from slo.explaining import in_figures, versions
from slo.facts import Correction, Fact, place
from slo.folding import Scope
from slo.kpi import Kpi
from slo.lineage.causes import Causes, as_told, failed_at
from slo.measure import Distinct, Item
from slo.promises.verdicts import Asked
from slo.register import RegisterKpi
from slo.results import Query, Results
from slo.store import StateRow
from slo.view import View, in_production
from slo.windows import elapsed_days

CAUSED = ("expected", "run", "dataset_update", "check_result", "incident")
"""What may have begun further up: of other facts (changes, alerts, work) no cause is looked for."""
WORST = {"bad": 0, "unknown": 1, "excluded": 2, "good": 3}


def explanation(results: Results, kpi: Kpi, query: Query, limit: int, by: str | None = None) -> dict[str, Any]:
    """See Engine.explain."""
    result = results.result(kpi, query)
    asked = results.asked(kpi, query)
    parts = Parts(results.states, asked)
    items = list(assigned(results.view, _items(results, asked)))
    lines = [line for item in items for line in _lines(kpi, item, results)]
    lines.sort(key=lambda line: line["at"], reverse=True)
    lines.sort(key=lambda line: (WORST[line["verdict"]], -(line["value"] or 0)))
    return {
        "result": result, "formula": kpi.formula, "figures": _figures(results, parts, result),
        **_exactly(parts), "drivers": drivers(parts, by),
        "versions": versions(kpi, results.applied(asked, query)),
        "not_counted": kpi.not_counted, "definition": kpi.definition, "definition_version": str(kpi.version),
        "excluded": _by_reason(items, kpi), "unknown": _unknown(items, kpi),
        "facts": _shown(results, lines[:limit]), "facts_total": len(lines),
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


def _items(results: Results, asked: Asked) -> list[Item]:
    """The judged items of the window in the scope: what the states were folded from; of a register what stood there."""
    view, window = results.view, asked.window
    last = min(window.last_day, view.day(view.as_of))
    wanted = [asked.scope.asset] if asked.scope.asset is not None and asked.kpi.by_asset else None
    if isinstance(asked.kpi, RegisterKpi):
        at = min(window.end, view.as_of)
        stood = asked.kpi.standing(view, wanted, at, asked.params) if window.start <= at else ()
        return [item for item in stood if _inside(asked.scope, item)]
    items = asked.kpi.items(view, wanted, window.start, view.start_of(last + DAY), asked.params)
    inside = [item for item in items if _inside(asked.scope, item)]
    return _once(inside) if asked.kpi.measure is Distinct else inside


def _once(items: list[Item]) -> list[Item]:
    """What stood for days (an open finding) is listed once, as on the first of them."""
    first: dict[tuple[Any, ...], Item] = {}
    for item in items:
        first.setdefault((item.key, *((fact.source, fact.id) for fact in item.facts)), item)
    return list(first.values())


def _inside(scope: Scope, item: Item) -> bool:
    dims = item.dims
    row = StateRow("", item.asset, item.at.date(), dims.tier, dims.team, dims.domain, dims.environment)
    row.matches = item.matches
    return in_production(dims.environment) and scope.holds(row)


def _verdict(item: Item) -> str | None:
    if item.excluded is not None:
        return "excluded"
    if item.unseen or item.unjudged:
        return "unknown"
    if item.bad:
        return "bad"
    counted = (item.value, item.over, item.buckets, item.key)
    if item.good or any(one is not None for one in counted):
        return "good"
    return None


def _lines(kpi: Kpi, item: Item, results: Results) -> list[dict[str, Any]]:
    """One line a fact behind an item; a line without a fact where something did not happen."""
    verdict = _verdict(item)
    if verdict is None:
        return []
    amount = item.value if item.value is not None else item.over
    common = {
        "verdict": verdict, "reason": item.excluded or item.note, "value": _value(kpi, item, amount),
        "asset": item.asset or _first_asset(item), "at": _local(results, item), "responsible": item.responsible,
        "failed_at": failed_at(item),
    }  # fmt: skip
    if not item.facts:
        return [{"id": None, "source": None, "kind": "expected", "url": None, **common}]
    return [_fact_line(item.facts[0], common)]


def _fact_line(fact: Fact, common: dict[str, Any]) -> dict[str, Any]:
    named = {"id": fact.id, "source": fact.source, "kind": fact.kind_of_fact, "url": fact.url}
    return {**named, **common, "fact": fact}


def _shown(results: Results, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines as they are shown: the bad ones with what they began with, the corrected ones with what was collected."""
    moments = [line.pop("failed_at") for line in lines]
    bad = [(line, at) for line, at in zip(lines, moments, strict=True) if line["verdict"] == "bad" and line["asset"]]
    causes = _causes(results, bad)
    for line, at in bad:
        cause = causes.cause(line["asset"], at) if line["kind"] in CAUSED and causes else None
        line["cause"] = as_told(cause, results.view) if cause else None
    return [_told(results, line) for line in lines]


def _causes(results: Results, bad: list[tuple[dict[str, Any], datetime]]) -> Causes | None:
    if not bad:
        return None
    moments = [at for _, at in bad]
    found = Causes(results.view, (line["asset"] for line, _ in bad), min(moments), max(moments))
    return found if found else None


def _told(results: Results, line: dict[str, Any]) -> dict[str, Any]:
    """A line as it is shown: with what was collected, where a correction was laid over it."""
    fact = line.pop("fact", None)
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


def _local(results: Results, item: Item) -> str:
    moment = place(item.facts[0]) if item.facts and item.facts[0].kind_of_fact == "run" else None
    return (moment or item.at).astimezone(results.view.platform.timezone).isoformat()


def _value(kpi: Kpi, item: Item, amount: Any) -> float | None:
    if amount is not None:
        return float(amount)
    if kpi.scale > 1:
        return (item.good + item.bad + item.unseen) / kpi.scale
    return None


def _first_asset(item: Item) -> str | None:
    return item.matches[0][0] if item.matches else None


def _by_reason(items: list[Item], kpi: Kpi) -> list[dict[str, Any]]:
    """What was left out: by reason its good, its bad and its number."""
    scale = kpi.scale
    found: dict[str, list[float]] = {}
    for item in items:
        if item.excluded is not None:
            parts = found.setdefault(item.excluded, [0, 0, 0])
            parts[0] += item.good
            parts[1] += item.bad
            parts[2] += (item.good + item.bad + item.other) or 1
    return [
        {"reason": reason, "good": good / scale, "bad": bad / scale, "n": n / scale}
        for reason, (good, bad, n) in sorted(found.items())
    ]


def _unknown(items: list[Item], kpi: Kpi) -> list[dict[str, Any]]:
    scale = kpi.scale
    counts: Counter[str] = Counter()
    for item in items:
        if item.unseen or item.unjudged:
            counts[item.note or ("not observed" if item.unseen else "no rule decides")] += item.unseen + item.unjudged
    return [{"reason": reason, "n": n / scale} for reason, n in counts.most_common()]


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
    view = results.view
    dims = {name: view.history(name).dims(view.as_of) for name in view.asset_names}
    if by == "asset":
        window = asked.window
        keys: list[Any] = sorted(results.states.assets(asked.kpi, window.first_day, window.last_day, asked.params))
        return [(key, replace(asked.scope, asset=key)) for key in keys]
    if by == "tier":
        return [(tier, replace(asked.scope, tiers=(tier,))) for tier in range(4)]
    if by not in ("team", "domain"):
        raise ValueError(f"by: {by!r} is none of asset, team, domain, tier")
    values = sorted({value for dim in dims.values() if (value := getattr(dim, by)) is not None})
    return [(value, replace(asked.scope, **{by: value})) for value in values]
