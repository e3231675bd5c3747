"""How pages name what facts are about: assets, incidents, teams, and the way out to the system that told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages.behind import safe
from dashboards.parts import cards
from dashboards.parts.awaited import asset_link, short
from dashboards.reading import scope
from dashboards.reading.reader import Ask
from dashboards.wording import words

FEW = 2


def asset(name: str, ask: Ask) -> dcc.Link:
    """An asset, linked to its whole story."""
    return dcc.Link(cards.name(name), href=asset_link(name, ask))


def assets(names: Sequence[str], ask: Ask, most: int = FEW) -> Any:
    """The first of some assets, and how many more there are (all of them on hover)."""
    if not names:
        return html.Span("none named", className="faint")
    shown: list[Any] = [html.Div(asset(name, ask)) for name in names[:most]]
    if len(names) > most:
        more = f"and {fmt.count(len(names) - most)} more"
        shown.append(html.Div(more, className="note", title="\n".join(names[most:])))
    return html.Div(shown, className="names")


def briefly(names: Sequence[str], ask: Ask) -> Any:
    """One asset without its namespace, and how many more: for a table that has little room."""
    if not names:
        return html.Span("none named", className="faint")
    link = dcc.Link(cards.name(shortened(short(names[0]), 48)), href=asset_link(names[0], ask), title=names[0])
    more = f" and {fmt.count(len(names) - 1)} more"
    rest = html.Span(more, className="note", title="\n".join(names[1:])) if len(names) > 1 else None
    return html.Div([link, rest], className="names")


def incident(line: Mapping[str, Any], ask: Ask) -> html.Div:
    """An incident's title, linked to its story here and to its source."""
    link = dcc.Link(cards.name(shortened(line["title"])), href=story_of(line, ask), title=line["title"])
    return html.Div([link, out(line.get("url"), line["source"])], className="named")


def story_of(line: Mapping[str, Any], ask: Ask) -> str:
    """The address of an incident's own page."""
    return scope.link(f"/incidents/{quote(line['source'], safe='')}/{quote(line['id'], safe='')}", ask)


def shortened(text: str, most: int = 90) -> str:
    """A text that leaves room for the rest of its row."""
    return text if len(text) <= most else text[: most - 1] + "…"


def out(url: str | None, source: str | None, said: bool = False) -> html.A | None:
    """The way out to the system that told it, as an arrow or ``said`` in words; None where it gave no plain link."""
    address = safe(url)
    if address is None:
        return None
    label = f"open in {source}" if source else "open at its source"
    aria = words.aria(label=label)
    arrow = html.Span("↗", **words.aria(hidden="true"))
    shown: Any = [f"{label} ", arrow] if said else arrow
    return html.A(shown, href=address, target="_blank", rel="noopener noreferrer", title=label, className="out", **aria)


def instant(when: datetime | None, zone: ZoneInfo, otherwise: str = fmt.NOTHING, full: bool = False) -> html.Td:
    """A cell with a moment, the exact one on hover and in the CSV; in full: with week day, year and seconds."""
    if when is None:
        return html.Td(html.Span(otherwise, className="faint"))
    local = when.astimezone(zone)
    in_full = f"{fmt.weekday_short(local)} {fmt.day(local)} {fmt.time(local, seconds=True)}"
    said = html.Span(in_full if full else fmt.moment(local), className="when")
    return cards.figure_cell(said, local.isoformat(timespec="seconds"))


def tier(number: int | None) -> Any:
    return html.Span("none", className="faint") if number is None else str(number)


def teams(names: Sequence[str]) -> Any:
    """Teams by name, or that there is none."""
    if not names:
        return html.Span("no team", className="faint")
    parts: list[Any] = []
    for place, name in enumerate(names):
        parts += [", "] if place else []
        parts.append(cards.name(name))
    return html.Span(parts)
