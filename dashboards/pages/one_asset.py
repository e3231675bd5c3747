"""One asset's whole story: what was promised and kept, what happened, what it is and who says so, what is around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages import asset_parts, naming
from dashboards.parts import awaited, cards, promised_of
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from slo.stories.asset import asset as story
from slo.stories.late import late

Told = Mapping[str, Any]
KPIS = {
    "pipeline_success_rate": "runs that succeeded", "dataset_sla_attainment": "deliveries on time",
    "freshness_slo_attainment": "time with fresh data",
}  # fmt: skip


def render(reader: Reader, ask: Ask, name: str, page: int = 0) -> html.Div:
    """The story of an asset, or the names that resemble one that nobody told of."""
    told = reader.tell(story, replace(ask, asset=name, tier=None, team=None, domain=None), page=page)
    if told["asset"] is None:
        return _unknown(told, ask)
    snapshot = reader.snapshot()
    zone = ZoneInfo(snapshot.timezone)
    line = {**told, **told["promise"], **told["standing"]}
    own = replace(ask, asset=told["asset"], tier=None, team=None, domain=None)
    left = [_promise(line, snapshot, ask), asset_parts.gaps(told)]
    right = [_now(reader, told, own, ask, zone), asset_parts.around(told, ask)]
    parts = [
        html.H1(title(line, ask)), _which(told, ask),
        html.Div([_column(left), _column(right)], className="beside"),
        asset_parts.runs(told, ask, zone), asset_parts.updates(told, ask, zone),
        asset_parts.incidents(told, ask, zone), asset_parts.checks(told, ask, zone), asset_parts.fields(told, zone),
    ]  # fmt: skip
    return html.Div([part for part in parts if part is not None], className="narrow asset-story")


def _column(found: Sequence[Any]) -> html.Div:
    return html.Div([one for one in found if one is not None], className="stack")


def title(line: Told, ask: Ask) -> str:
    """orders was late on 3 of 20 deliveries in the last 28 days; promised: by 07:00 on business days, 95 %."""
    name, when = naming.shortened(awaited.short(line["asset"])), scope.period(ask.window)
    if not line["exists"]:
        return f"{name} is no longer there"
    if line["kpi"] is None:
        return f"{name}: nothing was promised of it"
    if line["value"] is None:
        return f"{name}: of what was promised nothing could be judged {when}"
    whole = fmt.percent(line["value"], [line["objective"]] if line["objective"] is not None else [])
    if line["kpi"] == "freshness_slo_attainment":
        return f"{name} had fresh data {whole} of the time {when}"
    noun, verb = ("runs", "succeeded") if line["kpi"] == "pipeline_success_rate" else ("deliveries", "were on time")
    total = line["good"] + line["bad"]
    if not line["bad"]:
        return f"{name}: all {fmt.count(total)} {noun} {verb} {when}"
    return f"{name}: {fmt.count(line['good'])} of {fmt.count(total)} {noun} {verb} {when}"


def _which(told: Told, ask: Ask) -> html.Div:
    """The whole name, what it is and whose, and the ways from here."""
    own = [told["kind"] or "kind not told", "not tiered" if told["tier"] is None else f"tier {told['tier']}",
           told["team"] or "no team", told["domain"] or "no domain"]  # fmt: skip
    if told["environment"] not in (None, "prod", "production"):
        own.append(f"{told['environment']}: counted in no number")
    calendar = dcc.Link("its days", href=scope.link(f"/calendar/{quote(told['asset'], safe='')}", ask, asset=None))
    incidents = dcc.Link(
        "its incidents", href=scope.link("/incidents", ask, asset=told["asset"], tier=None, team=None, domain=None)
    )
    out = [naming.out(url, None) for url in told["links"]]
    formerly = f"formerly {', '.join(told['formerly'])}" if told["formerly"] else ""
    ways = [part for way in (calendar, incidents, *filter(None, out)) for part in (way, " · ")][:-1]
    return html.Div(
        [
            html.P([html.Code(cards.name(told["asset"]))], className="whole-name"),
            html.P([cards.name(" · ".join(own)), f" · {formerly}" if formerly else ""], className="note"),
            html.P(ways, className="ways"),
        ],
        className="which",
    )


def _unknown(told: Told, ask: Ask) -> html.Div:
    near = [html.Li(naming.asset(name, ask)) for name in told["near"]]
    steps: list[Any] = [html.Div([html.P("Names like it:"), html.Ul(near)])] if near else []
    search = dcc.Link("Search all assets", href=scope.link("/assets", ask, asset=None))
    return html.Div(
        [
            html.H1("No source tells of such an asset"),
            cards.empty("Nobody told of this name:", html.Code(cards.name(told["asked"][:300])), *steps, search),
        ],
        className="narrow",
    )


def _promise(line: Told, snapshot: Snapshot, ask: Ask) -> html.Section:
    """What was promised, since when and by whose word, who agreed, and how it went."""
    if line["rule"] is None:
        return cards.panel("What was promised", _nothing_promised())
    link = dcc.Link(
        KPIS[line["kpi"]],
        href=scope.link(f"/kpi/{line['kpi']}", ask, asset=line["asset"], tier=None, team=None, domain=None),
    )
    since = "always" if line["since"] is None else fmt.day(line["since"].astimezone(ZoneInfo(snapshot.timezone)).date())
    agreed = promised_of.agreed(line, snapshot, promised_of.adopted_targets(snapshot, ask))
    own = "" if "schedule" in line["rule"] else "its own" if line["own"] else "the platform's default"
    pairs = [
        ("promised", promised_of.objective(line)), ("told by", f"{line['by']}, since {since}"), ("objective", own),
        ("agreed by", html.Div([html.Div(text) for text in agreed])),
        ("kept", [promised_of.kept(line), " ", link]), (scope.period(ask.window), promised_of.how_often(line)),
    ]  # fmt: skip
    return cards.panel("What was promised", asset_parts.pairs(pairs))


def _nothing_promised() -> html.Div:
    how = ["Give it one: ", html.Code("freshness"), " or ", html.Code("schedule"), " in tierline.yaml, or a line of ",
           html.Code("tierline assets apply"), "."]  # fmt: skip
    return cards.empty("No deadline, no maximum age, no schedule is told of it.", how)


def _now(reader: Reader, told: Told, own: Ask, ask: Ask, zone: ZoneInfo) -> html.Section:
    """Where it stands: last there, today's delivery, the last failure and where that began."""
    now = told["as_of"]
    due = next(iter(reader.tell(late, replace(own, window=scope.DEFAULT_WINDOW))["lines"]), None)
    pairs: list[tuple[str, Any]] = [
        ("last there", cards.stamp(told["last"], zone, now) if told["last"] else "never seen")
    ]
    if due is not None:
        pairs.append(("next", [awaited.verdict(due["verdict"]), f" {_due(due, zone, now)}"]))
        pairs += (
            [("because", html.Div([html.Div(awaited.why(one, zone, now)) for one in due["why"]]))] if due["why"] else []
        )
    last = told["last_late"]
    never = f"not {scope.period(own.window)}"
    pairs.append(("last late or failed", last_time(last, ask, zone, now) if last else never))
    return cards.panel("Where it stands", asset_parts.pairs(pairs))


def _due(line: Told, zone: ZoneInfo, now: datetime) -> str:
    said = f"due {awaited.clock(line['deadline'], zone, now)}"
    if line["expected"] is not None and line["verdict"] != "already late":
        said += f", expected {awaited.clock(line['expected'], zone, now)}"
    first = line["waits_for"]
    if first is None or first["asset"] == line["asset"]:
        return said
    return f"{said}; waits for {awaited.short(first['asset'])}, which {awaited.state(first, zone, now)}"


def last_time(last: Told, ask: Ask, zone: ZoneInfo, now: datetime) -> Sequence[Any]:
    """6 Nov 19:20 failed; began with load, failed 18:02."""
    said: list[Any] = [
        f"{awaited.clock(last['at'], zone, now)} {last['what'] or 'failed'}",
        naming.out(last["url"], None),
    ]
    cause = last["cause"]
    if cause is None:
        return [*said, "; nothing upstream had failed"]
    at = awaited.clock(datetime.fromisoformat(cause["at"]), zone, now)
    began = naming.briefly([cause["asset"]], ask)
    return [*said, "; it began with ", began, f" ({cause['what']} {at}, answered for by the {cause['responsible']})"]
