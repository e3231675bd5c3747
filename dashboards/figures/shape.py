"""How samples lie, and how the parts of a change add up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from dashboards import format as fmt
from dashboards.figures.frame import INK, SOFT, aired, axis, layout
from dashboards.format.ticks import marks
from dashboards.wording.drivers import Table

Result = Mapping[str, Any]
Told = Mapping[str, Any]
LONGEST = 28
"""Letters of a group's name beside its bar; the whole of it is in the hover."""


def histogram(found: Told, result: Result, targets: Sequence[float] = (), height: int = 220) -> go.Figure:
    """Samples by size, with the target as a dashed line and median, P90 and P95 named above."""
    bins = found["bins"]
    figure = go.Figure(
        go.Bar(
            x=[(one["lo"] + one["hi"]) / 2 for one in bins],
            width=[one["hi"] - one["lo"] for one in bins],
            y=[one["n"] for one in bins],
            customdata=[f"{_in(result, one)}: {fmt.count(one['n'])}" for one in bins],
            hovertemplate="%{customdata}<extra></extra>",
            marker={"color": INK, "line": {"width": 1, "color": "rgba(0,0,0,0)"}},
            name=result["title"],
        )
    )
    layout(figure, height, right=16)
    low, high = bins[0]["lo"], bins[-1]["hi"]
    targets = [one for one in targets if one > 0 or not found["log"]]
    most = max(one["n"] for one in bins)
    low, high = min([low, *targets]), max([high, *targets])
    figure.update_xaxes(**axis(result, low, high, found["log"], most=6))
    if not found["log"]:
        figure.update_xaxes(range=[low - 0.03 * (high - low), high + 0.06 * (high - low)])
    figure.update_yaxes(tickvals=[mark for mark in marks(0, most, "count", 3) if mark == int(mark)])
    figure.update_yaxes(ticktext=[fmt.count(mark) for mark in figure.layout.yaxis.tickvals], range=[0, most * 1.6])
    for target in targets:
        _upright(figure, target, f"target {fmt.mark(target, result)}", found["log"], most * 1.54, "dash")
    for place, (name, word) in enumerate((("median", "median"), ("p90", "P90"), ("p95", "P95"))):
        if found[name] is not None:
            text = f"{word} {fmt.of(result, found[name])}"
            _upright(figure, found[name], text, found["log"], most * (1.38 - 0.14 * place), "dot")
    figure.update_layout(hovermode="closest", bargap=0, meta={"x": "size", "y": "n"})
    return figure


def _in(result: Result, one: Told) -> str:
    return f"{fmt.of(result, one['lo'])} to {fmt.of(result, one['hi'])}"


def _upright(figure: go.Figure, x: float, text: str, log: bool, top: float, dash: str) -> None:
    """An upright line with its words at its top, to the side where there is room."""
    low, high = figure.layout.xaxis.range
    place = math.log10(x) if log and x > 0 else x
    left = place > (low + high) / 2
    figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=top, line={"dash": dash, "width": 1.2, "color": SOFT})
    figure.add_annotation(
        text=text, x=place, y=top, xanchor="right" if left else "left", yanchor="middle", showarrow=False,
        xshift=-4 if left else 4,
    )  # fmt: skip


def waterfall(told: Told, table: Table, result: Result) -> go.Figure:
    """From the value before to the value now, a bar a group: each begins where the one above it ends. What raises it is
    filled, what lowers it is an outline."""
    rows = _rows(told, table)
    size = len(rows) + 2
    figure = go.Figure()
    for raises in (True, False):
        inside = [one for one in rows if (one["by"] >= 0) is raises]
        figure.add_trace(
            go.Bar(
                orientation="h",
                y=[one["row"] for one in inside],
                base=[one["start"] for one in inside],
                x=[one["by"] for one in inside],
                width=0.62,
                customdata=[f"{escape(one['name'])}: {one['written']}" for one in inside],
                hovertemplate="%{customdata}<extra></extra>",
                marker={"color": INK if raises else "rgba(0,0,0,0)", "line": {"width": 1.4, "color": INK}},
                name="raised" if raises else "lowered",
            )
        )
    _ends(figure, told, result, size)
    _joined(figure, rows, told)
    _names(figure, rows, told, result, size)
    layout(figure, 24 * size + 40, right=84)
    values = [told["before"], told["now"], *(one["start"] for one in rows)]
    low, high = aired(min(values), max(values), None if min(values) < 0 else result)
    figure.update_xaxes(**axis(result, low, high, False, most=4), showgrid=True, gridwidth=1)
    figure.update_layout(hovermode="closest", barmode="overlay", meta={"x": "effect", "y": "group"})
    return figure


def _rows(told: Told, table: Table) -> list[dict[str, Any]]:
    at, found = told["before"], []
    for place, line in enumerate(table.lines, start=1):
        by = sum(line.bars)
        found.append(
            {"name": _name(table, line.name), "row": place, "start": at, "by": by, "written": table.written(line.total)}
        )  # fmt: skip
        at += by
    return found


def _name(table: Table, name: str) -> str:
    return f"tier {name}" if table.by == "tier" and name.isdigit() else name


def _ends(figure: go.Figure, told: Told, result: Result, size: int) -> None:
    """The values themselves, as dots: a bar from an axis that doesn't begin at nought would lie."""
    figure.add_trace(
        go.Scatter(
            x=[told["before"], told["now"]],
            y=[0, size - 1],
            mode="markers",
            marker={"size": 9, "color": INK},
            customdata=[
                f"{word}: {fmt.of(result, told[side])}" for word, side in (("before", "before"), ("now", "now"))
            ],
            hovertemplate="%{customdata}<extra></extra>",
            name="value",
        )
    )


def _joined(figure: go.Figure, rows: Sequence[Told], told: Told) -> None:
    """Thin uprights from where one bar ends to where the next begins."""
    ends = [(0, told["before"]), *((one["row"], one["start"] + one["by"]) for one in rows)]
    for row, at in ends:
        figure.add_shape(type="line", x0=at, x1=at, y0=row, y1=row + 1, line={"width": 1, "color": SOFT})


def _names(figure: go.Figure, rows: Sequence[Told], told: Told, result: Result, size: int) -> None:
    names = ["before", *(_short(one["name"]) for one in rows), "now"]
    figures = [fmt.of(result, told["before"]), *(one["written"] for one in rows), fmt.of(result, told["now"])]
    figure.update_yaxes(
        tickvals=list(range(size)), ticktext=names, range=[size - 0.4, -0.6], showgrid=False, automargin=True
    )
    for row, text in enumerate(figures):
        figure.add_annotation(
            text=text, x=1.0, xref="paper", xanchor="left", xshift=6, y=row, yanchor="middle", showarrow=False
        )


def _short(name: str) -> str:
    """The end of a long name, which tells it from its neighbours."""
    own = name.rsplit("/", 1)[-1]
    return own if len(own) <= LONGEST else f"…{own[1 - LONGEST :]}"
