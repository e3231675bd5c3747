"""How is the platform doing? Open alerts, what needs attention, the matrix of KPI by tier, what is late, budgets and
changes.

With ``?team=`` it is that team's start page. Alerts, attention and matrix come from the ready snapshot, the rest
follows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html

from dashboards import format as fmt
from dashboards.pages import coverage, starting
from dashboards.parts import cards, matrix, morning, nowhere, opened
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import attention, sentences, whose
from dashboards.wording.alerts import UNKNOWN, Alert, many
from slo.alerting.alerts import BLIND
from slo.errors import TierlineError
from slo.evidence.health import UNREAD

PATH, NAV = "/", (0, "Overview")
LOG = logging.getLogger("tierline.dashboard")
Result = Mapping[str, Any]
LEAST = 3
"""So many sentences of what needs attention stand below alerts, however many are open."""
OUTLINES = {"late": 120, "budgets": 320, "changes": 160}
"""Of what is filled in after the page: how high its outline is."""


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    if not snapshot.results:
        return nothing(snapshot)
    if (nobodys := nowhere.owner(snapshot, ask, PATH)) is not None:
        return nobodys
    own = html.Div(_bone(180), id="overview-own") if ask.team else html.Div(id="overview-own")
    now = reader.now()
    told = html.Div(opened.panel(snapshot, ask, now), id="overview-alerts")
    attend = html.Div(_attention(snapshot, ask, now=now), id="overview-attention")
    left = html.Div([told, attend, own, matrix.panel(snapshot, ask)], className="main-column")
    outlines = [html.Div(_bone(height), id=f"overview-{name}") for name, height in OUTLINES.items()]
    right = html.Div([*outlines, morning.sources(snapshot, ask)], className="rail")
    answer = title(snapshot, ask, len(opened.found(snapshot, ask, now) or ()))
    head = html.Div([html.H1(answer), coverage.link(snapshot)], className="answer")
    asked = dcc.Store(id="overview-asked", data={"search": scope.search(ask)})
    return html.Div([head, html.Div([left, right], className="columns overview"), asked])


def _bone(height: int) -> dmc.Skeleton:
    return dmc.Skeleton(height=height, radius=4)


def nothing(snapshot: Snapshot) -> html.Div:
    """The first minute of an installation."""
    return coverage.start(bool(snapshot.sources))


def title(snapshot: Snapshot, ask: Ask, alerts_open: int = 0) -> str:
    """The overview's answer: how many KPIs miss their target in the chosen scope, and how many alerts are open."""
    if not alerts_open:
        return _judged(snapshot, ask)
    return f"{_judged(snapshot, ask)}; {many(alerts_open)}"


def _judged(snapshot: Snapshot, ask: Ask) -> str:
    here = list(scope.find(snapshot, ask.window, scope.wanted(ask)).values())
    judged = [one for one in here if scope.profile_status(one, ask.profile) in ("met", "near", "missed")]
    unsettled = [one for one in here if scope.profile_status(one, ask.profile) == "provisional"]
    missed = [one for one in judged if scope.profile_status(one, ask.profile) == "missed"]
    where = scope.said(ask)
    when = scope.period(ask.window)
    if not here:
        return f"Nothing is evaluated for {where} {when}"
    if not judged and unsettled:
        return f"No KPI of {where} is judged yet {when}: {fmt.plural(len(unsettled), 'verdict')} may still change"
    if not judged and any(scope.is_benchmark(one, ask.profile) for one in here):
        return f"No target of {where} is adopted yet; the published ranges stand beside its figures {when}"
    if not judged:
        return f"No target could be judged for {where} {when}"
    if not missed:
        return f"All {fmt.count(len(judged))} judged KPIs of {where} met their targets {when}"
    return f"{fmt.count(len(missed))} of {fmt.plural(len(judged), 'judged KPI')} of {where} missed their targets {when}"


def _attention(
    snapshot: Snapshot, ask: Ask, reader: Reader | None = None, now: datetime | None = None
) -> html.Section:  # fmt: skip
    """The worst first; with a reader each says whose most of it is."""
    alerts = opened.found(snapshot, ask, now)
    most = max(LEAST, attention.MOST - min(len(alerts or ()), opened.MOST))
    late = [_unread(one, ask) for one in snapshot.sources if one.get("blind") in UNREAD and not _told(one, alerts)]
    rows = [_sentence(one, ask, reader) for one in attention.worst(snapshot, ask)[: most - len(late[:1])]]
    items = [*rows, *late[:1]]
    shown = html.Ol(items, className="attention") if items else _calm(snapshot, ask, alerts)
    notes = ["worst first; whose most of it is, and since when"] if items else []
    notes += [UNKNOWN] if alerts is None else []
    return cards.panel("Needs attention", shown, note=". ".join(notes) or None)


