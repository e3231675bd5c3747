"""A team's start page: what is theirs, with what was agreed and what is late."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards import cards, scope
from dashboards.reader import Ask, Reader


def own(reader: Reader, ask: Ask) -> Any:
    """The team's assets; nothing where no team is asked for."""
    if ask.team is None:
        return None
    links = html.P(
        [
            dcc.Link("Datasets and pipelines", href=scope.link("/assets", ask)),
            " with their objectives and who agreed them · ",
            dcc.Link("what will be late", href=scope.link("/late", ask)),
            " · ",
            dcc.Link("incidents", href=scope.link("/incidents", ask)),
        ]
    )
    return cards.panel("Of this team", links)
