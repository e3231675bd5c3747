"""Alerts from what was found: one a cause, with the budget that it eats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from slo.alerting import saying
from slo.alerting.blind import Spot, together
from slo.alerting.problem import DATA, RUNS, Problem
from slo.alerting.quiet import quiet
from slo.alerting.slos import Slo
from slo.platform import Alerting
from slo.view import View

LATE, FAILING, BURNING, BLIND = "DatasetLate", "RunFailing", "BudgetBurning", "TierlineBlind"
KINDS = (LATE, FAILING, BURNING, BLIND)
HALF = Fraction(1, 2)
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Alert:
    """Something for somebody to do. ``cause``: what one alert is grouped by; ``why``: why nobody is told, where so."""

    alert: str
    cause: str
    severity: str
    team: str
    tier: str
    domain: str
    since: datetime
    summary: str
    page: str
    affected: tuple[str, ...] = ()
    slo: str = ""
    why: str = ""

    @property
    def key(self) -> str:
        return f"{self.alert}:{self.cause}"

    def told(self, slos: Mapping[str, Told]) -> dict[str, Any]:
        """As the watch holds it, with the figures of the budget it eats."""
        eaten: Told = slos.get(self.slo, {})
        return {
            "alert": self.alert, "key": self.key, "severity": self.severity, "cause": self.cause, "team": self.team,
            "tier": self.tier, "domain": self.domain, "since": self.since.isoformat(), "affected": list(self.affected),
            "slo": self.slo, "remaining": eaten.get("remaining"), "burn_rate": eaten.get("present_burn"),
            "runs_out": eaten.get("runs_out"), "worst": list(eaten.get("worst", ())), "summary": self.summary,
            "page": self.page, **({"why": self.why} if self.why else {}),
        }  # fmt: skip


def of_problems(view: View, problems: Iterable[Problem], slos: Sequence[Slo], alerting: Alerting) -> Iterator[Alert]:
    """One a root; what is quiet of it stands apart."""
    groups: dict[tuple[str, bool], list[Problem]] = {}
    for one in problems:
        if (LATE if one.kpi == DATA else FAILING) not in alerting.off:
            groups.setdefault((one.root, one.quiet is None), []).append(one)
    for (root, _), found in groups.items():
        found.sort(key=lambda one: (one.dims.tier, one.since, one.asset))
        yield _of_group(view, root, found, slos, alerting)


def _of_group(view: View, root: str, found: list[Problem], slos: Sequence[Slo], alerting: Alerting) -> Alert:
    head, dims = found[0], view.dims(root, view.as_of)
    name, zone = _name(found, alerting), view.platform.timezone
    eaten = _eaten(slos, RUNS if name == FAILING else DATA, head)
    return Alert(
        name, root, alerting.severity("page" if head.dims.tier == 0 else "ticket"),
        dims.team or head.dims.team or alerting.team, str(head.dims.tier), dims.domain or head.dims.domain or "",
        min(one.since for one in found), saying.of_problems(root, found, zone), f"/assets/{quote(root, safe='')}",
        tuple(dict.fromkeys(one.asset for one in found)), eaten.id if eaten else "", head.quiet or "",
    )  # fmt: skip


def _name(found: Sequence[Problem], alerting: Alerting) -> str:
    """By what it began with, so that an alert keeps its name while more is drawn in; by the other where that is off."""
    began = {one.state if one.cause is None else one.cause.what for one in found}
    names = (LATE, FAILING) if began == {"late"} else (FAILING, LATE)
    return next(name for name in names if name not in alerting.off)


def _eaten(slos: Sequence[Slo], kpi: str, head: Problem) -> Slo | None:
    """The emptiest watched budget that counts what happens to an asset."""
    own = [one for one in slos if one.watched and one.kpi.id == kpi and _counts(one, head)]
    return min(own, key=lambda one: (one.found.left / one.found.whole if one.found.whole else -1, one.id), default=None)


def _counts(one: Slo, head: Problem) -> bool:
    dims = head.dims
    return one.asked.scope.matches([[head.asset, dims.team, dims.domain]], dims.tier)


def of_budgets(
    view: View, slos: Iterable[tuple[Slo, Told, Mapping[str | None, Fraction]]], found: Sequence[Alert],
    alerting: Alerting, before: Mapping[str, datetime],
) -> list[Alert]:  # fmt: skip
    """The alerts so far, and those of burning budgets (with what was spent by asset). A budget that burns mostly for
    what an alert tells already is told by that one. ``before``: key -> since when an alert has been on."""
    alerts = list(found)
    for slo, told, spent in slos:
        if not slo.firing or BURNING in alerting.off:
            continue
        alert = Alert(
            BURNING, slo.id, told["fires"], alerting.team, _tier(view, slo), "", view.as_of,
            saying.of_budget(told, view.platform.timezone), slo.page, slo=slo.id,
        )  # fmt: skip
        alert = replace(alert, since=before.get(alert.key, view.as_of))
        alerts, why = _explained(alerts, len(found), slo, spent)
        alerts.append(replace(alert, why=why or _resting(view, slo, spent)))
    return alerts


def _tier(view: View, slo: Slo) -> str:
    """Of an objective of one asset that asset's."""
    tier = view.dims(slo.asked.scope.asset, view.as_of).tier if slo.asked.scope.asset else None
    return slo.tier if tier is None else str(tier)


def _explained(
    alerts: list[Alert], count: int, slo: Slo, spent: Mapping[str | None, Fraction]
) -> tuple[list[Alert], str]:
    """Whether more than half of what was bad comes from causes that have an alert; the one with the most tells the
    budget. Of the alerts the first ``count`` are of causes."""
    parts = [sum((spent.get(name, Fraction(0)) for name in {one.cause, *one.affected}), Fraction(0))
             for one in alerts[:count]]  # fmt: skip
    if not parts or sum(parts) <= HALF * sum(spent.values()):
        return alerts, ""
    most = max(range(count), key=lambda place: parts[place])
    alerts = [replace(one, slo=slo.id) if place == most else one for place, one in enumerate(alerts)]
    return alerts, f"explained by {alerts[most].key}"


def _resting(view: View, slo: Slo, spent: Mapping[str | None, Fraction]) -> str:
    """Why a budget is quiet that burns mostly because of what is in maintenance now."""
    whys = {name: quiet(view, slo.kpi.id, name, view.as_of) for name in spent if name is not None}
    resting = sum((bad for name, bad in spent.items() if name is not None and whys[name]), Fraction(0))
    if resting <= HALF * sum(spent.values()):
        return ""
    return next(why for why in whys.values() if why)


def of_spots(found: Sequence[Spot], view: View, alerting: Alerting, before: Mapping[str, datetime]) -> Iterator[Alert]:
    """One a source that is not seen; where most are not, one of Tierline itself."""
    for spot in () if BLIND in alerting.off else together(found, view):
        alert = Alert(BLIND, spot.source, "ticket", alerting.team, "", "", view.as_of, spot.says, "/sources")
        yield replace(alert, since=spot.since or before.get(alert.key, view.as_of))
