"""What stands behind a figure: which assets its bad part came from, with what their failures began further up, which
incidents befell them, and what moved the value since the period before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from fractions import Fraction
from typing import Any

from slo.calendars import DAY
from slo.drivers import Parts, drivers
from slo.drivers.amounts import UNPARTED, Parting
from slo.drivers.groups import NONE, SEVERAL
from slo.incidents.cases import cases
from slo.intervals import INSTANT
from slo.kpi import Kpi
from slo.lineage.causes import Causes, failed_at
from slo.measure import Ratio, Samples, Share
from slo.measure.state import number
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.stories.report.happened import inside, told

MOST = 3
"""Assets that are named."""
FROM_ABOVE = ("pipeline_success_rate", "freshness_slo_attainment", "dataset_sla_attainment", "dq_test_pass_rate")
"""KPIs whose bad ones may have begun further up."""


def behind(results: Results, query: Query, kpi: str) -> dict[str, Any]:
    """``spent``: {bad, of, assets: [{asset, bad, of}]}, largest first, null of what has no good and bad; ``began``:
    [{asset, responsible, n}] that failures of those assets began with; ``incidents``: those that befell them;
    ``longest``: of a span that incidents took, those with the largest, as ``happened`` tells them with ``value`` (in
    the KPI's unit); ``drivers`` as explain tells them."""
    found = get_kpi(kpi)
    asked = results.asked(found, query)
    parts = Parts(results.states, asked)
    spent = _spent(found, parts.by("asset")[1]) if parts.values[1] is not None and asked.set_up else None
    named = [line["asset"] for line in spent["assets"]] if spent else []
    return {
        "spent": spent,
        "began": _began(results, found, asked, named) if kpi in FROM_ABOVE else [],
        "incidents": befell(results, asked, named) if found.by_asset else [],
        "longest": _longest(results, found, asked, query),
        "drivers": drivers(parts),
    }


def _spent(kpi: Kpi, now: Parting) -> dict[str, Any] | None:
    """The bad part by asset, of what is judged as good and bad."""
    if not issubclass(kpi.measure, Ratio | Share) or now.figure != "value" or now.whole.bottom is None:
        return None
    pairs = {key: (_bad(kpi, one.top, one.bottom), one.bottom or Fraction(0)) for key, one in now.amounts.items()}
    whole = _bad(kpi, now.whole.top, now.whole.bottom)
    named = [(key, *pair) for key, pair in pairs.items() if pair[0] > 0 and key not in (NONE, SEVERAL, UNPARTED)]
    worst = sorted(named, key=lambda one: (-one[1], str(one[0])))[:MOST]
    return {
        "bad": number(whole / kpi.scale), "of": number(now.whole.bottom / kpi.scale),
        "assets": [
            {"asset": str(key), "bad": number(bad / kpi.scale), "of": number(of / kpi.scale),
             "share": number(bad / whole) if whole else None}
            for key, bad, of in worst
        ],
    }  # fmt: skip


def _bad(kpi: Kpi, top: Fraction, bottom: Fraction | None) -> Fraction:
    """The value is good / all, or bad / all."""
    return top if kpi.complement else (bottom or Fraction(0)) - top


def _longest(results: Results, kpi: Kpi, asked: Asked, query: Query) -> list[dict[str, Any]]:
    """The incidents of a mean or median whose own figure is the largest."""
    if kpi.measure is not Samples or kpi.by_asset:
        return []
    view, window = results.view, asked.window
    known = {f"{case.fact.source}/{case.fact.id}": case for case in cases(view)}
    last = min(window.last_day, view.day(view.as_of))
    items = kpi.items(view, None, window.start, view.start_of(last + DAY), asked.params)
    counted = [item for item in items if item.member in known and item.value is not None and item.excluded is None]
    found = [(float(item.value or 0), known[item.member or ""]) for item in counted]
    here = [(value, case) for value, case in found if query.scope.matches(case.matches, case.tier)]
    here.sort(key=lambda one: (-one[0], one[1].fact.source, one[1].fact.id))
    return [{**told(case, view.as_of), "value": value} for value, case in here[:MOST]]


def _began(results: Results, kpi: Kpi, asked: Asked, assets: Collection[str]) -> list[dict[str, Any]]:
    """What the bad ones of some assets began with, counted, most first."""
    view, window = results.view, asked.window
    if not assets:
        return []
    last = min(window.last_day, view.day(view.as_of))
    items = kpi.items(view, list(assets), window.start, view.start_of(last + DAY), asked.params)
    bad = [(item.asset, failed_at(item)) for item in items if item.bad and item.excluded is None and item.asset]
    if not bad:
        return []
    moments = [at for _, at in bad]
    causes = Causes(view, {asset for asset, _ in bad}, min(moments), max(moments) + INSTANT)
    if not causes:
        return []
    counted: Counter[tuple[str, str]] = Counter()
    for asset, at in bad:
        cause = causes.cause(asset, at)
        if cause is not None and cause.asset != asset:
            counted[cause.asset, cause.responsible or "platform"] += 1
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST]
    return [{"asset": asset, "responsible": who, "n": n, "of": len(bad)} for (asset, who), n in ranked]


def befell(results: Results, asked: Asked, assets: Collection[str]) -> list[dict[str, Any]]:
    """Incidents of the window that name one of the assets, by start."""
    found = [case for case in cases(results.view) if inside(case, asked.window)]
    hit = [case for case in found if {match[0] for match in case.matches} & set(assets)]
    hit.sort(key=lambda case: (case.begins, case.fact.source, case.fact.id))
    return [told(case, results.view.as_of) for case in hit]
