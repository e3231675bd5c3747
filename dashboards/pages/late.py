"""What will be late today, and what does it wait for? Deliveries of tier 0 and 1 due within a day, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import awaited, cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from slo.stories.late import late

PATH, NAV = "/late", (10, "Will be late")
Line = Mapping[str, Any]
MOST = 50
FEW = 10
"""With fewer alarms what is on its way stands open."""


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    told = reader.tell(late, ask)
    zone, now = ZoneInfo(snapshot.timezone), told["as_of"]
    of = {key: [line for line in told["lines"] if line["verdict"] == key] for key in told["counts"]}
    alarms = [line for key in awaited.ALARMS for line in of[key]]
    body = [
        _alarms(alarms, ask, zone, now) if told["due"] else _nothing(ask),
        _untold(of["cannot be told"], ask, zone, now),
        _unwatched(told["unwatched"], ask),
        _on_its_way(of["on its way"], ask, zone, now, unfolded=len(alarms) < FEW),
    ]
    return html.Div([html.H1(title(told, ask, zone)), *filter(None, body)], className="narrow late")


def title(told: Mapping[str, Any], ask: Ask, zone: ZoneInfo) -> str:
    """Deliveries of tier 0 and 1: 2 are, 1 will be late; 89 of 92 due by 22 Nov 09:12 are there or on their way."""
    counts, whose = told["counts"], whom(ask)
    if not told["due"]:
        return f"Nothing of {whose} is due within 24 hours"
    bad = [("already late", "is", "are"), ("will be late", "will be", "will be"), ("may be late", "may be", "may be")]
    said = [f"{fmt.count(n)} {one if n == 1 else many}" for key, one, many in bad if (n := counts[key])]
    until = fmt.moment(told["until"].astimezone(zone))
    rest = f"{fmt.count(counts['on its way'] + told['there'])} of {fmt.count(told['due'])}"
    untold = f"; of {fmt.count(counts['cannot be told'])} it cannot be told" if counts["cannot be told"] else ""
    if not said:
        sure = "" if untold else "Nothing will be late: "
        return f"{sure}{rest} deliveries of {whose} due by {until} are there or on their way{untold}"
    return f"Deliveries of {whose}: {', '.join(said)} late; {rest} due by {until} are there or on their way{untold}"


def whom(ask: Ask) -> str:
    """tier 0 and 1, team finance."""
    tier = "tier 0 and 1" if ask.tier is None else f"tier {ask.tier}"
    own = [f"{key} {value}" for key in ("team", "domain", "asset") if (value := getattr(ask, key)) is not None]
    return ", ".join([tier, *own])


def _nothing(ask: Ask) -> html.Div:
    return cards.empty(
        f"No delivery of {whom(ask)} is expected within 24 hours.",
        [
            "A dataset is expected once it has a deadline or a maximum age (",
            html.Code("freshness"),
            " in tierline.yaml or in a sheet for ",
            html.Code("tierline assets apply"),
            "), a pipeline once its schedule is known; both need tier 0 or 1.",
        ],
        dcc.Link("See which assets have no objective", href=scope.link("/coverage", ask)),
    )


def _alarms(lines: Sequence[Line], ask: Ask, zone: ZoneInfo, now: datetime) -> html.Section:
    if not lines:
        return cards.panel(
            "Late, or about to be", html.P("Nothing that is due within 24 hours is in danger.", className="calm")
        )
    heads = ("verdict", "delivery", "due", "expected", "slack", "waits for", "what would help")
    rows = [
        [awaited.verdict(line["verdict"]), name(line, ask), due(line, zone, now), _expected(line, zone, now),
         _slack(line), _waits(line, ask, zone, now), _help(line, zone, now)]
        for line in lines[:MOST]
    ]  # fmt: skip
    note = _note(lines, "expected: every step at its median; then if each takes its 90th percentile")
    table = cards.table(heads, rows, right=(4,), caption="late, or about to be")
    return cards.panel("Late, or about to be", table, className="flush", note=note, take="will-be-late")


def _note(lines: Sequence[Line], text: str) -> str:
    return f"{fmt.count(MOST)} of {fmt.count(len(lines))} shown; {text}" if len(lines) > MOST else text


def name(line: Line, ask: Ask) -> html.Div:
    """The asset with its tier, team and domain."""
    own = [f"tier {line['tier']}" if line["tier"] is not None else "", line["team"] or "", line["domain"] or ""]
    link = dcc.Link(
        cards.name(awaited.short(line["asset"])), href=awaited.asset_link(line["asset"], ask), title=line["asset"]
    )
    return html.Div([link, html.Div(" · ".join(dict.fromkeys(filter(None, own))), className="note")], className="named")


def due(line: Line, zone: ZoneInfo, now: datetime) -> html.Div:
    """The deadline, and the rule that sets it."""
    return html.Div([cards.stamp(line["deadline"], zone, now), html.Div(awaited.rule(line), className="note")])


def _expected(line: Line, zone: ZoneInfo, now: datetime) -> Any:
    if line["expected"] is None:
        return html.Span("not known", className="faint")
    worst = f"{awaited.clock(line['late_case'], zone, now)} at P90"
    return html.Div([cards.stamp(line["expected"], zone, now), html.Div(worst, className="note")])


def _slack(line: Line) -> html.Td:
    if line["slack"] is None:
        return html.Td(fmt.NOTHING)
    return cards.figure_cell(fmt.minutes(line["slack"]), line["slack"])


def _waits(line: Line, ask: Ask, zone: ZoneInfo, now: datetime) -> Any:
    """The first thing that has still to happen with its state, and what comes after it."""
    first, *then = line["steps"] or [None]
    if first is None:
        return html.Span("its own start", className="faint")
    link: Any = dcc.Link(
        cards.name(awaited.short(first["asset"])), href=awaited.asset_link(first["asset"], ask), title=first["asset"]
    )
    if first["asset"] == line["asset"]:
        link = "itself:"
    said = [link, f" {awaited.state(first, zone, now)}"]
    if first["url"]:
        said += [" · ", html.A("its run", href=first["url"])]
    after = f"then {', '.join(awaited.short(step['asset']) for step in then)}" if then else ""
    notes = [html.Div(text, className="note") for text in (awaited.usual(first), after) if text]
    return html.Div([html.Div(said), *notes])


def _help(line: Line, zone: ZoneInfo, now: datetime) -> html.Div:
    reasons = [html.Div(awaited.why(one, zone, now)) for one in line["why"]]
    if line["restart_by"] is not None:
        by = awaited.clock(line["restart_by"], zone, now)
        reasons.insert(0, html.Div(f"started again by {by} it is there in time"))
    elif line["verdict"] == "already late" and len(line["steps"]) == 1 and line["steps"][0]["p50"] is not None:
        first = line["steps"][0]
        if first["state"] in ("failed", "skipped", "not started"):
            there = awaited.clock(now + timedelta(seconds=first["p50"]), zone, now)
            reasons.insert(0, html.Div(f"started by hand now it usually is there by {there}"))
    return html.Div(reasons)


def _untold(lines: Sequence[Line], ask: Ask, zone: ZoneInfo, now: datetime) -> html.Section | None:
    if not lines:
        return None
    rows = [
        [name(line, ask), due(line, zone, now),
         html.Div([html.Div(awaited.why(one, zone, now)) for one in line["why"]])]
        for line in lines[:MOST]
    ]  # fmt: skip
    table = cards.table(("delivery", "due", "why"), rows, caption="cannot be told")
    note = _note(lines, "no alarm is raised from what nobody watched")
    return cards.panel("Cannot be told", table, className="flush", note=note, take="cannot-be-told")


def _unwatched(names: Sequence[str], ask: Ask) -> html.Section | None:
    """What feeds a delivery and of which nothing is ever told: it is taken to be there."""
    if not names:
        return None
    links = [dcc.Link(cards.name(awaited.short(one)), href=awaited.asset_link(one, ask), title=one) for one in names]
    listed: list[Any] = [part for link in links[:MOST] for part in (", ", link)][1:]
    more = f" and {fmt.count(len(names) - MOST)} more" if len(names) > MOST else ""
    said = "No update of these was ever told, so what they feed is reckoned without them: "
    many = fmt.plural(len(names), "dataset feeds", "datasets feed")
    return cards.panel(f"{many} deliveries unwatched", html.P([said, *listed, f"{more}."], className="calm"))


def _on_its_way(lines: Sequence[Line], ask: Ask, zone: ZoneInfo, now: datetime, unfolded: bool) -> html.Details | None:
    """What needs no look, folded away where much else does."""
    if not lines:
        return None
    rows = [
        [name(line, ask), due(line, zone, now), _expected(line, zone, now), _slack(line), _waits(line, ask, zone, now)]
        for line in lines[:MOST]
    ]
    table = cards.table(("delivery", "due", "expected", "slack", "waits for"), rows, right=(3,), caption="on its way")
    note = _note(lines, "the earliest deadline first")
    panel = cards.panel("On its way", table, className="flush", note=note, take="on-its-way")
    said = html.Summary(f"{fmt.plural(len(lines), 'delivery', 'deliveries')} on the way")
    return html.Details([said, panel], className="unfolding", open=unfolded)
