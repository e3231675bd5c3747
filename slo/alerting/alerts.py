"""Alerts from what was found: one a cause, with the budget that it eats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from slo.alerting import saying
from slo.alerting.blind import Spot, lagging, together
from slo.alerting.problem import DATA, RUNS, Problem
from slo.alerting.quiet import quiet
from slo.alerting.slos import Slo
from slo.platform import Alerting
from slo.view import View

LATE, FAILING, BURNING, BLIND = "DatasetLate", "RunFailing", "BudgetBurning", "TierlineBlind"
PAGE = "page"
KINDS = (LATE, FAILING, BURNING, BLIND)
HALF = Fraction(1, 2)
ENDING = timedelta(minutes=10)
"""What an alert has told may go on for so long after the last evaluation that saw it open: until it was mended."""
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
    told_by: str = ""
    """Of a budget: the alert that tells what it burns for, ``told_at`` when that was open last."""
    told_at: datetime | None = None
    fired: datetime | None = None
    """Of a budget: when it fired last."""

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
            **({"fired": self.fired.isoformat()} if self.fired else {}),
            **({"told": {"by": self.told_by, "at": self.told_at.isoformat()}} if self.told_at else {}),
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
        name, root, alerting.severity(PAGE if head.dims.tier == 0 else "ticket"),
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
    return min(own, key=lambda one: (_left(one), one.id), default=None)


def _left(one: Slo) -> Fraction:
    """The share of its budget; where nothing may be bad, less than any."""
    return Fraction(one.found.left) / one.found.whole if one.found.whole else Fraction(-1)


def _counts(one: Slo, head: Problem) -> bool:
    dims = head.dims
    return one.asked.scope.matches([[head.asset, dims.team, dims.domain]], dims.tier)


def of_budgets(
    view: View, slos: Iterable[tuple[Slo, Told, Mapping[str | None, Fraction]]], found: Sequence[Alert],
    alerting: Alerting, before: Mapping[str, Told],
) -> list[Alert]:  # fmt: skip
    """The alerts so far, and those of burning budgets (with what was spent by asset). A budget that burns mostly for
    what an alert tells already is told by that one, and no other tells it when that is mended. ``before``: key -> the
    alert of the last watch, silenced or not."""
    alerts, budgets = list(found), []
    burning = sorted(slos if BURNING not in alerting.off else (), key=lambda one: (_left(one[0]), one[0].id))
    for slo, told, spent in burning:
        alert = Alert(
            BURNING, slo.id, told["fires"], told["team"], _tier(view, slo), told["domain"], view.as_of,
            saying.of_budget(told, view.platform.timezone), slo.page, slo=slo.id,
            fired=view.as_of,
        )  # fmt: skip
        alert = replace(alert, since=since(alert.key, before, view.as_of))
        place = _explained(found, spent)
        if place is None:
            alert = _mended(alert, slo, view.as_of, before) or replace(alert, why=_resting(view, slo, spent))
        else:
            key = found[place].key
            alert = replace(alert, why=explained(key, True), told_by=key, told_at=view.as_of)
            if alerts[place].slo not in {one.id for one, _, _ in burning}:
                alerts[place] = replace(alerts[place], slo=slo.id)
        budgets.append(alert)
    return alerts + budgets


def explained(by: str, on: bool) -> str:
    """Why a budget is quiet that another alert tells, or told while it was on."""
    return f"explained by {by}" + ("" if on else ", which is over")


def as_grave(alerts: Sequence[Alert]) -> list[Alert]:
    """Each as severe as the budgets that it tells, so that no ticket silences a page; it then tells the one that makes
    it so."""
    pages = {one.told_by: one.slo for one in reversed(alerts) if one.told_by and one.severity == PAGE}
    return [
        replace(one, severity=PAGE, slo=pages[one.key])
        if one.key in pages and one.severity != PAGE and not one.why else one
        for one in alerts
    ]  # fmt: skip


def since(key: str, before: Mapping[str, Told], now: datetime) -> datetime:
    """Since when an alert has been on, silenced or not."""
    return datetime.fromisoformat(before[key]["since"]) if key in before else now


def _tier(view: View, slo: Slo) -> str:
    """Of an objective of one asset that asset's."""
    tier = view.dims(slo.asked.scope.asset, view.as_of).tier if slo.asked.scope.asset else None
    return slo.tier if tier is None else str(tier)


def _explained(found: Sequence[Alert], spent: Mapping[str | None, Fraction]) -> int | None:
    """Of the alerts of causes the place of the one that most of what was bad comes from, if more than half comes from
    all of them. A silent one tells nobody, so it counts only where the silent ones make up more than half."""
    parts = [sum((spent.get(name, Fraction(0)) for name in {one.cause, *one.affected}), Fraction(0)) for one in found]
    half = HALF * sum(spent.values())
    if not parts or sum(parts) <= half:
        return None
    silent = sum(part for part, one in zip(parts, found, strict=True) if one.why) > half
    return max(range(len(found)), key=lambda place: (bool(found[place].why) is silent, parts[place]))


def _mended(alert: Alert, slo: Slo, now: datetime, before: Mapping[str, Told]) -> Alert | None:
    """A budget that still burns in its lookbacks though what it burnt for was told, and has ended: quiet, as long as
    nothing bad is known since."""
    told = before.get(alert.key, {}).get("told")
    if told is None:
        return None
    at = datetime.fromisoformat(told["at"])
    later = now - (at + ENDING)
    if later > timedelta(0) and slo.meter.since(later).bad:
        return None
    return replace(alert, why=explained(told["by"], False), told_by=told["by"], told_at=at)


def _resting(view: View, slo: Slo, spent: Mapping[str | None, Fraction]) -> str:
    """Why a budget is quiet that burns mostly because of what is in maintenance now."""
    whys = {name: quiet(view, slo.kpi.id, name, view.as_of) for name in spent if name is not None}
    resting = sum((bad for name, bad in spent.items() if name is not None and whys[name]), Fraction(0))
    if resting <= HALF * sum(spent.values()):
        return ""
    return next(why for why in whys.values() if why)


def of_spots(found: Sequence[Spot], view: View, alerting: Alerting, before: Mapping[str, Told]) -> Iterator[Alert]:
    """One a source that is not seen; where most are not, one of Tierline itself."""
    for spot in () if BLIND in alerting.off else together(found, view):
        alert = Alert(
            BLIND, spot.source, "ticket", alerting.team, "", "", view.as_of, spot.says, "/sources", spot.sources
        )
        yield replace(alert, since=spot.since or since(alert.key, before, view.as_of))


def of_lag(as_of: datetime, now: datetime, alerting: Alerting) -> Iterator[Alert]:
    """An evaluation that is too old to speak of now, for who looks at it from outside: it cannot tell so itself."""
    for spot in () if BLIND in alerting.off else lagging(as_of, now):
        yield Alert(BLIND, spot.source, "ticket", alerting.team, "", "", as_of, spot.says, "/sources")
