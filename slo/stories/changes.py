"""What is otherwise than a day before: deployments, assets moved to another tier, closed figures restated, statuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from slo.facts import Change
from slo.promises.judging import Status
from slo.promises.standing import resting
from slo.promises.verdicts import Asked, headline
from slo.results import Query, Results
from slo.shelf import shelf
from slo.view import View, in_production
from slo.windows import parse_window

DAY = timedelta(hours=24)
_JUDGED = ("met", "near", "missed")


def changes(results: Results, query: Query, *, most: int = 5) -> dict[str, Any]:
    """The 24 hours up to as-of, in the asked scope: ``since``, ``deployments`` (n, failed, and the newest ``most``
    lines: asset, title, team, at, state, url), ``tiers`` (asset, team, before, now: None where nothing is told),
    ``restated`` (period, kpi, title, at) and ``statuses`` of adopted targets (kpi, title, before, now, value,
    value_before), the missed first; these compare a rolling window with the one that ended a day earlier."""
    view = results.view
    since = view.as_of - DAY
    return {
        "since": since,
        "deployments": _deployments(view, query, since, most),
        "tiers": list(_tiers(view, query, since)),
        "restated": _restated(view, since),
        "statuses": sorted(_statuses(results, query), key=lambda one: (one["now"] != "missed", one["kpi"])),
    }


def _deployments(view: View, query: Query, since: datetime, most: int) -> dict[str, Any]:
    told: list[Change] = view.read("change", {"kind": "deployment", "placed_at": (since, view.as_of)})
    found = [one for one in told if one.at is not None and _inside(view, query, one.asset, one.at, one)]
    found.sort(key=lambda one: (one.at, one.source, one.id), reverse=True)
    lines = [
        {
            "asset": one.asset, "title": one.title, "team": one.team, "at": one.at, "state": _state(one),
            "url": one.url,
        }
        for one in found[:most]
    ]  # fmt: skip
    return {"n": len(found), "failed": sum(_state(one) != "succeeded" for one in found), "lines": lines}


def _state(change: Change) -> str:
    return "rolled_back" if change.state == "rolled_back" else "failed" if _failed(change) else "succeeded"


def _failed(change: Change) -> bool:
    return change.state == "failed" or change.failure is not None


def _inside(view: View, query: Query, asset: str | None, at: datetime, own: Change | None = None) -> bool:
    dims = view.dims(asset, at, team=own.team, environment=own.environment) if own else view.dims(asset, at)
    scope = replace(query.scope, asset=view.canonical(query.asset))
    return in_production(dims.environment) and scope.matches([[asset, dims.team, dims.domain]], dims.tier)


def _tiers(view: View, query: Query, since: datetime) -> Iterator[dict[str, Any]]:
    """Assets that stood in another tier a day before; those that nobody knew then have not moved."""
    anywhere = replace(query, tier=None)
    for name in sorted(view.asset_names):
        history = view.history(name)
        moved = any(since < moment <= view.as_of for moment in history.breaks)
        if not moved or history.begin is None or history.begin > since or not history.exists(view.as_of):
            continue
        before, now = history.get("tier", since), history.get("tier", view.as_of)
        if before != now and query.tier in (None, before, now) and _inside(view, anywhere, name, view.as_of):
            yield {"asset": name, "team": history.get("team", view.as_of), "before": before, "now": now}


def _restated(view: View, since: datetime) -> list[dict[str, Any]]:
    """Lines of closed periods that were seen to differ in these hours, the newest first."""
    seen = [one for one in view.store.ledger.restatements() if since < one.seen <= view.as_of]
    names = dict(view.store.ledger.spans()) if seen else {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in reversed(seen):
        known = shelf().get(one.kpi)
        line = {"period": names[one.period_id], "kpi": one.kpi, "title": known.title if known else one.kpi}
        found.setdefault((names[one.period_id], one.kpi), {**line, "at": one.seen})
    return list(found.values())


def _statuses(results: Results, query: Query) -> Iterator[dict[str, Any]]:
    view, zone = results.view, results.view.platform.timezone
    window = parse_window(query.window, view.as_of, zone)
    if not window.rolling:
        return
    earlier = parse_window(query.window, view.as_of - DAY, zone)
    for kpi in shelf().values():
        asked = results.asked(kpi, query)
        if not asked.set_up:
            continue
        (now, value), (before, value_before) = (
            _judged(results, one, query) for one in (asked, replace(asked, window=earlier))
        )
        if now != before and now in _JUDGED and before in _JUDGED:
            yield {
                "kpi": kpi.id, "title": kpi.title, "before": before, "now": now, "value": value,
                "value_before": value_before,
            }  # fmt: skip


def _judged(results: Results, asked: Asked, query: Query) -> tuple[Status, float | None]:
    """The verdict of what is adopted, or of an asked profile, and the value. Where nothing is promised nothing is
    worked out."""
    own = [(target, clauses) for target, clauses in results.holding(asked, query) if query.profile or target.adopted]
    if not own:
        return "no target", None
    figures = asked.shown(results.judge.figures(asked.kpi, asked.window, asked.scope, asked.params))
    entries = [results.entry(asked, target, clauses) for target, clauses in own]
    return headline(asked, figures, resting(entries, query.profile), asked.kpi), figures.value
