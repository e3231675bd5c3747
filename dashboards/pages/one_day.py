"""What happened to an asset on the chosen day: its runs, what was due and what landed, each as it was judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages import naming
from dashboards.parts import cards, months
from dashboards.wording import words

Told = Mapping[str, Any]


def render(told: Told, close: str, zone: ZoneInfo) -> list[Any]:
    """The panels of ``told["chosen"]``; ``close``: the address of the month alone."""
    found, kinds = told["happened"], {grid["kind"] for grid in told["grids"]}
    panels: list[Any] = []
    if "runs" in kinds:
        panels.append(_runs(found["runs"], told, zone))
    if "data" in kinds:
        panels += [
            _deliveries(found["deliveries"], zone),
            _stale(found["stale"], zone),
            _updates(found["updates"], zone),
        ]
    if found["more"]:
        panels.append(html.P(f"{fmt.count(found['more'])} more are not listed.", className="note"))
    back = html.P(dcc.Link("Close the day", href=close), className="trail")
    whole = html.H2(fmt.weekday(told["chosen"]), className="chosen-day")
    return [html.Div([whole, back], className="answer"), *(one for one in panels if one is not None)]


def _verdict(word: str) -> html.Span:
    """A run's verdict as its day would show it."""
    state = {"left out": "excluded", "due": "running"}.get(word, word)
    look = months.LOOKS.get(state, months.LOOKS["nothing"])
    text = "due" if word == "due" else look.word
    shape = html.Span(look.shape, className="shape", **words.aria(hidden="true"))
    return html.Span([shape, html.Span(text, className="word")], className=f"status s-{look.css}")


def _time(when: datetime | None, zone: ZoneInfo) -> html.Td:
    """A time of the chosen day; the whole moment on hover and in the CSV."""
    if when is None:
        return html.Td(fmt.NOTHING)
    local = when.astimezone(zone)
    return cards.figure_cell(html.Span(fmt.time(local), className="when"), local.isoformat(timespec="seconds"))


def _span(seconds: float | None) -> html.Td:
    return cards.figure_cell(fmt.NOTHING if seconds is None else fmt.duration(seconds), seconds)


def _runs(runs: list[Told], told: Told, zone: ZoneInfo) -> html.Section:
    if not runs:
        return cards.panel("Runs", html.P("No run was due, and none ran.", className="calm"))
    rows = [
        [
            [_verdict(one["verdict"]), html.Div(_why(one), className="note")], _time(one["due"], zone),
            _time(one["started"], zone), _time(one["ended"], zone), _span(one["seconds"]),
            fmt.NOTHING if one["tries"] is None else fmt.count(one["tries"]), naming.out(one["url"], one["source"]),
        ]
        for one in sorted(runs, key=lambda one: one["verdict"] not in ("failed", "missed"))
    ]  # fmt: skip
    heads = ("state", "due", "started", "ended", "took", "tries", "link")
    table = cards.table(heads, rows, right=(4, 5), caption=f"runs of {fmt.weekday(told['chosen'])}")
    note = f"failed and missed first; times in {zone.key}"
    return cards.panel("Runs", table, className="flush", note=note, take="runs-of-the-day")


def _why(one: Told) -> str:
    """How it ended where the verdict doesn't say it, and why it is left out."""
    state = "" if one["verdict"] in ("kept", "failed", "missed", one["state"]) else one["state"] or ""
    left = one["left_out"] if one["left_out"] not in (None, one["state"], one["verdict"]) else ""
    trigger = one["trigger"] if one["trigger"] in ("manual", "backfill") and left != one["trigger"] else ""
    return ", ".join(filter(None, (state, left, trigger)))


def _deliveries(found: list[Told], zone: ZoneInfo) -> html.Section | None:
    if not found:
        return None
    rows = [
        [
            _verdict(one["verdict"]),
            _time(one["due"], zone),
            _at(one["there"], one["due"], zone, "not yet"),
            _lateness(one["late"]),
        ]
        for one in found
    ]
    table = cards.table(("delivery", "due", "there", "before or after"), rows, right=(3,), caption="deliveries due")
    return cards.panel("Due", table, className="flush", take="deliveries-of-the-day")


def _at(when: datetime | None, other: datetime, zone: ZoneInfo, otherwise: str) -> html.Td:
    """A moment beside another one: with its day where that is not the other's."""
    if when is None:
        return html.Td(html.Span(otherwise, className="faint"))
    said = html.Span(cards.moment(when, zone, other), className="when")
    return cards.figure_cell(said, when.astimezone(zone).isoformat(timespec="seconds"))


def _lateness(seconds: float | None) -> html.Td:
    if seconds is None:
        return cards.figure_cell(fmt.NOTHING, None)
    word = "after" if seconds > 0 else "before"
    return cards.figure_cell(f"{fmt.duration(abs(seconds))} {word}", seconds)


def _stale(found: list[tuple[datetime, datetime]], zone: ZoneInfo) -> html.Section | None:
    if not found:
        return None
    rows = [[_time(first, zone), _time(last, zone), _span((last - first).total_seconds())] for first, last in found]
    table = cards.table(("stale from", "to", "for"), rows, right=(2,), caption="stale stretches")
    return cards.panel("Stale", table, className="flush", take="stale-on-the-day")


def _updates(found: list[Told], zone: ZoneInfo) -> html.Section:
    if not found:
        return cards.panel("Landed", html.P("No update landed on this day.", className="calm"))
    rows = [
        [_time(one["at"], zone), _at(one["through"], one["at"], zone, "not told"),
         "backfill" if one["backfill"] else "regular",
         [cards.name(one["source"]), naming.out(one["url"], one["source"])]]
        for one in found
    ]  # fmt: skip
    table = cards.table(("landed", "data through", "kind", "told by"), rows, caption="updates of the day")
    return cards.panel("Landed", table, className="flush", note=f"times in {zone.key}", take="updates-of-the-day")
