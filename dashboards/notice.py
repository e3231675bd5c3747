"""A notice of what has changed: a line a cause, with its figures, who must act, and where it is told in full.

It names tiers, teams and assets, never a person. As data it is what a webhook gets (docs/notifications.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards import format as fmt
from dashboards.digest import when
from dashboards.reading import scope
from dashboards.reading.reader import Ask
from dashboards.wording import alerts, sentences
from slo.alerting.alerts import BLIND, BURNING, FAILING, LATE
from slo.alerting.saying import NAMED
from slo.alerting.words import clock
from slo.budgets.pace import PRESENT

Told = Mapping[str, Any]
Line = dict[str, Any]
MOST = 20
"""Lines of one part; the page has the rest."""
OPENED, WORSE, RESOLVED, BUDGET, STATUS = "opened", "worse", "resolved", "budget", "status"
PARTS = (
    ((OPENED, WORSE), "Opened"), ((RESOLVED,), "Resolved"), ((BUDGET,), "Error budgets"), ((STATUS,), "Verdicts"),
)  # fmt: skip
"""The parts in the order in which they are read: their events, and the heading."""
_OVER = {LATE: "is no longer late", FAILING: "no longer fails", BURNING: "no longer burns", BLIND: "is seen again"}


def opened(alert: Told, slo: Told | None, before: str = "", zone: str = "UTC") -> Line:
    """An alert that is on: its sentence, and how the budget stands that it eats. ``before``: the severity it had;
    ``zone``: the platform's. What burns says so of its budget itself."""
    eaten = _eaten(alert, slo, zone) if slo and alert["alert"] != BURNING and slo["remaining"] is not None else ""
    page = " It is a page now." if before else ""
    text = f"{alert['summary']}{eaten}{page} {alerts.owner(alert['team'], alert['tier'], alert['severity'])}"
    return {
        "event": WORSE if before else OPENED, "key": alert["key"], "mark": alert["severity"], "text": text.strip(),
        "page": alert["page"], **alerts.said(alert),
    }  # fmt: skip


def resolved(alert: Told, until: str, why: str = "") -> Line:
    """An alert that is on no more, as it was remembered. ``why`` nobody watches any longer what it was about: then
    nobody knows whether that is over."""
    lasted = (datetime.fromisoformat(until) - datetime.fromisoformat(alert["since"])).total_seconds()
    over = "sees most sources again" if alert["alert"] == BLIND and alert.get("affected") else _OVER[alert["alert"]]
    said = "is not watched any more" if why else over
    text = f"{alert['title']} {said}, after {fmt.duration(lasted)}{f': {why}' if why else ''}."
    return {
        "event": RESOLVED, "key": alert["key"], "mark": "no data" if why else "met", "why": why,
        "text": f"{text} {alerts.owner(alert['team'], alert['tier'])}".strip(), "page": alert["page"],
        **{name: alert[name] for name in ("alert", "severity", "cause", "team", "tier", "since")}, "until": until,
    }  # fmt: skip


def remembered(alert: Told, slo: Told | None) -> dict[str, Any]:
    """What must be known of an alert to say later that it is over."""
    title = _name(slo) if slo and alert["alert"] == BURNING else alert["cause"]
    names = ("alert", "key", "severity", "cause", "team", "tier", "since", "page", "affected")
    return {**{name: alert[name] for name in names}, "title": title}


def of_budget(slo: Told, was: float | None, now: float | None) -> Line:
    """A budget that has fallen to a mark or risen above one; None: above every mark."""
    left, pace, fallen = slo["remaining"], slo["present_burn"], now is not None and (was is None or now < was)
    more = "" if fallen else " again"
    if now and fallen:
        more = f", less than {fmt.trimmed(100 * now)} %"
    if fallen and pace:
        more += f"; {_burnt(slo)}"
    text = f"{_name(slo)}: {_stands(slo)}{more}. {alerts.owner(slo['team'], '')}"
    return {
        "event": BUDGET, "key": slo["slo"], "mark": "missed" if fallen else "met", "text": text.strip(),
        "page": slo["page"], "slo": slo["slo"], "team": slo["team"], "tier": slo["tier"], "was": was, "now": now,
        "remaining": left, "burn_rate": pace, "runs_out": slo["runs_out"],
    }  # fmt: skip


