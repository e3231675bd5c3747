"""What every chart shares: its frame, its axes, its days. Colours come from the page's own style sheet (assets), so
that light, dark and print need no second figure.

Thin lines, direct labels, no legend; the target is a dashed line; provisional days are lighter; gaps stay gaps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards import format as fmt
from dashboards import svg
from dashboards.format import ticks

Result = Mapping[str, Any]
Day = Mapping[str, Any]
INK, SOFT = svg.LINE, svg.MUTED
THIN = {"color": INK, "width": 1.6}
DOTS = {"size": 4.5, "color": INK}
DASHED = {"dash": "dash", "width": 1.2, "color": SOFT}
UNTITLED = {"text": "<span style='font-size:1px'> </span>"}
"""The hover's own title knows a day only as 2026-11-08: the points say it as the reader writes it."""
DAYS_NAMED = 4
"""Days named along an axis."""


def layout(figure: go.Figure, height: int, right: int = 104) -> go.Figure:
    """The frame: no legend, nothing to drag; ``right`` is the room for direct labels."""
    figure.update_layout(
        height=height,
        margin={"l": 62, "r": right, "t": 8, "b": 28},
        showlegend=False,
        hovermode="x unified",
        hoversubplots="axis",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        font={"family": "system-ui, sans-serif", "size": 12},
        template=None,
        meta={"x": "day", "y": "value"},
    )
    figure.update_xaxes(showgrid=False, zeroline=False, tickangle=0, fixedrange=True)
    figure.update_yaxes(showgrid=True, gridwidth=1, zeroline=False, fixedrange=True)
    return figure


@cache
def _stacked(rows: int, height: int, right: int, spacing: float) -> dict[str, Any]:
    rowed = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=spacing)
    frame: dict[str, Any] = layout(rowed, height, right).to_plotly_json()["layout"]
    return frame


def stacked(rows: int, height: int, right: int = 104, spacing: float = 0.05) -> dict[str, Any]:
    """The layout of charts one above the other, worked out once; the caller's own to fill in. The figure is then made
    all at once: plotly checks it as a whole ten times as fast as change by change."""
    return deepcopy(_stacked(rows, height, right, spacing))


def at_the_end(own: str, text: str) -> dict[str, Any]:
    """A row's name to the right of it; ``own``: the number of its axes, "" for the first."""
    place = {"x": 1.0, "xref": "paper", "xanchor": "left", "xshift": 6, "y": 0.5, "yref": f"y{own} domain"}
    return {"text": text, "showarrow": False, "align": "left", **place}


def days_axis(figure: go.Figure, days: Sequence[str]) -> None:
    """The time axis of a figure's days."""
    figure.update_xaxes(days_marked(days))


def days_marked(days: Sequence[str]) -> dict[str, Any]:
    """Days named as the reader writes them; the hover says the day in full, from the points' second datum."""
    step = max(1, math.ceil(len(days) / DAYS_NAMED))
    named = list(days)[::step]
    words = [fmt.day_short(date.fromisoformat(day)) for day in named]
    return {"type": "date", "tickvals": named, "ticktext": words, "unifiedhovertitle": UNTITLED}


def span(results: Sequence[Result], targets: Sequence[float]) -> tuple[float, float]:
    """The value axis that all of ``results`` share, with a little air; ratios never beyond 0 and 1."""
    found = [pair for one in results if (pair := svg.bounds(one["series"], targets))]
    low, high = min((pair[0] for pair in found), default=0.0), max((pair[1] for pair in found), default=1.0)
    return aired(low, high, results[0] if results else None)


def aired(low: float, high: float, result: Result | None) -> tuple[float, float]:
    """A span with a little air above and below; a plain ratio stays between 0 and 1, what is never negative above 0."""
    air = 0.08 * ((high - low) or abs(high) or 1.0)
    low, high = low - air, high + air
    if result is not None and result["unit"] == "ratio" and not fmt.is_signed(result):
        return max(low, 0.0), min(high, 1.0) + (high - low) * 0.02
    return (max(low, 0.0) if low + air >= 0 else low), high


