"""One incident's story: its times, what it began with up the lineage, the change and the alerts that belong to it, what
came before of the same cause, and what was laid over what its source told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from slo.facts import INFERRED, Alert, Change, Correction, Incident
from slo.incidents.cases import Case, cases
from slo.incidents.refs import resolve
from slo.lineage.causes import Causes, as_told
from slo.results import Query, Results
from slo.stories.incidents import line
from slo.view import View

EARLY = timedelta(days=2)
"""How long before an incident's start an alert may have fired that belongs to it."""
LATE = timedelta(days=1)
"""How long after its end, or its detection where it is open, one is looked for."""
EARLIER = 5
"""Incidents of the same cause are listed up to this many, the newest first."""
OUTSIDE = ("source", "id", "url", "revised_at", "deleted")


def incident(results: Results, query: Query, source: str, id: str) -> dict[str, Any] | None:
    """What is told of one incident; None where there is none. A duplicate tells of its main one alone, under ``main``;
    one outside the scope that KPIs count (another environment) has no ``line``."""
    view = results.view
    found: list[Incident] = view.read("incident", {"source": source, "id": id})
    if not found:
        return None
    fact = found[0]
    case = next((one for one in cases(view) if (one.fact.source, one.fact.id) == (source, id)), None)
    told = {
        "source": source, "id": id, "url": fact.url, "title": fact.title or id, "as_of": view.as_of,
        "steps": dict(fact.steps or {}), "main": resolve(view, "incident", fact.duplicate_of, source),
        "line": None if case is None else line(view, case, view.as_of),
        "change": _change(view, fact), "laid": _laid(results, fact),
    }  # fmt: skip
    return told | ({} if case is None else _around(view, case))


def _around(view: View, case: Case) -> dict[str, Any]:
    fact, at = case.fact, max(filter(None, (case.begins, case.fact.detected_at)))
    until = case.restored_at() or view.as_of
    assets = [name for name, _, _ in case.matches if name is not None]
    causes = Causes(view, assets, case.begins, at)
    began = [(name, causes.cause(name, at)) for name in assets] if assets and causes else []
    return {
        "assets": [_asset(view, case, name) for name in assets],
        "began": [as_told(cause, view) | {"of": name} for name, cause in began if cause is not None],
        "lineage": bool(assets) and bool(causes),
        "alerts": _alerts(view, fact, case.begins - EARLY, until + LATE),
        "folded": _folded(view, case),
        "earlier": _earlier(view, case),
    }  # fmt: skip


def _asset(view: View, case: Case, name: str) -> dict[str, Any]:
    dims = view.dims(name, case.begins)
    kind = view.history(name).get("kind", case.begins)
    return {"asset": name, "kind": kind, "tier": dims.tier, "team": dims.team, "domain": dims.domain}


def _change(view: View, fact: Incident) -> dict[str, Any] | None:
    """The change that the incident names, as it is told; what it names but nobody told, by that name alone."""
    if not fact.change:
        return None
    key = resolve(view, "change", fact.change, fact.source)
    told: list[Change] = view.read("change", {"source": key[0], "id": key[1]}) if key else []
    if not told:
        return {"named": fact.change, "title": None}
    one = told[0]
    return {
        "named": fact.change, "title": one.title or one.id, "source": one.source, "id": one.id, "url": one.url,
        "kind": one.kind, "asset": one.asset, "team": one.team, "at": one.at, "state": one.state,
        "failure": one.failure,
    }  # fmt: skip


def _alerts(view: View, fact: Incident, start: Any, end: Any) -> list[dict[str, Any]]:
    """Alerts that name the incident, by the time they fired."""
    names = [fact.id, f"{fact.source}/{fact.id}"]
    found: list[Alert] = view.read("alert", {"placed_at": (start, end), "incident": names})
    mine = [one for one in found if resolve(view, "incident", one.incident, one.source) == (fact.source, fact.id)]
    return [
        {"source": one.source, "id": one.id, "url": one.url, "rule": one.rule, "asset": one.asset, "at": one.fired_at,
         "acknowledged": one.acknowledged_at, "resolved": one.resolved_at, "label": one.label}
        for one in mine
    ]  # fmt: skip


def _folded(view: View, case: Case) -> list[dict[str, Any]]:
    """Incidents that count for this one."""
    names = [case.fact.id, f"{case.fact.source}/{case.fact.id}"]
    found: list[Incident] = view.read("incident", {"duplicate_of": names})
    me = (case.fact.source, case.fact.id)
    mine = [one for one in found if resolve(view, "incident", one.duplicate_of, one.source) == me]
    return [
        {"source": one.source, "id": one.id, "title": one.title or one.id, "url": one.url, "at": one.moment}
        for one in mine
    ]


def _earlier(view: View, case: Case) -> list[dict[str, Any]]:
    """Incidents of the same cause that began before."""
    if not case.fact.cause:
        return []
    before = [one for one in cases(view) if one.fact.cause == case.fact.cause and one.begins < case.begins]
    return [line(view, one, view.as_of) for one in before[: -EARLIER - 1 : -1]]


def _laid(results: Results, fact: Incident) -> list[dict[str, Any]]:
    """Field by field what was laid over what the source told: ``told`` and ``reads`` as text, why, by which register
    (a reference, never a person), and whether Tierline inferred it."""
    if not results.has_corrections:
        return []
    view = results.view
    over: list[Correction] = [
        one for one in view.read("correction", {"target_fact": "incident", "target_id": fact.id})
        if one.target_source in (None, fact.source)
    ]  # fmt: skip
    collected = view.store.fact_original(fact)
    return [
        {"field": name.rstrip("_"), "told": collected.get(name), "reads": getattr(fact, name, None), **_why(over, name)}
        for name in collected
        if name not in OUTSIDE
    ]


def _why(over: Sequence[Correction], field: str) -> dict[str, Any]:
    """The reason and reference of the newest correction of a field."""
    mine = [one for one in over if field.rstrip("_") in (one.set or {}) or field in (one.set or {})]
    one = max(mine, key=lambda one: (one.at is not None, one.at or 0), default=None) if mine else None
    return {
        "reason": one and one.reason, "ref": one and one.ref, "inferred": bool(one and one.source == INFERRED),
    }  # fmt: skip
