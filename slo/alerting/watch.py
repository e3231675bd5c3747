"""The watch: one document an evaluation with everything that alerts stand on (docs/alerting.md).

/metrics, rules, page, digest and notifications read it; none of them works anything out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slo.alerting.alerts import Alert, as_grave, of_budgets, of_problems, of_spots
from slo.alerting.blind import spots
from slo.alerting.causes import with_causes
from slo.alerting.failing import failing
from slo.alerting.late import late
from slo.alerting.leaving import left
from slo.alerting.lingering import lingering
from slo.alerting.policies import load_policies
from slo.alerting.problem import Problem, watched_assets
from slo.alerting.slos import slos, told
from slo.results import Results
from slo.store import Store
from slo.view import View

KEY = "watch"
"""Under which the store keeps it."""


def watch(results: Results, now: datetime, before: Mapping[str, Any]) -> dict[str, Any]:
    """What is wrong as of the results' instant: ``as_of``, ``paging``, ``tiers`` that alerts are for, ``assets`` (how
    many of them), ``left`` (what alerts are for no more, and why), ``slos``, ``late``, ``failed``, ``blind``,
    ``alerts``, ``silenced``. ``now``: the evaluation's clock; ``before``: the last watch, for since when a budget
    burns, until when, and what told it."""
    view, alerting = results.view, results.view.platform.alerting
    names = watched_assets(view, alerting.tiers)
    problems = with_causes(view, [*late(view, names), *failing(results, names)])
    policies = load_policies()
    found = slos(results, alerting, policies)
    shown = {one.id: told(results, one, alerting) for one in found}
    unseen, last = spots(view, now, alerting.tiers), _alerts(before)
    burning = [(one, shown[one.id], one.spent(results)) for one in found if one.firing]
    causes = list(of_problems(view, problems, found, alerting))
    alerts = of_budgets(view, burning, causes, alerting, last)
    on, open_now = {one.id for one, _, _ in burning}, {one.key for one in causes}
    still = lingering(last, on, open_now, shown, policies.keep, view.as_of, view.platform.timezone)
    alerts = sorted([*as_grave([*alerts, *still]), *of_spots(unseen, view, alerting, last)], key=_order)
    return {
        "as_of": view.as_of.isoformat(), "paging": alerting.paging, "tiers": list(alerting.tiers), "assets": len(names),
        "left": left(view, alerting.tiers),
        "slos": list(shown.values()),
        "late": [_late(view, one) for one in problems if one.state == "late"],
        "failed": [_failed(view, one) for one in problems if one.state != "late"],
        "blind": [spot.told() for spot in unseen],
        "alerts": [one.told(shown) for one in alerts if not one.why],
        "silenced": [one.told(shown) for one in alerts if one.why],
    }  # fmt: skip


def remembered(store: Store) -> dict[str, Any]:
    """The watch of the last evaluation; {} before the first."""
    return dict(json.loads(store.meta(KEY) or "{}"))


def _alerts(watch: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Key -> alert, silenced or not."""
    return {one["key"]: one for one in [*watch.get("alerts", ()), *watch.get("silenced", ())]}


def _order(one: Alert) -> tuple[bool, str, datetime, str]:
    """What wakes somebody first; then by tier, and what has been on longest."""
    return one.severity != "page", one.tier or "9", one.since, one.key


def _asset(view: View, one: Problem) -> dict[str, Any]:
    root = view.dims(one.root, view.as_of)
    return {
        "asset": one.asset, "team": one.dims.team, "domain": one.dims.domain, "tier": one.dims.tier,
        "seconds": (view.as_of - one.since).total_seconds(), "since": one.since.isoformat(), "cause": one.root,
        "cause_team": root.team, "cause_since": (one.cause.at if one.cause else one.since).isoformat(),
        "maintenance": one.quiet,
    }  # fmt: skip


def _late(view: View, one: Problem) -> dict[str, Any]:
    return _asset(view, one) | {"deadline": one.expected.isoformat()}


def _failed(view: View, one: Problem) -> dict[str, Any]:
    return _asset(view, one) | {"state": one.state}