def is_log(series: Sequence[Day], result: Result) -> bool:
    """Spans are skewed: a log scale where they spread over more than a factor of twenty."""
    values = [day["value"] for day in series if day["value"]]
    return result["unit"] == "seconds" and bool(values) and min(values) > 0 and max(values) / min(values) > 20


def axis(result: Result, low: float, high: float, log: bool, most: int = 4) -> dict[str, Any]:
    """The value axis: round marks in the KPI's unit, as the reader writes them."""
    marked = ticks.marks(low, high, result["unit"], most, log and low > 0)
    look: dict[str, Any] = {"tickvals": marked, "ticktext": [fmt.mark(mark, result) for mark in marked]}
    if log and low > 0:
        return look | {"type": "log", "range": [math.log10(low), math.log10(high)]}
    return look | {"range": [low, high]}


def hover(result: Result, day: Day) -> str:
    """What a day says on hover: 98.4 % · n 120, provisional."""
    if day["value"] is None:
        return "no data"
    behind = day.get("n")
    open_day = ", provisional" if day.get("provisional") else ""
    return fmt.of(result, day["value"]) + (f" · n {fmt.count(behind)}" if behind is not None else "") + open_day


def lines(result: Result, series: Sequence[Day], said: Sequence[str], titles: Sequence[str]) -> list[go.Scatter]:
    """Three traces: settled points, provisional ones (lighter), and an unseen one that carries the hover."""
    places = [day["day"] for day in series]
    return [
        go.Scatter(x=places, y=_settled(series), mode="lines+markers", line=THIN, marker=DOTS, hoverinfo="skip"),
        go.Scatter(
            x=places,
            y=_open(series),
            mode="lines+markers",
            line=THIN | {"dash": "dot"},
            marker=DOTS,
            opacity=0.5,
            hoverinfo="skip",
        ),
        go.Scatter(
            x=places,
            y=[day["value"] for day in series],
            name=result["title"],
            mode="markers",
            marker={"size": 9, "opacity": 0},
            customdata=[[text, title] for text, title in zip(said, titles, strict=True)],
            hovertemplate="%{customdata[1]}<br>%{customdata[0]}<extra></extra>",
        ),
    ]


def day_lines(result: Result) -> list[go.Scatter]:
    """A result's own days."""
    series = result["series"]
    titles = [fmt.weekday(date.fromisoformat(day["day"])) for day in series]
    return lines(result, series, [hover(result, day) for day in series], titles)


def _settled(series: Sequence[Day]) -> list[float | None]:
    return [None if day.get("provisional") else day["value"] for day in series]


def _open(series: Sequence[Day]) -> list[float | None]:
    """The provisional days, with the day before them so that the line goes on."""
    kept: list[float | None] = []
    for place, day in enumerate(series):
        next_open = place + 1 < len(series) and series[place + 1].get("provisional")
        kept.append(day["value"] if day.get("provisional") or next_open else None)
    return kept


def dashed(figure: go.Figure, y: float, text: str = "", start: Any = None, end: Any = None) -> None:
    """A dashed line across the chart, or from ``start`` to ``end``; its words stand at its right end."""
    if start is None:
        figure.add_hline(y=y, line=DASHED)
    else:
        figure.add_shape(type="line", x0=start, x1=end, y0=y, y1=y, line=DASHED)
    if text:
        label(figure, y, text)


def label(figure: go.Figure, y: float, text: str) -> None:
    """Words to the right of the chart, at a height of its value axis."""
    figure.add_annotation(
        text=text, x=1.0, xref="paper", xanchor="left", xshift=4, y=_height(figure, y), yref="y", yanchor="middle",
        showarrow=False, align="left",
    )  # fmt: skip


def _height(figure: go.Figure, y: float) -> float:
    """Where a value stands for an annotation: on a log axis by its logarithm."""
    return math.log10(y) if figure.layout.yaxis.type == "log" and y > 0 else y
