"""Every promised floor of a ratio as an SLO: its budget over the last 30 days, and how fast it burns.

A promise for the whole platform, or for less critical tiers too, is told as it was made, and watched in each tier that
alerts are for: there it holds as well, and one tier's trouble is not thinned by another's volume. So each agrees with
what ``tierline show --tier`` and the pages tell of that tier in 30 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from slo.alerting.lookbacks import Looked, looked
from slo.alerting.meter import Meter, ranked
from slo.alerting.policies import Fitting, Policies
from slo.budgets.budget import Budget, allowed_share
from slo.budgets.days import Burndown, burndown
from slo.budgets.floors import narrowed, promised, slo_id
from slo.budgets.pace import PRESENT, burn_rate, outlook, pace
from slo.kpi import Kpi
from slo.measure import Ratio, merge_all
from slo.measure.item import Dims
from slo.platform import Alerting
from slo.promises.clauses import Clause
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.shelf import shelf
from slo.targets import Target
from slo.view import View
from slo.windows import elapsed_days, parse_window

PERIOD = timedelta(days=30)
WORST = 5
"""Assets named as the worst of an SLO."""


@dataclass(frozen=True)
class Slo:
    """A promised floor in one scope."""

    target: Target
    clause: Clause
    asked: Asked
    found: Burndown
    watched: bool
    meter: Meter = field(compare=False)
    fitting: Fitting
    lookbacks: tuple[Looked, ...]
    """Of one that is watched; the others' are read where somebody looks at them (slo/stories/burning.py)."""

    @property
    def kpi(self) -> Kpi:
        return self.asked.kpi

    @property
    def id(self) -> str:
        """Stable, and fit for a label."""
        tiers = self.asked.scope.tiers
        narrowed = "" if tiers == self.clause.tiers else f"-tier{tiers[0]}"
        return f"{slo_id(self.target, self.place)}{narrowed}"

    @property
    def place(self) -> int:
        """The clause's place in its row."""
        return self.target.clauses.index(self.clause)

    @property
    def tier(self) -> str:
        """The tiers as a label: 0, 0-1, or nothing for the whole platform."""
        return "-".join(map(str, self.asked.scope.tiers))

    @property
    def firing(self) -> tuple[Looked, ...]:
        return tuple(one for one in self.lookbacks if one.fires)

    @property
    def spoken_of(self) -> timedelta | None:
        """The longest lookback that fires; None: the whole period."""
        return max((one.lookback.long for one in self.firing), default=None)

    @property
    def page(self) -> str:
        """Where the dashboard tells of it."""
        tiers = self.asked.scope.tiers
        tier = tiers[0] if len(tiers) == 1 else None
        held = self.target.clauses_for(tier)
        narrow = "" if tier is None else f"&tier={tier}"
        place = f"{self.target.profile}-{self.target.row}-{held.index(self.clause)}"
        return f"/slo/{self.kpi.id}/{place}?window={PERIOD.days}d{narrow}"

    def spent(self, results: Results) -> dict[str | None, Fraction]:
        """Asset -> what of it was bad in the lookback that is spoken of, the worst first."""
        if self.spoken_of is not None:
            return self.meter.spent(self.spoken_of)
        days = (self.asked.window.first_day, self.asked.window.last_day)
        found: dict[str | None, int] = {}
        for row, state in results.states.rows(self.kpi, *days, self.asked.scope, self.asked.params):
            found[row.asset] = found.get(row.asset, 0) + state.bad
        return ranked(found, self.kpi.scale)


def slos(results: Results, alerting: Alerting, policies: Policies) -> list[Slo]:
    """Every SLO that has counted something in the period, in the KPIs' order."""
    return list(_slos(results, alerting, policies))


def _slos(results: Results, alerting: Alerting, policies: Policies) -> Iterator[Slo]:
    query = Query(window=f"{PERIOD.days}d")
    for kpi in shelf().values():
        if kpi.measure is not Ratio:
            continue
        asked = results.asked(kpi, query)
        if not asked.set_up:
            continue
        for target, clauses in promised(results, asked, query):
            for clause in clauses:
                for own, watched in _scopes(results.view, narrowed(asked, clause), target, clause, alerting):
                    found = _slo(results, own, target, clause, watched, alerting, policies)
                    yield from [found] if found else []


