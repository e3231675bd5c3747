"""Charts as pure values: a result in, a plotly figure out. Colours come from the page's own style sheet (assets), so
that light, dark and print need no second figure.

Thin lines, direct labels, no legend; the target is a dashed line; provisional days are lighter; gaps stay gaps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards import format as fmt
from dashboards import scope, svg, ticks

Result = Mapping[str, Any]
INK, SOFT = svg.LINE, svg.MUTED


def is_log(series: Sequence[Mapping[str, Any]], result: Result) -> bool:
    """Spans are skewed: a log scale where they spread over more than a factor of twenty."""
    values = [day["value"] for day in series if day["value"]]
    return result["unit"] == "seconds" and bool(values) and min(values) > 0 and max(values) / min(values) > 20


def span(results: Sequence[Result], targets: Sequence[float]) -> tuple[float, float]:
    """The value axis that all of ``results`` share, with a little air; ratios never beyond 0 and 1."""
    found = [pair for one in results if (pair := svg.bounds(one["series"], targets))]
    low, high = min((pair[0] for pair in found), default=0.0), max((pair[1] for pair in found), default=1.0)
    air = 0.08 * ((high - low) or abs(high) or 1.0)
    low, high = low - air, high + air
    if results and results[0]["unit"] == "ratio" and not fmt.is_signed(results[0]):
        return max(low, 0.0), min(high, 1.0) + (high - low) * 0.02
    return (max(low, 0.0) if low + air >= 0 else low), high


def _hover(result: Result, day: Mapping[str, Any]) -> str:
    if day["value"] is None:
        return "no data"
    behind = day.get("n")
    open_day = ", provisional" if day.get("provisional") else ""
    return fmt.of(result, day["value"]) + (f" · n {fmt.count(behind)}" if behind is not None else "") + open_day


def _settled(series: Sequence[Mapping[str, Any]]) -> list[float | None]:
    return [None if day.get("provisional") else day["value"] for day in series]


def _open(series: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """The provisional days, with the day before them so that the line goes on."""
    kept: list[float | None] = []
    for place, day in enumerate(series):
        next_open = place + 1 < len(series) and series[place + 1].get("provisional")
        kept.append(day["value"] if day.get("provisional") or next_open else None)
    return kept


def _lines(result: Result) -> list[go.Scatter]:
    """Three traces: settled days, provisional days (lighter), and an unseen one that carries the hover."""
    series = result["series"]
    days = [day["day"] for day in series]
    thin = {"color": INK, "width": 1.6}
    dots = {"size": 4.5, "color": INK}
    hover = [_hover(result, day) for day in series]
    return [
        go.Scatter(x=days, y=_settled(series), mode="lines+markers", line=thin, marker=dots, hoverinfo="skip"),
        go.Scatter(
            x=days,
            y=_open(series),
            mode="lines+markers",
            line=thin | {"dash": "dot"},
            marker=dots,
            opacity=0.5,
            hoverinfo="skip",
        ),
        go.Scatter(
            x=days,
            y=[day["value"] for day in series],
            mode="markers",
            marker={"size": 9, "opacity": 0},
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
        ),
    ]


def _layout(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 62, "r": 104, "t": 8, "b": 28},
        showlegend=False,
        hovermode="x unified",
        hoversubplots="axis",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        font={"family": "system-ui, sans-serif", "size": 12},
        template=None,
    )
    figure.update_xaxes(
        showgrid=False,
        zeroline=False,
        tickformat="%-d %b",
        nticks=5,
        tickangle=0,
        fixedrange=True,
        hoverformat="%A %-d %B %Y",
    )
    figure.update_yaxes(showgrid=True, gridwidth=1, zeroline=False, fixedrange=True)
    return figure


def _axis(result: Result, low: float, high: float, log: bool, most: int = 4) -> dict[str, Any]:
    marked = ticks.marks(low, high, result["unit"], most, log and low > 0)
    look: dict[str, Any] = {"tickvals": marked, "ticktext": [fmt.mark(mark, result) for mark in marked]}
    if log and low > 0:
        return look | {"type": "log", "range": [math.log10(low), math.log10(high)]}
    return look | {"range": [low, high]}


def _dashed(figure: go.Figure, result: Result, targets: Sequence[float], row: int, words: bool = True) -> None:
    """The target as a dashed line with its figure written at its end."""
    for target in targets:
        text = f"target {fmt.mark(target, result)}" if words else ""
        figure.add_hline(
            y=target,
            line={"dash": "dash", "width": 1.2, "color": SOFT},
            row=row,
            col=1,
            annotation={"text": text, "x": 1.0, "xanchor": "left", "yanchor": "middle", "showarrow": False, "xshift": 4}
            if text
            else None,
        )


def trend(result: Result, profile: str | None = None, height: int = 240) -> go.Figure:
    """The KPI day by day, with its target."""
    targets = scope.bound(result, profile)
    low, high = span([result], targets)
    log = is_log(result["series"], result)
    if log:
        low = min(day["value"] for day in result["series"] if day["value"]) * 0.8
    figure = make_subplots(rows=1, cols=1)
    figure.add_traces(_lines(result), rows=[1, 1, 1], cols=[1, 1, 1])
    figure.update_yaxes(**_axis(result, low, high, log))
    _dashed(figure, result, targets, 1)
    return _layout(figure, height)


def multiples(results: Mapping[str, Result], profile: str | None = None, row_height: int = 84) -> go.Figure:
    """One row a tier (or team), all on the same scale and day axis; each row's name stands at its end."""
    rows = list(results.items())
    low, high = span([one for _, one in rows], [])
    figure = make_subplots(rows=len(rows), cols=1, shared_xaxes=True, vertical_spacing=0.05)
    for place, (name, one) in enumerate(rows, start=1):
        figure.add_traces(_lines(one), rows=[place] * 3, cols=[1] * 3)
        inside = [target for target in scope.bound(one, profile) if low <= target <= high]
        _dashed(figure, one, inside, place, words=False)
        figure.update_yaxes(**_axis(one, low, high, False, most=3), row=place, col=1)
        own = "y domain" if place == 1 else f"y{place} domain"
        figure.add_annotation(
            text=f"{name}<br>{fmt.value(one)}",
            x=1.0,
            xref="paper",
            xanchor="left",
            xshift=6,
            y=0.5,
            yref=own,
            showarrow=False,
            align="left",
        )
    return _layout(figure, row_height * len(rows) + 36)
