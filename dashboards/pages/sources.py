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
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import sources, words
from slo.stories.resting import resting

PATH, NAV = "/sources", (80, "Sources")


def state(source: Mapping[str, Any]) -> str:
    """A source's state in a word."""
    if source.get("last_attempt") is None and source.get("last_success") is None:
        return "not read yet"
    if not source.get("ok", True):
        return "failing"
    if source.get("stale"):
        return "stale"
    health = source.get("health") or {"complete": True, "far_behind": False}
    return "incomplete" if not health["complete"] else "behind" if health["far_behind"] else "ok"


def counts(snapshot: Snapshot) -> str:
    """The header's line: 14 ok, 1 stale."""
    states = [state(source) for source in snapshot.sources]
    order = [word for word in _SHAPES if word in states]
    return ", ".join(f"{states.count(word)} {word}" for word in order) or "none connected"


def age(source: Mapping[str, Any], now: datetime | None) -> str:
    last = source.get("last_success")
    if last is None or now is None:
        return fmt.NOTHING
    seconds = max((now - last).total_seconds(), 0) // 60 * 60
    return fmt.duration(seconds) if seconds else "< 1 min"


def _title(snapshot: Snapshot) -> str:
    bad = [one["name"] for one in snapshot.sources if state(one) != "ok"]
    if not snapshot.sources:
        return "No source is connected yet"
    if not bad:
        return f"All {len(snapshot.sources)} sources answer and are up to date"
    verb = "needs" if len(bad) == 1 else "need"
    return f"{len(bad)} of {len(snapshot.sources)} sources {verb} a look: {', '.join(bad[:4])}"


_SHAPES = {
    "ok": ("●", "met"), "stale": ("◇", "provisional"), "incomplete": ("◇", "provisional"),
    "behind": ("◇", "provisional"), "failing": ("✕", "failing"), "not read yet": ("○", "nodata"),
}  # fmt: skip
"""State -> its shape and its look, in the order in which they are counted."""


def mark(source: Mapping[str, Any], say: bool = True) -> html.Span:
    """A source's state as shape, word and colour; the word may be for a screen reader alone."""
    word = state(source)
    shape, look = _SHAPES[word]
    return html.Span(
        [
            html.Span(shape, className="shape", **words.aria(hidden="true")),
            html.Span(word, className="word" if say else "unseen"),
        ],
        className=f"status s-{look}",
    )


def _row(
    source: Mapping[str, Any], rest: Mapping[str, Any], zone: ZoneInfo, now: datetime | None, in_all: bool, ask: Ask
) -> list[Any]:
    took, health = source.get("duration"), source.get("health")
    link = dcc.Link(source["name"], href=scope.link(f"/sources/{quote(source['name'], safe='')}", ask))
    return [
        mark(source),
        html.Div([link, html.Div(source.get("type") or "", className="note")], className="named"),
        html.Div([cards.stamp(source.get("last_success"), zone, now), html.Div(_ago(source, now), className="note")]),
        _newest(rest, zone, now, health),
        _left(health),
        _complete(health),
        _rests(rest),
        fmt.count(source.get("facts") or 0),
        *([fmt.count(source.get("stored") or 0)] if in_all else []),
        fmt.count(source.get("set_aside") or 0),
        sources.failed(health) if health else fmt.count(source.get("errors") or 0),
        fmt.duration(took) if took is not None else fmt.NOTHING,
        source.get("error") or "",
    ]


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
    said = age(source, now)
    return "" if said == fmt.NOTHING else f"{said} ago"


def _lag(newest: datetime, now: datetime | None) -> str:
    """How far what it told lies behind the numbers."""
    seconds = 0 if now is None else max((now - newest).total_seconds(), 0) // 60 * 60
    return f"{fmt.duration(seconds)} behind" if seconds else "up to date"


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


_HEADS = (
    "state",
    "source",
    "last success",
    "newest it told",
    "budget left",
    "complete",
    "rests on it",
    "facts, last pass",
    "set aside",
    "failed, last day",
    "took",
    "what it said",
)


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    zone = ZoneInfo(snapshot.timezone)
    found = next((one for one in snapshot.sources if one["name"] == rest), None)
    if found is not None:
        return one_source.render(reader, ask, rest, state(found))
    if not snapshot.sources:
        body: list[Any] = [coverage.start(connected=False)]
    else:
        order = sorted(snapshot.sources, key=lambda one: (state(one) == "ok", one["name"]))
        in_all = any(one.get("stored") is not None for one in order)
        on_it = reader.tell(resting, Ask()) if snapshot.as_of else {}
        rows = [_row(one, on_it.get(one["name"], {}), zone, snapshot.as_of, in_all, ask) for one in order]
        heads = (*_HEADS[:8], *(("in all",) if in_all else ()), *_HEADS[8:])
        figures = range(7, len(heads) - 1)
        body = [
            cards.panel("Sources", cards.table(heads, rows, right=figures, caption="sources"), className="flush"),
            *_receivers(snapshot, zone),
            _set_asides(reader, zone, snapshot),
        ]
    return html.Div([html.H1(_title(snapshot)), *body], className="narrow")


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
