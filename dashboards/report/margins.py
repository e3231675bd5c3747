"""What stands at the report's margins: restatements, what was left out by agreement, coverage, definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards import format as fmt
from dashboards.report import figures
from dashboards.report.incidents import hidden as hidden_incidents
from dashboards.report.shape import (
    Agreement,
    Coverage,
    Covered,
    Definition,
    Excluded,
    Restated,
    Restricted,
    Said,
    Target,
    Term,
)  # fmt: skip
from dashboards.report.told import Told
from dashboards.wording import benchmarks, words
from slo.evidence.coverage import MEASURED, line
from slo.shelf import shelf
from slo.windows import parse_window

Result = Mapping[str, Any]
READING = (
    "A promise is a target that somebody adopted, or one of the profile that was asked for. Measured: it has a "
    "verdict. Met at the minimum: its floor is kept, its stretch is not.",
    "As consumers felt it: what was left out for somebody else's fault is put back. Ours alone: what others answer for "
    "is left out. What is no share of good and bad reads the same every way.",
    "No data is neither 0 % nor 100 %: what could not be observed is left out of the value, and “observed” says how "
    "much was. n is what the value stands on; an interval is the 95 % Wilson interval.",
    "An arrow stands only at a change that is more than noise. In a chart the dashed line is the target in force, a "
    "lighter stretch is provisional, a ring is a figure that was restated since it was reported, a gap has no value.",
    "Drivers: mix is what changed weights did, rate what changed values did; the lines add up to the change.",
)


def news(told: Told) -> list[Mapping[str, Any]]:
    """The restatements that moved since the report before, of this copy's KPIs."""
    own = [one for one in told.restatements if one["kpi"] not in told.hidden]
    return [one for one in own if told.last is None or datetime.fromisoformat(str(one["seen"])) >= told.last]


def restated(moved: Iterable[Mapping[str, Any]], as_of: datetime, zone: ZoneInfo) -> list[Restated]:
    """Reported figures that differ now, as slo/stories/ledger.py tells them."""
    return [_restated(one, as_of, zone) for one in moved]


def _restated(one: Mapping[str, Any], as_of: datetime, zone: ZoneInfo) -> Restated:
    kpi = shelf().get(one["kpi"])
    like = {"kpi": one["kpi"], "unit": one["unit"], "measure": kpi.measure.title() if kpi else "", "targets": []}
    was, now = one["reported"]["value"], one["now"]["value"]
    period = figures.title(parse_window(one["period"], as_of, zone))
    difference = fmt.change({**like, "value": now}, was)
    return Restated(
        one["period"], period, one["kpi"], one["title"], words.subject(one["scope"]), figures.of(like, was),
        figures.of(like, now), difference, [cause["text"] for cause in one["causes"]],
    )  # fmt: skip


def excluded(told: Told) -> list[Excluded]:
    """By reason: who agreed to what, and what it took from which KPI."""
    known = {one["kpi"]: one for one in told.gathered["results"]}
    return [
        Excluded(
            one["reason"],
            [_agreement(told, agreed) for agreed in one["agreements"]],
            [_amount(known[part["kpi"]], part) for part in one["amounts"] if part["kpi"] not in told.hidden],
        )
        for one in told.gathered["agreed"]
    ]


def _agreement(told: Told, one: Mapping[str, Any]) -> Agreement:
    """snowflake://shop/*, 2 to 3 November 2026, agreed by data platform (SNOW-1)."""
    start, end = (one[edge].astimezone(told.zone) for edge in ("start", "end"))
    limits = [one["assets"], one["team"] and f"team {one['team']}", one["tier"] is not None and f"tier {one['tier']}"]
    what = ", ".join(str(limit) for limit in limits if limit) or "everything"
    what += f" (only {', '.join(one['kpis'])})" if one["kpis"] else ""
    who = f", agreed by {one['by']}" if one["by"] else f", told by {one['source']}"
    ref = f" ({one['ref']})" if one["ref"] else ""
    text = f"{what}: {fmt.moment(start)} to {fmt.moment(end)}{who}{ref}"
    return Agreement(what, start.isoformat(), end.isoformat(), one["by"] or "", one["ref"] or "", text)


def _amount(result: Result, part: Mapping[str, Any]) -> Term:
    """Pipeline success rate: 23 left out (0.155 %)."""
    say = fmt.duration if fmt.in_seconds(result) else fmt.count
    return Term(result["title"], f"{say(part['n'])} left out ({fmt.percent(part['share'])})", part["share"])


def disputed(told: Told) -> list[Said]:
    """Mean time to restore: INC-7 was closed at noon; by domain orders, since 3 November 2026."""
    known = {one["kpi"]: one["title"] for one in told.every}
    mine = [one for one in told.disputes if one["kpi"] in known]
    return [Said(f"{known[one['kpi']]}: {one['text']}", _disputing(told, one)) for one in mine]


def _disputing(told: Told, one: Mapping[str, Any]) -> str:
    who = f"domain {one['domain']}" if one["domain"] else one["by"] or "nobody named"
    since = datetime.fromisoformat(str(one["opened_at"])).astimezone(told.zone)
    return f"disputed by {who} since {fmt.day(since.date(), full=True)}"


def coverage(told: Told) -> Coverage:
    """How many KPIs are measured; of the others what would measure them."""
    open_ones = [one for one in told.coverage if one["state"] != MEASURED]
    rows = [Covered(one["kpi"], one["title"], one["state"], one["why"]) for one in open_ones]
    return Coverage(f"Of the KPIs, {line(told.coverage)}." if told.coverage else "", rows)


def restricted(told: Told) -> Restricted:
    """How many lines are not in this copy."""
    kpis = sum(one["kpi"] in told.hidden and one["status"] != "not set up" for one in told.gathered["results"])
    incidents = hidden_incidents(told)
    parts = [fmt.plural(kpis, "KPI")] if kpis else []
    parts += [fmt.plural(incidents, "security incident")] if incidents else []
    if told.with_restricted:
        text = "This copy holds restricted lines (findings, unprotected datasets): hand it only to who may see them."
    elif parts:
        text = f"Restricted lines are left out of this copy and of its counts: {' and '.join(parts)}."
    else:
        text = ""
    return Restricted(told.with_restricted, kpis + incidents, text)


def definitions(told: Told) -> list[Definition]:
    """By what every KPI of this copy was counted and judged."""
    return [_definition(told, one) for one in told.own]


def _definition(told: Told, result: Result) -> Definition:
    kpi, known = result["kpi"], told.catalogue.get(result["kpi"], {})
    versions = told.gathered["versions"][kpi]
    return Definition(
        kpi, result["title"], versions["definition"]["version"], result["definition"], known.get("formula", ""),
        known.get("not_counted", ""), _targets(versions["targets"]),
    )  # fmt: skip


def _targets(versions: Sequence[Mapping[str, Any]]) -> list[Target]:
    named = ("text", "profile", "row", "adopted", "adopted_by", "valid_from")
    return [Target(**{name: one[name] for name in named}, said=_said(one)) for one in versions]


def _said(one: Mapping[str, Any]) -> str:
    """Target (lead platform, row 2), adopted by data platform, since 1 January 2025: >= 99.5 %."""
    kind = "Target" if one["adopted"] else "Published"
    since = f", version of {fmt.day(date.fromisoformat(one['valid_from']), full=True)}" if one["valid_from"] else ""
    who = f", {benchmarks.adopted(one)}" if one["adopted"] else ""
    return f"{kind} ({words.profile(one['profile'])}, row {one['row']}{since}{who}): {one['text']}"
