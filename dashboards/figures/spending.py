"""What a unit costs, with the volume and the spend it is made of: three rows on one time axis, each on its own scale.

Volume and spend stand on nought, so that their heights compare. Days whose bill may still change are lighter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboards import format as fmt
from dashboards import svg
from dashboards.figures.frame import aired, at_the_end, axis, days_marked, lines, stacked

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
    frame = stacked(len(told), ROW * len(told) + 36, right=72, spacing=0.08)
    data, names = [], []
    for place, (name, words, like, say) in enumerate(told, start=1):
        own = "" if place == 1 else str(place)
        series = _series(days, name)
        data += [{**trace.to_plotly_json(), "xaxis": "x", "yaxis": f"y{own}"} for trace in _lines(like, series, say)]
        if place > 1:  # the first row's hover names the day
            data[-1]["hovertemplate"] = "%{customdata[0]}<extra></extra>"
        names.append(at_the_end(own, words))
        low, high = _span(series, like, nought=name != "value")
        frame[f"yaxis{own}"] |= axis(like, low, high, False, most=3) | {"anchor": "x"}
    time_axis = {**_one_for_all(frame, len(told)), **days_marked([day["day"] for day in days])}
    return go.Figure({"data": data, "layout": {**frame, "xaxis": time_axis, "annotations": names}})


def _one_for_all(frame: dict[str, Any], rows: int) -> dict[str, Any]:
    """All rows stand on the one time axis itself, at the foot, so that one hover speaks for the day in every row."""
    for place in range(2, rows + 1):
        del frame[f"xaxis{place}"]
    whole = {key: value for key, value in frame["xaxis"].items() if key != "matches"}
    return {**whole, "anchor": "y" if rows == 1 else f"y{rows}", "showticklabels": True}


def _series(days: Sequence[Day], name: str) -> list[dict[str, Any]]:
    return [{"day": day["day"], "value": day[name], "provisional": day["provisional"]} for day in days]


def _span(series: Sequence[Day], like: Result, nought: bool) -> tuple[float, float]:
    low, high = svg.bounds(series) or (0.0, 1.0)
    return (0.0, 1.08 * max(high, 0.0) or 1.0) if nought and low >= 0 else aired(low, high, like)


def _lines(like: Result, series: Sequence[Day], say: Callable[[float], str]) -> list[go.Scatter]:
    titles = [fmt.weekday(date.fromisoformat(day["day"])) for day in series]
    return lines(like, series, [_said(day, say) for day in series], titles)


def _said(day: Day, say: Callable[[float], str]) -> str:
    if day["value"] is None:
        return "not told"
    return say(day["value"]) + (", provisional" if day["provisional"] else "")
