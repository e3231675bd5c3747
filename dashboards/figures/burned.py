"""An error budget's burn-down: what is left after each day, beside the pace at which it would last to the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import plotly.graph_objects as go

from dashboards import format as fmt
from dashboards import svg
from dashboards.figures.frame import SOFT, axis, days_axis, label, layout, lines
from dashboards.wording import budgets

Budget = Mapping[str, Any]
SHARE = {"unit": "ratio", "title": "budget left", "measure": "Ratio"}


def burndown(budget: Budget, height: int = 260) -> go.Figure:
    """Left of the window's budget after each day (events where nothing is allowed), to the window's end; the even pace
    is dashed, the present pace dotted to where it runs out."""
    shares = budget["whole"]["remaining"] is not None
    key = "remaining" if shares else "remaining_events"
    series = [
        {"day": day["day"], "value": day[key] if day["seen"] else None, "provisional": day["provisional"]}
        for day in budget["days"]
    ]
    look = SHARE if shares else {**SHARE, "unit": "count", "title": "failures allowed still"}
    figure = go.Figure(lines(look, series, [_said(budget, day) for day in budget["days"]], _titles(budget)))
    days = _window(budget)
    values = [one["value"] for one in series if one["value"] is not None]
    top = 1.0 if shares else max([0.0, *values])
    low = min([0.0, *values])
    air = 0.06 * (top - low or 1.0)
    figure.update_yaxes(**axis(look, low - air, top + air, False, most=5))
    days_axis(figure, days)
    figure.update_xaxes(range=[_noon(days[0], -1), _noon(days[-1], 1)])
    if shares:
        _even(figure, days)
        _ahead(figure, budget, series)
    if values:
        label(figure, values[-1], _end(look, values[-1], budget))
    figure.add_hline(y=0, line={"width": 1, "color": SOFT})
    return layout(figure, height, right=84)


def _end(look: Mapping[str, Any], last: float, budget: Budget) -> str:
    if look is not SHARE:
        return fmt.count(last)
    return f"{fmt.percent(last)} left" if last >= 0 else f"{fmt.number(1 - last)} × spent"


def _window(budget: Budget) -> list[str]:
    first, end = (datetime.fromisoformat(budget["window"][edge]).date() for edge in ("start", "end"))
    return [(first + timedelta(days=step)).isoformat() for step in range((end - first).days)]


def _noon(day: str, steps: int) -> str:
    return f"{date.fromisoformat(day) + timedelta(days=steps)} 12:00"


def _titles(budget: Budget) -> list[str]:
    return [fmt.weekday(date.fromisoformat(day["day"])) for day in budget["days"]]


def _said(budget: Budget, day: Mapping[str, Any]) -> str:
    """61.0 % left · 3 failed that day, provisional."""
    if not day["seen"]:
        return "not observed"
    left = "" if day["remaining"] is None else f"{fmt.percent(day['remaining'])} left · "
    return f"{left}{budgets.amount(budget, day['bad'])} that day" + (", provisional" if day["provisional"] else "")


def _even(figure: go.Figure, days: Sequence[str]) -> None:
    """All of it at the start, nothing at the end."""
    figure.add_shape(
        type="line", x0=_noon(days[0], -1), x1=_noon(days[-1], 0), y0=1, y1=0,
        line={"dash": "dash", "width": 1.2, "color": SOFT},
    )  # fmt: skip
    named = len(days) * 5 // 8
    figure.add_annotation(
        text="even pace", x=days[named], y=1 - (named + 0.5) / len(days), xanchor="left", yanchor="bottom", xshift=4,
        showarrow=False,
    )  # fmt: skip


def _ahead(figure: go.Figure, budget: Budget, series: Sequence[Mapping[str, Any]]) -> None:
    """At the present pace, from the newest day that was seen to where it has gone."""
    seen = [one for one in series if one["value"] is not None]
    if budget["runs_out"] is None or not seen:
        return
    ends = budget["runs_out"]
    figure.add_shape(
        type="line", x0=seen[-1]["day"], x1=f"{ends:%Y-%m-%d %H:%M}", y0=seen[-1]["value"], y1=0,
        line={"dash": "dot", "width": 1.4, "color": SOFT},
    )  # fmt: skip


def spark(budget: Budget, width: int = 96, height: int = 24) -> str:
    """The burn-down as a sparkline's SVG, with the line at nothing left; "" where nothing was seen, or nothing is
    allowed."""
    series = [
        {"value": day["remaining"] if day["seen"] else None, "provisional": day["provisional"]}
        for day in budget["days"]
    ]
    known = [one["value"] for one in series if one["value"] is not None]
    if not known:
        return ""
    return svg.spark(series, [0.0], width=width, height=height, scale=(min(0.0, *known, 0.0), max(1.0, *known, 1.0)))