def _scopes(
    view: View, asked: Asked, target: Target, clause: Clause, alerting: Alerting
) -> Iterator[tuple[Asked, bool]]:
    """The promise as it was made, then in each tier that alerts are for and it holds in; and which are watched. One of
    a single asset is watched as that asset's tier is."""
    tiers: tuple[int, ...] = clause.tiers
    if clause.asset is not None:
        about = view.dims(asked.scope.asset, view.as_of).tier
        tiers = () if about is None else (about,)
    budget = asked.kpi.id in alerting.budgets
    whole = budget and bool(tiers) and set(tiers) <= set(alerting.tiers)
    yield asked, whole
    for tier in alerting.tiers if budget and clause.asset is None else ():
        if clause in target.clauses_for(tier) and not (whole and tier in tiers):
            yield replace(asked, scope=replace(asked.scope, tiers=(tier,))), True


def _slo(
    results: Results, asked: Asked, target: Target, clause: Clause, watched: bool, alerting: Alerting,
    policies: Policies,
) -> Slo | None:  # fmt: skip
    allowed = allowed_share(clause, asked.kpi.complement)
    if allowed is None:
        return None
    window = asked.window
    days = results.states.days(asked.kpi, window.first_day, window.last_day, asked.scope, asked.params)
    found = burndown(allowed, days, window, results.view.as_of)
    if found.budget.total == 0:
        return None
    meter = Meter(results, asked)
    fitting = meter.fitting(policies, allowed)
    spoken = fitting.lookbacks if watched else ()
    lookbacks = tuple(looked(one, meter, allowed, alerting.severity(one.severity)) for one in spoken)
    return Slo(target, clause, asked, found, watched, meter, fitting, lookbacks)


def told(results: Results, one: Slo, alerting: Alerting) -> dict[str, Any]:
    """An SLO as the watch holds it (docs/alerting.md)."""
    target, kpi, fires = one.target, one.kpi, {looked.told["severity"] for looked in one.firing}
    about = one.asked.scope.asset
    own = Dims() if about is None else results.view.dims(about, results.view.as_of)
    return {
        "slo": one.id, "kpi": kpi.id, "title": kpi.title, "metric": kpi.metric, "profile": target.profile,
        "row": target.row, "clause": one.place, "text": target.text, "tier": one.tier,
        "asset": about, "team": own.team or alerting.team, "domain": own.domain or "",
        **_figures(results, one), "policy": one.fitting.policy.name, "policy_why": one.fitting.why,
        "lookbacks": [looked.told for looked in one.lookbacks],
        "fires": "page" if "page" in fires else "ticket" if fires else "",
        "worst": _worst(results, one) if one.watched else [], "watched": one.watched, "page": one.page,
    }  # fmt: skip


def _figures(results: Results, one: Slo) -> dict[str, Any]:
    """Over the period, and at the present pace; amounts are events or seconds."""
    kpi, budget, scale, as_of = one.kpi, one.found.budget, one.kpi.scale, results.view.as_of
    recent = parse_window(f"{PRESENT}d", as_of, one.asked.window.tz)
    states = results.states.days(kpi, recent.first_day, recent.last_day, one.asked.scope, one.asked.params)
    lately: Ratio = merge_all(Ratio, states.values())
    what, when = outlook(one.found, pace(lately, elapsed_days(recent, as_of)), one.asked.window, as_of)
    present = burn_rate(budget.allowed, lately)
    shown = Budget(budget.allowed, budget.good / scale, budget.bad / scale)
    figures = shown.as_result()
    return {
        "objective": float(1 - budget.allowed), "allowed": figures["allowed"],
        "period_days": PERIOD.days, "good": float(shown.good), "bad": float(shown.bad), "seconds": kpi.seconds,
        "value": float((budget.bad if kpi.complement else budget.good) / budget.total),
        "remaining": figures["remaining"], "remaining_events": figures["remaining_events"],
        "low_volume": not kpi.seconds and shown.low_volume, "burn_rate": figures["burn_rate"],
        "present_burn": None if present is None else float(present),
        "outlook": what, "runs_out": None if when is None else when.isoformat(),
    }  # fmt: skip


def _worst(results: Results, one: Slo) -> list[dict[str, Any]]:
    view, spent = results.view, one.spent(results)
    every = sum(spent.values())
    found = [(asset, bad) for asset, bad in spent.items() if asset is not None][:WORST]
    return [
        {"asset": asset, "team": dims.team, "tier": dims.tier, "bad": float(bad), "share": float(bad / every)}
        for asset, bad in found
        for dims in [view.dims(asset, view.as_of)]
    ]
