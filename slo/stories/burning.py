"""How fast a budget burns up to this moment, over the lookbacks of the policy that fits it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from slo.alerting.meter import Meter
from slo.alerting.policies import Lookback, load_policies
from slo.budgets.budget import allowed_share
from slo.budgets.floors import narrowed
from slo.platform import Alerting
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.targets import applicable


def burning(
    results: Results, query: Query, *, kpi: str, profile: str, row: int, clause: int = 0
) -> list[dict[str, Any]]:
    """The lookbacks in force for a target's floor, the shortest first. A dict each: policy, source (where it comes
    from) and why (it fits); name, severity (which an alert of it would have), budget_share, factor (how many times the
    even pace both parts must burn; None where nothing may be bad) and min_bad (so many bad events there must be, too,
    or None), long and short (timedelta; None: the long one decides alone), long_rate and short_rate (None where nothing
    was counted), long_bad and short_bad, and fires. Empty where the target is not in force, or sets no such limit."""
    asked = results.asked(get_kpi(kpi), query)
    day = min(asked.window.last_day, results.view.day(results.view.as_of))
    held = [one for one in results.targets.targets_for(kpi, profile, day) if (one.profile, one.row) == (profile, row)]
    for _, clauses in applicable(held, query.tier, query.asset):
        own = clauses[min(clause, len(clauses) - 1)]
        allowed = allowed_share(own, asked.kpi.complement)
        if allowed is None:
            return []
        return _lookbacks(Meter(results, narrowed(asked, own)), allowed, results.view.platform.alerting)
    return []


def _lookbacks(meter: Meter, allowed: Fraction, alerting: Alerting) -> list[dict[str, Any]]:
    """As ``burning`` tells them, of what a meter counts."""
    policy, usable, why = meter.fitting(load_policies(), allowed)
    whole = {"policy": policy.name, "source": policy.source, "why": why}
    return [whole | {"severity": alerting.severity(one.severity)} | _told(one, meter, allowed) for one in usable]


def _told(one: Lookback, meter: Meter, allowed: Fraction) -> dict[str, Any]:
    long, short = (meter.burning(length, allowed) for length in (one.long, one.shortest))
    rates = [None if not part.total or part.burn_rate is None else float(part.burn_rate) for part in (long, short)]
    return {
        "name": one.name, "budget_share": one.budget_share,
        "factor": float(one.factor) if allowed else None, "min_bad": one.min_bad,
        "long": one.long, "short": one.short, "long_rate": rates[0], "short_rate": rates[1],
        "long_bad": float(long.bad), "short_bad": float(short.bad), "fires": one.fires(long, short),
    }  # fmt: skip
