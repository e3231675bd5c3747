"""The band above every page: where one is, the chosen scope, as-of with its time zone, and how the sources are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.site import shelf
from dashboards.wording import sources
from dashboards.wording import words as naming

FIELDS = ("window", "tier", "team", "domain", "profile")
_ANY = {"tier": "all tiers", "team": "all teams", "domain": "all domains", "profile": "adopted"}


def _options(field: str, snapshot: Snapshot, ask: Ask) -> list[dict[str, str]]:
    """What can be chosen, the choice of the address included even where the snapshot doesn't hold it."""
    if field == "window":
        found = scope.windows(snapshot)
    elif field == "profile":
        found = [(name, naming.profile(name)) for name in snapshot.profiles or scope.PROFILES]
    else:
        found = [(str(one), f"tier {one}" if field == "tier" else str(one)) for one in scope.values(snapshot, field)]
    chosen = getattr(ask, field)
    if chosen is not None and str(chosen) not in {value for value, _ in found}:
        found.append((str(chosen), scope.period(chosen) if field == "window" else str(chosen)))
    return [{"value": value, "label": words} for value, words in found]


def _select(field: str, snapshot: Snapshot, ask: Ask) -> dmc.Select:
    chosen = getattr(ask, field)
    return dmc.Select(
        id=f"scope-{field}",
        data=_options(field, snapshot, ask),
        value=None if chosen is None else str(chosen),
        placeholder=_ANY.get(field, field),
        clearable=field != "window",
        allowDeselect=False,
        size="xs",
        className=f"choice choice-{field}",
        comboboxProps={"width": 220, "position": "bottom-start"},
        **naming.aria(label=field),
    )


def _links(path: str, ask: Ask) -> list[html.Span]:
    links = []
    for href, words in shelf.nav():
        inside = path.startswith("/kpi/") if href == "/" else path.startswith(f"{href}/")
        here = path == href or inside
        current: dict[str, Any] = {"aria-current": "page"} if path == href else {}
        link = dcc.Link(words, href=scope.link(href, replace(ask, asset=None)), className="here" if here else "")
        links.append(html.Span(link, **current))
    return links


def _nav(path: str, ask: Ask) -> list[Any]:
    """The pages by name, or on a narrow screen behind a button; only one of the two is there at a time."""
    wide = html.Nav(_links(path, ask), className="wide-nav", **naming.aria(label="pages"))
    here = next((words for href, words in shelf.nav() if path == href), "Pages")
    narrow = html.Details(
        [html.Summary(here), html.Nav(_links(path, ask), **naming.aria(label="pages"))], className="menu"
    )
    return [wide, narrow]


def _asset(path: str, ask: Ask) -> html.Span | None:
    """The asset in the address, with the way back to all of them."""
    if ask.asset is None:
        return None
    back = dcc.Link("×", href=scope.link(path, ask, asset=None), title="show every asset", className="drop")
    return html.Span([ask.asset, back], className="asset")


def _as_of(snapshot: Snapshot) -> html.Span:
    if snapshot.as_of is None:
        return html.Span(f"not evaluated yet, times in {snapshot.timezone}", className="as-of")
    local = snapshot.as_of.astimezone(ZoneInfo(snapshot.timezone))
    words = f"as of {fmt.time(local)} {local.tzname()}, {fmt.day(local)}"
    return html.Span(words, className="as-of", title=f"{local.isoformat()} ({snapshot.timezone})")


def band(snapshot: Snapshot, path: str, ask: Ask) -> list[Any]:
    """The header's children."""
    choices = html.Div(
        [*(_select(field, snapshot, ask) for field in FIELDS), _asset(path, ask)],
        className="choices",
        role="group",
        **naming.aria(label="what to show"),
    )
    ill = " ill" if any(sources.state(one) != "ok" for one in snapshot.sources) else ""
    told: list[Any] = ["sources ", html.B(sources.counts(snapshot.sources))]
    state = dcc.Link(told, href=scope.link("/sources", ask), className=f"sources{ill}")
    home = dcc.Link("Tierline", href=scope.link("/", Ask(lang=ask.lang)), className="brand")
    first = html.Div(
        [home, *_nav(path, ask), html.Div([_as_of(snapshot), state], className="state")], className="first"
    )
    return [first, choices]
