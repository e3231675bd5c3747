"""The frames that pages put their parts into: a panel, a table, a chart. Each that holds figures offers CSV and PNG.

Both are made in the reader's browser (assets/take.js) from what the panel shows: a cell with ``data-value`` gives its
exact value to the CSV, a chart the points of its traces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from dashboards.wording import words

_FIGURES = (html.Table, dcc.Graph, dag.AgGrid)


def panel(
    title: str, children: Any, *, className: str = "", note: Any = None, take: str | None = None, csv: str | None = None
) -> html.Section:
    """A titled part of a page. One that holds a table or a chart offers CSV and PNG as ``take`` (a file's name; by
    default the title's words; "" offers neither); ``csv`` is an address that serves more rows than are shown."""
    name = (_slug(title) if _holds_figures(children) else "") if take is None else take
    beside = [html.Span(note, className="note") if note else None, _take(title, name, csv)]
    head = html.Header([html.H2(title), html.Div(beside, className="aside")])
    return html.Section([head, html.Div(children, className="body")], className=f"panel {className}".rstrip())


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"


def _holds_figures(children: Any) -> bool:
    if isinstance(children, (list, tuple)):
        return any(_holds_figures(one) for one in children)
    if isinstance(children, _FIGURES):
        return True
    return isinstance(children, Component) and _holds_figures(getattr(children, "children", None))


def _take(title: str, name: str, csv: str | None) -> html.Span | None:
    """The two small buttons; a group, so that a screen reader hears once whose they are."""
    if not name:
        return None
    rows: Any = (
        html.A("CSV", href=csv, download="", className="take", **words.aria(label=f"{title} as CSV"))
        if csv
        else _button("csv", title, name)
    )
    return html.Span([rows, _button("png", title, name)], className="takes")


def _button(kind: str, title: str, name: str) -> html.Button:
    asked: dict[str, Any] = {"data-take": kind, "data-name": name}
    label = f"{title} as {kind.upper()}"
    return html.Button(kind.upper(), type="button", className="take", **asked, **words.aria(label=label))


def chart(figure: Any, label: str, name: str) -> html.Div:
    """A chart, named for a screen reader, of fixed height so that nothing jumps while it loads; ``name``: its file."""
    graph = dcc.Graph(
        figure=figure,
        responsive=True,
        style={"height": f"{figure.layout.height}px"},
        config={"displaylogo": False, "displayModeBar": False},
    )
    asked: dict[str, Any] = {"data-name": name}
    return html.Div(graph, role="img", className="chart", **asked, **words.aria(label=label))


def empty(title: str, *steps: Any) -> html.Div:
    """Nothing to show yet, and what to do next."""
    return html.Div([html.P(title, className="lead"), *(html.P(step) for step in steps)], className="empty hatched")


def trouble(what: str, works: str) -> html.Div:
    """What broke and what still works."""
    return html.Div([html.P(what, className="lead"), html.P(works)], className="trouble", role="alert")


def name(text: str) -> html.Bdi:
    """A name from outside (team, asset, title), set apart so that right-to-left letters leave the line in order."""
    return html.Bdi(text)


def figure_cell(text: Any, exact: float | int | str | None) -> html.Td:
    """A cell whose shown text is rounded: the exact value on hover and in the CSV. None: nothing to carry."""
    if exact is None:
        return html.Td(text)
    carried: dict[str, Any] = {"data-value": str(exact)}
    return html.Td(text, title=str(exact), **carried)


def table(
    heads: Sequence[Any], rows: Iterable[Sequence[Any]], right: Iterable[int] = (), caption: str = ""
) -> html.Div:
    """A plain table; columns in ``right`` hold figures. On a narrow screen it scrolls inside itself. A cell may be a
    ready html.Td (``figure_cell``)."""
    ends = set(right)

    def cell(one: Any, place: int, kind: Any) -> Any:
        look = "right" if place in ends else ""
        if one == "" and kind is html.Th:
            return html.Td(className=look)
        if not isinstance(one, html.Td):
            return kind(one, className=look, **({"scope": "col"} if kind is html.Th else {}))
        setattr(one, "className", f"{getattr(one, 'className', '')} {look}".strip())  # noqa: B010 (Dash makes its props)
        return one

    def line(cells: Sequence[Any], kind: Any) -> html.Tr:
        return html.Tr([cell(one, place, kind) for place, one in enumerate(cells)])

    body = [html.Thead(line(heads, html.Th)), html.Tbody([line(row, html.Td) for row in rows])]
    head = [html.Caption(caption, className="unseen")] if caption else []
    return html.Div(
        html.Table([*head, *body], className="plain"),
        className="scroll",
        tabIndex="0",
        role="region",
        **words.aria(label=caption or "table"),
    )
