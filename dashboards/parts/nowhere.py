"""A question that no page can answer, said once with the ways out: a window that is none, a team that nothing is of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from slo.errors import ConfigError
from slo.windows import EXAMPLES, parse_window

MOST = 60
"""Ways out at most, and letters of what was asked for that are said again."""


def window(snapshot: Snapshot, ask: Ask, path: str) -> html.Div | None:
    """Where the address names a window that is none: how one is written, and those that are ready."""
    try:
        parse_window(ask.window, snapshot.as_of or datetime.now(UTC), ZoneInfo(snapshot.timezone))
    except ConfigError:
        title = f"“{ask.window[:MOST]}” is no window of time"
        links = [dcc.Link(words, href=scope.link(path, ask, window=name)) for name, words in scope.windows(snapshot)]
        return _said(title, f"One is written as {EXAMPLES}. Evaluated are:", links)
    return None


def owner(snapshot: Snapshot, ask: Ask, path: str) -> html.Div | None:
    """Where the address names a team or a domain that no asset is of: those there are."""
    for field in ("team", "domain"):
        chosen, known = getattr(ask, field), scope.values(snapshot, field)
        if chosen is not None and chosen not in known:
            links = [dcc.Link(cards.name(one), href=scope.link(path, ask, **{field: one})) for one in known[:MOST]]
            there = f"The {field}s there are:" if known else f"No source tells a {field} yet."
            return _said(f"No asset is of {field} {chosen[:MOST]}", there, links)
    return None


def _said(title: str, there: str, links: Sequence[Any]) -> html.Div:
    chips = html.Span([html.Span(link, className="chip") for link in links], className="chips")
    return html.Div(
        [html.H1(cards.name(title)), html.Div([html.P(there), chips], className="empty")], className="narrow"
    )
