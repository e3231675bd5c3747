"""Incidents day by day: a row a day, its hours across, each incident a bar that darkens as it is detected and taken on.

What overlaps within a day stands side by side, so that two hundred incidents stay apart; a bar that goes over midnight
goes on in the next day's row. A day of 25 hours is as long as it was.
"""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from dashboards import format as fmt
from dashboards.figures.frame import INK, layout
from slo.calendars import day_start

Line = Mapping[str, Any]
DAY = timedelta(days=1)
MOST_ROWS = 45
"""A longer window shows the days that have an incident alone."""
PHASES = (("not yet detected", 0.28), ("not yet acknowledged", 0.55), ("being restored", 1.0))
"""From light to dark."""
SHORTEST = 0.12
"""Hours that a bar is drawn at least, so that it can be seen and pointed at."""
FEW = 2
"""Rows of an incident that has its points among all others'."""
NAMED = 31
"""Days named along the side."""
CLOCK = (0, 6, 12, 18)


@dataclass(frozen=True)
class Piece:
    """What of an incident lies in one day: hours since its midnight."""

    line: Line
    day: date
    start: float
    end: float
    phases: tuple[tuple[int, float, float], ...]
    """(phase, from, to)."""


def days(
    lines: Sequence[Line], start: datetime, end: datetime, zone: ZoneInfo, address: Callable[[Line], str]
) -> go.Figure | None:
    """The chart of a window's incidents, each bar with the ``address`` it leads to; None where there are none."""
    pieces = [piece for line in lines for piece in _pieces(line, start, end, zone)]
    if not pieces:
        return None
    rows = _rows(pieces, start, end, zone)
    places, lanes = _packed(pieces)
    bars = [
        _bars(pieces, places, lanes, rows, phase, name, strength, heavy)
        for phase, (name, strength) in enumerate(PHASES) for heavy in (False, True)
    ]  # fmt: skip
    figure = go.Figure([*bars, *_said(pieces, places, lanes, rows, zone, address)])
    row_height = max(15, 7 * max(lanes.values()))
    layout(figure, 44 + row_height * len(rows), right=12)
    _axes(figure, rows, zone)
    return figure


def phases_of(line: Line) -> list[tuple[int, datetime, datetime]]:
    """(phase, from, to) of an incident's active time; an instant that nobody told lets the phase before go on."""
    seen = line["detected"] or line["at"]
    taken = line["acknowledged"] or (line["until"] if line["restored"] is None else seen)
    found = []
    for first, ended in line["spans"]:
        last = ended or line["until"]
        edges = [first]
        for edge in (seen, taken, last):
            edges.append(max(edges[-1], min(edge, last)))
        steps = enumerate(pairwise(edges))
        found += [(phase, begin, end) for phase, (begin, end) in steps if begin < end]
    return found


def _pieces(line: Line, start: datetime, end: datetime, zone: ZoneInfo) -> list[Piece]:
    parts: dict[date, list[tuple[int, float, float]]] = {}
    for phase, first, last in phases_of(line):
        at = max(first, start)
        while at < min(last, end):
            day = at.astimezone(zone).date()
            midnight, until = day_start(day, zone), min(last, end, day_start(day + DAY, zone))
            parts.setdefault(day, []).append((phase, _hours(at, midnight), _hours(until, midnight)))
            at = until
    return [
        Piece(line, day, min(one[1] for one in told), max(one[2] for one in told), tuple(told))
        for day, told in parts.items()
    ]


def _hours(at: datetime, midnight: datetime) -> float:
    return (at - midnight) / timedelta(hours=1)


def _rows(pieces: Sequence[Piece], start: datetime, end: datetime, zone: ZoneInfo) -> dict[date, int]:
    """Day -> its row, the newest on top (0, -1, -2 ...)."""
    first, last = start.astimezone(zone).date(), (end - timedelta(microseconds=1)).astimezone(zone).date()
    every = [last - number * DAY for number in range((last - first).days + 1)]
    busy = {piece.day for piece in pieces}
    kept = every if len(every) <= MOST_ROWS else [day for day in every if day in busy]
    return {day: -place for place, day in enumerate(kept)}


def _packed(pieces: Sequence[Piece]) -> tuple[dict[int, int], dict[date, int]]:
    """Number of a piece -> its lane within the day, the first that is free; day -> how many lanes it has."""
    places: dict[int, int] = {}
    free: dict[date, list[float]] = {}
    for number, piece in sorted(enumerate(pieces), key=lambda one: (one[1].day, one[1].start)):
        ends = free.setdefault(piece.day, [])
        lane = next((place for place, until in enumerate(ends) if until <= piece.start), len(ends))
        ends[lane : lane + 1] = [max(piece.end, piece.start + SHORTEST)]
        places[number] = lane
    return places, {day: len(ends) for day, ends in free.items()}


