"""A KPI over time: day by day, month by month, and small multiples on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go

from dashboards import format as fmt
from dashboards import svg
from dashboards.figures.frame import (
    DASHED,
    INK,
    UNTITLED,
    aired,
    at_the_end,
    axis,
    dashed,
    day_lines,
    days_axis,
    days_marked,
    is_log,
    label,
    layout,
    lines,
    span,
    stacked,
)
from dashboards.reading import scope

Result = Mapping[str, Any]
Step = Mapping[str, Any]
"""A stretch in which one version of the target bound: first, last (days), floor, adopted."""


def trend(result: Result, profile: str | None = None, height: int = 240, steps: Sequence[Step] = ()) -> go.Figure:
    """The KPI day by day, with its target; with ``steps`` as it bound then: the line steps where the target changed."""
    bound = scope.bound(result, profile)
    drawn = [one for one in steps if bound and one.get("floor") is not None]
    targets = [*bound, *(one["floor"] for one in drawn)]
    low, high = span([result], targets)
    log = is_log(result["series"], result)
    if log:
        low = min(day["value"] for day in result["series"] if day["value"]) * 0.8
    figure = go.Figure(day_lines(result))
    figure.update_yaxes(**axis(result, low, high, log))
    days_axis(figure, [day["day"] for day in result["series"]])
    _promised(figure, result, bound, drawn)
    return layout(figure, height)


def _promised(figure: go.Figure, result: Result, bound: Sequence[float], steps: Sequence[Step]) -> None:
    """The target: one line across, or a line that steps; of what nobody had adopted yet there is none."""
    if len({(one["floor"], bool(one["adopted"])) for one in steps}) < 2:
        for target in bound:
            dashed(figure, target, f"target {fmt.mark(target, result)}")
        return
    for place, one in enumerate(steps):
        if one["adopted"]:
            _step(figure, result, one, steps[place - 1] if place else None)
    if steps[-1]["adopted"]:
        label(figure, steps[-1]["floor"], f"target {fmt.mark(steps[-1]['floor'], result)}")


def _step(figure: go.Figure, result: Result, one: Step, before: Step | None) -> None:
    start, end = date.fromisoformat(one["first"]), date.fromisoformat(one["last"]) + timedelta(days=1)
    look = [f"{moment} 12:00" for moment in (start - timedelta(days=1), end - timedelta(days=1))]
    dashed(figure, one["floor"], start=look[0], end=look[1])
    if before is None:
        return
    if before["adopted"] and before["floor"] != one["floor"]:
        ends = sorted((before["floor"], one["floor"]))
        line = {"dash": "dot", "width": 1, "color": INK}
        figure.add_shape(type="line", x0=look[0], x1=look[0], y0=ends[0], y1=ends[1], line=line)
    said = "adopted" if not before["adopted"] else f"{fmt.mark(one['floor'], result)}"
    figure.add_annotation(
        text=f"{said} {fmt.day_short(start)}", x=look[0], y=one["floor"], xanchor="left", yanchor="bottom",
        showarrow=False, xshift=4,
    )  # fmt: skip


def multiples(results: Mapping[str, Result], profile: str | None = None, row_height: int = 84) -> go.Figure:
    """One row a tier (or team), all on the same scale and day axis; each row's name stands at its end."""
    rows = list(results.items())
    low, high = span([one for _, one in rows], [])
    frame = stacked(len(rows), row_height * len(rows) + 36)
    along = days_marked([day["day"] for day in rows[0][1]["series"]])
    data, shapes, names = [], [], []
    for place, (name, one) in enumerate(rows, start=1):
        own = "" if place == 1 else str(place)
        traces = day_lines(one)
        traces[-1].update(name=name, hovertemplate=_hovered(name, place == 1))
        data += [{**trace.to_plotly_json(), "xaxis": f"x{own}", "yaxis": f"y{own}"} for trace in traces]
        shapes += [_across(own, target) for target in scope.bound(one, profile) if low <= target <= high]
        names.append(at_the_end(own, f"{escape(name)}<br>{fmt.value(one)}"))
        frame[f"xaxis{own}"] |= along
        frame[f"yaxis{own}"] |= axis(one, low, high, False, most=3)
    return go.Figure({"data": data, "layout": {**frame, "shapes": shapes, "annotations": names}})