def of_status(result: Told, was: str, now: str) -> Line:
    """A KPI's verdict that has changed, with its sentence."""
    narrowed, said = scope.of(result), sentences.attention(result)
    return {
        "event": STATUS, "key": result["kpi"], "mark": now, "kpi": result["kpi"], "scope": narrowed,
        "text": f"{result['title']}, {fmt.status(now).word}: {said}. It was {fmt.status(was).word} before.",
        "page": scope.link(f"/kpi/{result['kpi']}", Ask(**narrowed)), "was": was, "now": now,
        "value": result.get("value"), "unit": result.get("unit"),
    }  # fmt: skip


def compose(lines: Iterable[Line], as_of: str, page: str, began: bool = False) -> dict[str, Any]:
    """The notice as data: title, as_of, page (a link), changes (lines, their pages as links). What a budget lost to a
    cause that is told in the same notice is told by that line. ``began``: the first one a receiver gets."""
    found = list(lines)
    eaten = {one["slo"] for one in found if one["event"] in (OPENED, WORSE) and one["slo"]}
    found = [one for one in found if one["event"] != BUDGET or one["slo"] not in eaten]
    changes = [{**one, "page": page + one["page"]} for one in sorted(found, key=_order)]
    return {"title": _began(changes) if began else _title(changes), "as_of": as_of, "changes": changes, "page": page}


def _order(one: Line) -> tuple[bool, str]:
    """Pages first, then by tier; else as the watch has them."""
    return one.get("severity") == "ticket", str(one.get("tier") or "9")


def _title(changes: Sequence[Line]) -> str:
    """2 alerts opened, 1 alert resolved, 1 budget changed."""
    words = ("alert", "opened"), ("alert", "resolved"), ("budget", "changed"), ("verdict", "changed")
    counts = [sum(one["event"] in events for one in changes) for events, _ in PARTS]
    found = [(count, *word) for count, word in zip(counts, words, strict=True) if count]
    return ", ".join(f"{fmt.plural(count, what)} {how}" for count, what, how in found)


def _began(changes: Sequence[Line]) -> str:
    open_ones = f"{fmt.plural(len(changes), 'alert')} open" if changes else "no alert is open"
    return f"Tierline tells of changes here from now on; {open_ones}"


def parts(notice: Told) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(sentence with its mark, link)]); what is too much is counted, with the page's link."""
    found = []
    for events, heading in PARTS:
        own = [one for one in notice["changes"] if one["event"] in events]
        shown = [(f"{_shape(one)} {one['text']}", one["page"]) for one in own[:MOST]]
        if len(own) > MOST:
            shown.append((f"and {fmt.count(len(own) - MOST)} more on the page", notice["page"]))
        if shown:
            found.append((heading, shown))
    return found


def text(notice: Told, zone: str) -> str:
    """The notice as plain text, its first line the title."""
    lines = [notice["title"]]
    for heading, own in parts(notice):
        lines += ["", heading, *(line for said, link in own for line in (f"  {said}", f"    {link}"))]
    return "\n".join([*lines, "", when(notice, zone), notice["page"]])


def _name(slo: Told) -> str:
    """Title, tier, asset; a watch that an older Tierline stored names no asset."""
    about = [f"tier {slo['tier']}" if slo["tier"] else "", slo.get("asset") or ""]
    return ", ".join([slo["title"], *filter(None, about)])


def _stands(slo: Told) -> str:
    left, days = slo["remaining"], slo["period_days"]
    if left < 0:
        return f"the budget of {days} days is overspent by {fmt.percent(-left)}"
    return f"{fmt.percent(left, (0.25, 0.5))} of the budget of {days} days is left"


def _eaten(alert: Told, slo: Told, zone: str) -> str:
    """What is left of it, how fast it goes, when it has gone, what most of it was bad for."""
    pace = "" if slo["present_burn"] is None else f"; {_burnt(slo)}"
    if slo["present_burn"] is not None and slo["runs_out"]:
        pace += f", gone on {clock(datetime.fromisoformat(slo['runs_out']).astimezone(ZoneInfo(zone)))} at that pace"
    found = [f"{one['asset']} ({fmt.percent(one['share'])})" for one in alert["worst"][:NAMED]]
    worst = f" Most of what was bad: {', '.join(found)}." if found and not slo.get("asset") else ""
    return f" {_name(slo)}: {_stands(slo)}{pace}.{worst}"


def _burnt(slo: Told) -> str:
    return f"in the last {PRESENT} days it burnt {fmt.number(slo['present_burn'])} times as fast as allowed"


def _shape(one: Line) -> str:
    return (alerts.look if one["event"] in (OPENED, WORSE) else fmt.status)(one["mark"]).shape
