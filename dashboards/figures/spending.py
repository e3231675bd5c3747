"""What a unit costs, with the volume and the spend it is made of: three rows on one time axis, each on its own scale.

Volume and spend stand on nought, so that their heights compare. Days whose bill may still change are lighter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards import format as fmt
from dashboards import svg
from dashboards.figures.frame import aired, axis, days_axis, layout, lines

Result = Mapping[str, Any]
Day = Mapping[str, Any]
UNITS = {"TB": ("terabyte", "TB"), "query": ("query", "queries"), "run": ("run", "runs"), "event": ("event", "events")}
"""A choice of unit_cost's unit -> one of them, and many."""
ROW = 104


def spending(days: Sequence[Day], result: Result, unit: str) -> go.Figure | None:
    """The chart of a window's days; None where no day tells a cost."""
    if all(day["spend"] is None for day in days):
        return None
    currency, many = result.get("currency") or "USD", UNITS[unit][1]
    plain = {"unit": "amount", "title": ""}
    rows: list[tuple[str, str, Result, Callable[[float], str]]] = [
        ("value", f"{currency} per<br>{'TB' if unit == 'TB' else UNITS[unit][0]}", result, lambda v: fmt.of(result, v)),
        ("units", many, plain | {"title": many}, lambda v: f"{fmt.number(v)} {many}"),
        ("spend", f"{currency}<br>a day", plain | {"title": f"{currency} a day"}, lambda v: fmt.money(v, currency)),
    ]
    told = [row for row in rows if any(day[row[0]] is not None for day in days)]
    figure = make_subplots(rows=len(told), cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for place, (name, words, like, say) in enumerate(told, start=1):
        _row(figure, place, _series(days, name), like, say, words, nought=name != "value")
    days_axis(figure, [day["day"] for day in days])
    _one_hover(figure, len(told))
    return layout(figure, ROW * len(told) + 36, right=72)


def _one_hover(figure: go.Figure, rows: int) -> None:
    """All rows stand on the one time axis itself, at the foot, so that one hover speaks for the day in every row."""
    figure.update_traces(xaxis="x")
    for trace in figure.data[5::3]:  # the first row's hover names the day
        trace.hovertemplate = "%{customdata[0]}<extra></extra>"
    figure.update_layout({f"xaxis{place}": None for place in range(2, rows + 1)})
    figure.update_yaxes(anchor="x")
    last = "y" if rows == 1 else f"y{rows}"
    figure.update_xaxes(anchor=last, matches=None, showticklabels=True)


def _series(days: Sequence[Day], name: str) -> list[dict[str, Any]]:
    return [{"day": day["day"], "value": day[name], "provisional": day["provisional"]} for day in days]


def _row(
    figure: go.Figure, place: int, series: Sequence[Day], like: Result, say: Callable[[float], str], words: str,
    nought: bool,
) -> None:  # fmt: skip
    low, high = svg.bounds(series) or (0.0, 1.0)
    low, high = (0.0, 1.08 * max(high, 0.0) or 1.0) if nought and low >= 0 else aired(low, high, like)
    said = [_said(day, say) for day in series]
    titles = [fmt.weekday(date.fromisoformat(day["day"])) for day in series]
    figure.add_traces(lines(like, series, said, titles), rows=[place] * 3, cols=[1] * 3)
    figure.update_yaxes(**axis(like, low, high, False, most=3), row=place, col=1)
    figure.add_annotation(
        text=words, x=1.0, xref="paper", xanchor="left", xshift=6, y=0.5, showarrow=False, align="left",
        yref="y domain" if place == 1 else f"y{place} domain",
    )  # fmt: skip


def _said(day: Day, say: Callable[[float], str]) -> str:
    if day["value"] is None:
        return "not told"
    return say(day["value"]) + (", provisional" if day["provisional"] else "")
