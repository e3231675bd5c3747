"""Can the numbers be trusted? Every source with its last pass, what rests on it, and what it could not take in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages import coverage, one_source
from dashboards.parts import cards
from dashboards.parts.sources import mark
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import sources, words
from slo.stories.resting import resting

PATH, NAV = "/sources", (80, "Sources")


def _title(snapshot: Snapshot) -> str:
    bad = [one["name"] for one in snapshot.sources if sources.state(one) != "ok"]
    if not snapshot.sources:
        return "No source is connected yet"
    if not bad:
        return f"All {len(snapshot.sources)} sources answer and are up to date"
    verb = "needs" if len(bad) == 1 else "need"
    return f"{len(bad)} of {len(snapshot.sources)} sources {verb} a look: {', '.join(bad[:4])}"


def _row(
    source: Mapping[str, Any], rest: Mapping[str, Any], zone: ZoneInfo, now: datetime | None, in_all: bool, ask: Ask
) -> list[tuple[str, Any, bool]]:
    """Heading, cell, and whether it is a figure."""
    took, health = source.get("duration"), source.get("health")
    link = dcc.Link(source["name"], href=scope.link(f"/sources/{quote(source['name'], safe='')}", ask))
    return [
        ("state", mark(source), False),
        ("source", html.Div([link, html.Div(source.get("type") or "", className="note")], className="named"), False),
        ("budget left", _left(health), False),
        ("last success", _last(source, zone, now), False),
        ("newest it told", _newest(rest, zone, now, health), False),
        ("complete", _complete(health), False),
        ("rests on it", _rests(rest), False),
        ("facts, last pass", fmt.count(source.get("facts") or 0), True),
        *([("in all", fmt.count(source.get("stored") or 0), True)] if in_all else []),
        ("set aside", fmt.count(source.get("set_aside") or 0), True),
        ("failed, last day", sources.failed(health) if health else fmt.count(source.get("errors") or 0), True),
        ("took", fmt.duration(took) if took is not None else fmt.NOTHING, True),
        ("what it said", source.get("error") or "", False),
    ]


def _last(source: Mapping[str, Any], zone: ZoneInfo, now: datetime | None) -> html.Div:
    return html.Div([cards.stamp(source.get("last_success"), zone, now), html.Div(_ago(source, now), className="note")])


def _left(health: sources.Health | None) -> Any:
    """What is left of the budget that is emptiest, and whose it is."""
    name = sources.emptiest(health)
    if name is None or health is None:
        return fmt.NOTHING
    kept = health["objectives"][name]
    look = "over" if kept["remaining"] < 0 else ""
    return html.Div(
        [html.Span(sources.left(kept), className=look), html.Div(sources.OBJECTIVES[name], className="note")]
    )


def _complete(health: sources.Health | None) -> Any:
    if not health or not health["told"]:
        return html.Span(sources.NOT_TOLD, className="faint")
    return html.Div([sources.complete(health), html.Div(sources.counted(health), className="note")])


def _newest(rest: Mapping[str, Any], zone: ZoneInfo, now: datetime | None, health: sources.Health | None) -> Any:
    """When the newest of what it told happened; of a register that it tells what is."""
    newest = rest.get("newest")
    if newest is not None:
        usual = sources.usual(health) if health else ""
        notes = [html.Div(said, className="note") for said in (_lag(newest, now), usual) if said]
        return html.Div([cards.stamp(newest, zone, now), *notes])
    if not rest:
        return fmt.NOTHING
    return html.Span("nothing in 28 days" if rest["dated"] else "tells what is", className="faint")


def _ago(source: Mapping[str, Any], now: datetime | None) -> str:
    said = sources.age(source, now)
    return "" if said == fmt.NOTHING else f"{said} ago"


def _lag(newest: datetime, now: datetime | None) -> str:
    """How far what it told lies behind the numbers."""
    seconds = 0 if now is None else (now - newest).total_seconds()
    return "up to date" if seconds < 60 else f"{fmt.minutes(seconds)} behind"


def _rests(rest: Mapping[str, Any]) -> Any:
    """How many KPIs rest on it, each by name where one asks; those that it holds back first."""
    kpis, held = rest.get("kpis") or (), rest.get("held") or ()
    if not kpis:
        return html.Span("none", className="faint")
    links = [html.Div(dcc.Link(title, href=f"/kpi/{kpi}")) for kpi, title in kpis]
    named = html.Details([html.Summary(fmt.plural(len(kpis), "KPI")), *links])
    if not held:
        return named
    said = f"{fmt.plural(len(held), 'KPI')} cannot be met until it is read whole"
    return html.Div([html.Div(said, className="held", title=", ".join(title for _, title in held)), named])


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    zone = ZoneInfo(snapshot.timezone)
    found = next((one for one in snapshot.sources if one["name"] == rest), None)
    if found is not None:
        return one_source.render(reader, ask, rest)
    if rest and snapshot.sources:
        return _nowhere(rest, ask)
    if not snapshot.sources:
        body: list[Any] = [coverage.start(connected=False)]
    else:
        order = sorted(snapshot.sources, key=lambda one: (sources.state(one) == "ok", one["name"]))
        in_all = any(one.get("stored") is not None for one in order)
        on_it = reader.tell(resting, Ask()) if snapshot.as_of else {}
        rows = [_row(one, on_it.get(one["name"], {}), zone, snapshot.as_of, in_all, ask) for one in order]
        heads = [head for head, _, _ in rows[0]]
        figures = [place for place, (_, _, figure) in enumerate(rows[0]) if figure]
        cells = [[cell for _, cell, _ in row] for row in rows]
        body = [
            cards.panel("Sources", cards.table(heads, cells, right=figures, caption="sources"), className="flush"),
            *_receivers(snapshot, zone),
            _set_asides(reader, zone, snapshot),
        ]
    return html.Div([html.H1(_title(snapshot)), *body], className="narrow")


def _nowhere(name: str, ask: Ask) -> html.Div:
    nothing = cards.empty("No source has this name.", dcc.Link("Every source", href=scope.link("/sources", ask)))
    return html.Div([html.H1(cards.name(name)), nothing], className="narrow")


def _receivers(snapshot: Snapshot, zone: ZoneInfo) -> list[html.Section]:
    """Where messages go, and whether the last one arrived."""
    if not snapshot.receivers:
        return []
    rows = [
        [one["name"], one["title"], _sent(one), one["at"] and _when(one["at"], zone, snapshot), one["error"]]
        for one in snapshot.receivers
    ]
    table = cards.table(("message", "to", "state", "when", "what it said"), rows, caption="messages")
    return [cards.panel("Messages", table, className="flush")]


def _sent(one: Mapping[str, Any]) -> html.Span:
    key, shape = ("met", "●") if one["ok"] else ("failing", "✕")
    shown = html.Span(shape, className="shape", **words.aria(hidden="true"))
    return html.Span([shown, html.Span(one["state"], className="word")], className=f"status s-{key}")


def _set_asides(reader: Reader, zone: ZoneInfo, snapshot: Snapshot) -> html.Section:
    """Records that could not be taken, so that nothing is lost in silence."""
    found = reader.set_asides()
    if not found:
        return cards.panel("Set aside", html.P("Every record that was read could be taken.", className="calm"))
    rows = [
        [
            one.get("source"),
            _when(one.get("at"), zone, snapshot),
            one.get("place"),
            one.get("error"),
            html.Code(str(one.get("record"))[:160]),
        ]
        for one in found
    ]
    return cards.panel(
        "Set aside",
        cards.table(("source", "when", "place", "why", "record"), rows, caption="set aside"),
        className="flush",
        note="newest first; the rest of the pass went in",
    )


def _when(at: Any, zone: ZoneInfo, snapshot: Snapshot) -> Any:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return cards.stamp(moment, zone, snapshot.as_of)
