"""Policies laid over one's own history: how often each would have fired, and for which incidents."""

from __future__ import annotations

from typing import Any

from slo.alerting.moments import moment, ticks
from slo.alerting.policies import load_policies
from slo.alerting.replay.firing import Span
from slo.alerting.replay.meeting import MARGIN
from slo.alerting.replay.trial import Objective, trials, tried
from slo.alerting.slos import Slo, slos
from slo.errors import ConfigError
from slo.platform import Alerting
from slo.results import Query, Results
from slo.windows import parse_window


def replay(
    results: Results, query: Query, *, alerting: Alerting, slo: str | None = None, policy: str | None = None
) -> dict[str, Any]:
    """What policies would have done in a window up to as-of, for the objectives that alerts are for (or one that is
    named), under today's promises.

    ``window`` (name, start, end); ``margin`` (seconds after an incident's end in which an alert may still meet it);
    ``policies``: a dict each, first ``default`` (each objective under the policy that fits it): policy, slos (how
    many), fires, met (how many of these met an incident), precision, pages and pages_met (of its pages alone),
    incidents (that cost any of their budgets), incidents_met, several and several_met (those that cost more than one
    bad event), missed (incident, title, started_at, cost), late and reset (median and worst, seconds), firing_share (of
    the objectives' time); ``slos``: slo, kpi, title, text, allowed, since (first moment looked at), default and why,
    and policies as above. Raises ConfigError for an unknown slo or policy.
    """
    policies = load_policies()
    wanted = [policies.named(policy)] if policy else policies.policies
    window = parse_window(query.window, results.view.as_of, results.view.platform.timezone)
    span = Span(ticks(window.start), ticks(min(window.end, results.view.as_of)))
    found = trials(results.view, objectives(results, alerting, slo), policies.longest, span)
    together, each = tried(found, wanted, policies.keep)
    edges = {"start": window.start, "end": moment(span.end)}
    shown = {edge: at.astimezone(window.tz).isoformat() for edge, at in edges.items()}
    told = {"window": {"name": window.name, **shown}, "margin": MARGIN.total_seconds()}
    return {**told, "policies": together, "slos": each}


def objectives(results: Results, alerting: Alerting, name: str | None = None) -> list[Objective]:
    """Those that alerts are for, or the one of a name. Raises ConfigError where there is none of it."""
    found = slos(results, alerting, load_policies())
    chosen = [one for one in found if (one.watched if name is None else one.id == name)]
    if name is not None and not chosen:
        raise ConfigError(f"slo: {name!r} is unknown; there are: {', '.join(one.id for one in found) or 'none'}")
    return [_objective(one) for one in chosen]


def _objective(one: Slo) -> Objective:
    asked = one.asked
    return Objective(one.id, one.target.text, one.kpi, asked.scope, asked.params, one.found.allowed, one.fitting)
