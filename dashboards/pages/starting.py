"""A team's start page: what is theirs, with its objective, who agreed to it, why it was late, what is due today."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards.pages import assets
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader

MOST = 12


def own(reader: Reader, ask: Ask) -> Any:
    """The team's assets, the most critical first; nothing where no team is asked for."""
    if ask.team is None:
        return None
    links: list[Any] = [
        dcc.Link("All of its datasets and pipelines", href=scope.link("/assets", ask)),
        " · ",
        dcc.Link("what will be late", href=scope.link("/late", ask)),
        " · ",
        dcc.Link("its incidents", href=scope.link("/incidents", ask)),
    ]
    return html.Div([assets.listed(reader, ask, MOST), html.P(links, className="ways")], className="assets")