def _told(source: Mapping[str, Any], alerts: Sequence[Alert] | None) -> bool:
    """Whether an alert tells that a source is not read, alone or with others."""
    blind = [one for one in alerts or () if one["alert"] == BLIND]
    return any(source["name"] in (one["cause"], *one["affected"]) for one in blind)


def _calm(snapshot: Snapshot, ask: Ask, alerts: Sequence[Alert] | None) -> html.P:
    """Nothing else is wrong; or nothing was promised yet, and how to begin; or nothing here can be told to be right."""
    here = scope.find(snapshot, ask.window, scope.wanted(ask)).values()
    if not here:
        return html.P("Nothing is evaluated here, so nothing can be told to be right or wrong.", className="calm")
    if ask.profile is None and not any(one.get("standing") != "published" for one in snapshot.results):
        how: list[Any] = [html.Code("tierline adopt"), " adopts a target."]
        return html.P(["Nothing was promised yet, so no target is missed. ", *how], className="calm")
    unsettled = sum(scope.profile_status(one, ask.profile) == "provisional" for one in here)
    still = f"; {fmt.plural(unsettled, 'verdict')} may still change" if unsettled else ""
    calm = f"no target is missed and every source answers{still}."
    if alerts is None:
        return html.P(f"N{calm[1:]}", className="calm")
    return html.P(f"{'Apart from the open alerts' if alerts else 'No alert is open,'} {calm}", className="calm")


def _sentence(one: Result, ask: Ask, reader: Reader | None) -> html.Li:
    own = scope.of(one)
    href = scope.link(f"/kpi/{one['kpi']}", ask, **{key: own.get(key) for key in ("tier", "team", "domain")})
    key, said = scope.profile_status(one, ask.profile), sentences.attention(one, ask.profile)
    link = dcc.Link(sentences.brief(one, ask.profile), href=href, title=said)
    team = whose.team(reader, ask, one) if reader is not None else None
    owner: list[Any] = []
    if team is not None:
        to = scope.link("/", ask, team=team[0], tier=None, domain=None)
        owner = [dcc.Link(cards.name(team[0]), href=to), f" {team[1]}"]
    beside = [html.Span(owner, className="whose"), html.Span(whose.since(one, ask.profile), className="since")]
    return html.Li([cards.badge(key, say=False), link, html.Span(beside, className="note")])


def _unread(source: Mapping[str, Any], ask: Ask) -> html.Li:
    text = f"Source {source['name']} is {source['blind']}: what it tells is provisional"
    return html.Li([cards.badge("provisional", say=False), dcc.Link(text, href=scope.link("/sources", ask))])


def wire(dash: Dash, reader: Reader) -> None:
    """What stands on stories follows the page, each part as soon as it is told."""
    for name in FILLED:
        _fill(dash, reader, name)


def _fill(dash: Dash, reader: Reader, name: str) -> None:
    @dash.callback(Output(f"overview-{name}", "children"), Input("overview-asked", "data"))
    def fill(asked: dict[str, str]) -> Any:
        return filled(reader, name, asked["search"])


def filled(reader: Reader, name: str, search: str) -> Any:
    """A part of the page; one that fails says so in its own place."""
    return _safely(FILLED[name], reader, scope.parse(search))


def _safely(draw: Callable[[Reader, Ask], Any], reader: Reader, ask: Ask) -> Any:
    try:
        return draw(reader, ask)
    except TierlineError as error:
        return cards.trouble(str(error), "The rest of the page is as evaluated.")
    except Exception:
        LOG.exception("drawing a part of the overview %s", scope.search(ask))
        return cards.trouble("This part could not be drawn; the log says why.", "The rest of the page is as evaluated.")


def _owned(reader: Reader, ask: Ask) -> html.Section:
    return _attention(reader.snapshot(), ask, reader, reader.now())


FILLED: dict[str, Callable[[Reader, Ask], Any]] = {
    "attention": _owned, "own": starting.own, "late": morning.late, "budgets": morning.budgets,
    "changes": morning.changes,
}  # fmt: skip