def _height(piece: Piece, lane: int, lanes: Mapping[date, int], rows: Mapping[date, int]) -> float:
    count = lanes[piece.day]
    return rows[piece.day] + 0.5 - (lane + 0.5) / count if count > 1 else float(rows[piece.day])


def _bars(
    pieces: Sequence[Piece], places: Mapping[int, int], lanes: Mapping[date, int], rows: Mapping[date, int], phase: int,
    name: str, strength: float, heavy: bool,
) -> go.Scatter:  # fmt: skip
    """All bars of one phase; severity 1 and 2 are thicker."""
    x: list[float | None] = []
    y: list[float | None] = []
    for number, piece in enumerate(pieces):
        if ((piece.line["severity"] or 9) <= 2) is heavy:
            height = _height(piece, places[number], lanes, rows)
            for own, first, last in piece.phases:
                if own == phase:
                    x += [first, max(last, first + SHORTEST), None]
                    y += [height, height, None]
    return go.Scatter(
        x=x, y=y, mode="lines", name=name, opacity=strength, hoverinfo="skip",
        line={"color": INK, "width": 8 if heavy else 5},
    )  # fmt: skip


def _said(
    pieces: Sequence[Piece], places: Mapping[int, int], lanes: Mapping[date, int], rows: Mapping[date, int],
    zone: ZoneInfo, address: Callable[[Line], str],
) -> list[dict[str, Any]]:  # fmt: skip
    """Unseen points along each bar, a point an hour at most, which carry what is said on hover and where a click leads.
    What is open for days says it once for all its points: they may be hundreds."""
    many, line_of = Counter(id(piece.line) for piece in pieces), {id(piece.line): piece.line for piece in pieces}
    brief = _unseen([], [])
    found = {key: _unseen(told(line, zone), address(line)) for key, line in line_of.items()}
    for number, piece in enumerate(pieces):
        key, height = id(piece.line), round(_height(piece, places[number], lanes, rows), 4)
        steps = max(1, math.ceil(piece.end - piece.start))
        trace = found[key] if many[key] > FEW else brief
        trace["x"] += [round(piece.start + (piece.end - piece.start) * step / steps, 3) for step in range(steps + 1)]
        trace["y"] += [height] * (steps + 1)
        if trace is brief:
            brief["hovertext"] += [found[key]["hovertext"]] * (steps + 1)
            brief["meta"] += [found[key]["meta"]] * (steps + 1)
    return [brief, *(trace for trace in found.values() if trace["x"])]


def _unseen(said: str | list[str], leads: str | list[str]) -> dict[str, Any]:
    """Its ``meta`` is where a click leads: an address, or one a point."""
    return {
        "type": "scatter", "x": [], "y": [], "mode": "markers", "marker": {"size": 10, "opacity": 0},
        "name": "incidents", "hoverinfo": "text", "hovertext": said, "meta": leads,
    }  # fmt: skip


def told(line: Line, zone: ZoneInfo) -> str:
    """What a bar says: the title, how severe, when and how long. Titles come from outside: no markup of theirs."""
    severity = f"severity {line['severity']}, " if line["severity"] else ""
    began = fmt.moment(line["at"].astimezone(zone))
    lasted = fmt.duration((line["until"] - line["at"]).total_seconds())
    spans = f"{began}, open for {lasted}" if line["restored"] is None else f"{began}, restored after {lasted}"
    tier = "no tier" if line["tier"] is None else f"tier {line['tier']}"
    title = line["title"] if len(line["title"]) <= 90 else line["title"][:89] + "…"
    return f"<b>{html.escape(title, quote=False)}</b><br>{severity}{tier}<br>{spans}"


def _axes(figure: go.Figure, rows: Mapping[date, int], zone: ZoneInfo) -> None:
    longest = max(_hours(day_start(day + DAY, zone), day_start(day, zone)) for day in rows)
    step = math.ceil(len(rows) / NAMED)
    named = list(rows)[::step]
    figure.update_layout(
        hovermode="closest", margin={"l": 84, "t": 4, "b": 28},
        meta={"x": "hours since midnight", "y": "days before the last row"},
    )  # fmt: skip
    figure.update_xaxes(
        range=[0, max(longest, 24)], tickvals=CLOCK, showgrid=True, gridwidth=1,
        ticktext=[fmt.time(datetime(2000, 1, 1, hour, tzinfo=UTC)) for hour in CLOCK],
    )  # fmt: skip
    figure.update_yaxes(
        range=[-len(rows) + 0.5, 0.5], tickvals=[rows[day] for day in named], showgrid=False,
        ticktext=[f"{fmt.weekday_short(day)} {fmt.day_short(day)}" for day in named],
    )  # fmt: skip