def _across(own: str, target: float) -> dict[str, Any]:
    """A row's own target, from one end of it to the other."""
    ends = {"x0": 0, "x1": 1, "xref": f"x{own} domain", "y0": target, "y1": target, "yref": f"y{own}"}
    return {"type": "line", "line": DASHED, **ends}


def _hovered(name: str, first: bool) -> str:
    """Each row by its name; the first says the day for all of them."""
    plain = name.replace("%", "").replace("<", "‹").replace(">", "›")
    return ("%{customdata[1]}<br>" if first else "") + plain + " %{customdata[0]}<extra></extra>"


def months(
    result: Result, found: Sequence[Mapping[str, Any]], steps: Sequence[Step] = (), height: int = 200
) -> go.Figure:
    """A value a month, with the target as it bound at each month's end. ``found``: month, value, n, provisional and,
    where it was closed, ``reported``; a month whose figure is another now has a ring where it was reported."""
    series = [{**one, "day": f"{one['month']}-01"} for one in found]
    drawn = [one["floor"] for one in steps if one["adopted"] and one["floor"] is not None]
    restated = [one for one in series if one.get("restated") and one["reported"] is not None]
    known = [{"value": one["reported"]} for one in restated]
    pair = svg.bounds([*series, *known], drawn) or (0.0, 1.0)
    low, high = aired(*pair, result)
    figure = go.Figure(lines(result, series, [_month(result, one) for one in series], [_named(one) for one in series]))
    figure.add_trace(
        go.Scatter(
            x=[one["day"] for one in restated],
            y=[one["reported"] for one in restated],
            mode="markers",
            marker={"size": 11, "symbol": "circle-open", "color": INK, "line": {"width": 1.5}},
            hoverinfo="skip",
        )
    )
    figure.update_yaxes(**axis(result, low, high, False))
    _month_axis(figure, series)
    for one in steps:
        if one["adopted"] and one["floor"] is not None:
            dashed(figure, one["floor"], start=one["first"], end=one["last"])
    if drawn and steps[-1]["adopted"]:
        label(figure, drawn[-1], f"target {fmt.mark(drawn[-1], result)}")
    layout(figure, height)
    figure.update_layout(meta={"x": "month", "y": "value"})
    return figure


def _month_axis(figure: go.Figure, series: Sequence[Mapping[str, Any]]) -> None:
    days = [date.fromisoformat(one["day"]) for one in series]
    air = timedelta(days=12)
    figure.update_xaxes(
        type="date",
        tickvals=[day.isoformat() for day in days],
        ticktext=[fmt.month_short(day) for day in days],
        range=[(days[0] - air).isoformat(), (days[-1] + air).isoformat()] if days else None,
        unifiedhovertitle=UNTITLED,
    )


def _named(one: Mapping[str, Any]) -> str:
    return fmt.month(date.fromisoformat(one["day"]))


def _month(result: Result, one: Mapping[str, Any]) -> str:
    """98.4 % · n 14,802; reported as 98.5 %."""
    if one["value"] is None:
        return "no data"
    said = fmt.of(result, one["value"]) + f" · {_behind(result, one)}"
    said += ", provisional" if one.get("provisional") else ""
    return said + (f"; reported as {fmt.of(result, one['reported'])}" if one.get("restated") else "")


def _behind(result: Result, one: Mapping[str, Any]) -> str:
    return f"{fmt.duration(one['n'])} judged" if fmt.in_seconds(result) else f"n {fmt.count(one['n'])}"
