"""Can the numbers be trusted? Every source with its last pass, and what it could not take in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboards import cards, words
from dashboards import format as fmt
from dashboards.pages import coverage
from dashboards.reader import Ask, Reader, Snapshot

PATH, NAV = "/sources", (80, "Sources")


def state(source: Mapping[str, Any]) -> str:
    """A source's state in a word."""
    if source.get("last_attempt") is None and source.get("last_success") is None:
        return "not read yet"
    if not source.get("ok", True):
        return "failing"
    return "stale" if source.get("stale") else "ok"


def counts(snapshot: Snapshot) -> str:
    """The header's line: 14 ok, 1 stale."""
    states = [state(source) for source in snapshot.sources]
    order = [word for word in ("ok", "stale", "failing", "not read yet") if word in states]
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


_SHAPES = {"ok": "met", "stale": "provisional", "failing": "failing", "not read yet": "nodata"}


def mark(source: Mapping[str, Any], say: bool = True) -> html.Span:
    """A source's state as shape, word and colour; the word may be for a screen reader alone."""
    word = state(source)
    shape = {"ok": "●", "stale": "◇", "failing": "✕", "not read yet": "○"}[word]
    return html.Span(
        [
            html.Span(shape, className="shape", **words.aria(hidden="true")),
            html.Span(word, className="word" if say else "unseen"),
        ],
        className=f"status s-{_SHAPES[word]}",
    )


def _row(source: Mapping[str, Any], zone: ZoneInfo, now: datetime | None, in_all: bool) -> list[Any]:
    took = source.get("duration")
    return [
        source["name"],
        source.get("type") or "",
        mark(source),
        cards.stamp(source.get("last_success"), zone, now),
        age(source, now),
        fmt.duration(took) if took is not None else fmt.NOTHING,
        fmt.count(source.get("facts") or 0),
        *([fmt.count(source.get("stored") or 0)] if in_all else []),
        fmt.count(source.get("set_aside") or 0),
        fmt.count(source.get("errors") or 0),
        source.get("error") or "",
    ]


_HEADS = (
    "source",
    "type",
    "state",
    "last success",
    "age",
    "took",
    "facts, last pass",
    "set aside",
    "failed passes",
    "what it said",
)


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    zone = ZoneInfo(snapshot.timezone)
    if not snapshot.sources:
        body: list[Any] = [coverage.start(connected=False)]
    else:
        order = sorted(snapshot.sources, key=lambda one: (state(one) == "ok", one["name"]))
        in_all = any(one.get("stored") is not None for one in order)
        rows = [_row(one, zone, snapshot.as_of, in_all) for one in order]
        heads = (*_HEADS[:7], *(("in all",) if in_all else ()), *_HEADS[7:])
        figures = range(4, len(heads) - 1)
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
