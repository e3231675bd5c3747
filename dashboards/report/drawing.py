"""The document's charts as inline SVG, in greys that print: gaps stay gaps, provisional parts are lighter, restated
points ringed, the target dashed and stepping where it changed. Pure: a chart in, markup out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

from dashboards.svg import Frame

Told = Mapping[str, Any]
LEFT, BELOW = 58, 16
"""Room for the figures of the axis, and for the names of its ends."""


def trend(chart: Told, width: int = 330, height: int = 76) -> Markup:
    """Periods with an axis; the first, the last and every third is named."""
    points = chart["points"]
    frame = Frame(width, height, chart["low"], chart["high"], pad=4)
    labels = [(place, one["label"]) for place, one in enumerate(points) if (len(points) - 1 - place) % 3 == 0]
    return _svg(chart["label"], width, height, [*_axis(chart["marks"], frame), *_names(labels, frame, len(points)),
                *_line(points, frame), *_dots(points, frame)])  # fmt: skip


def days(told: Told, width: int = 330, height: int = 76) -> Markup:
    """Days with an axis, its ends named."""
    points = _points(told)
    frame = Frame(width, height, told["low"], told["high"], pad=3)
    ends = [(0, told["first"]), (len(points) - 1, told["last"])] if len(points) > 1 else [(0, told["first"])]
    parts = [*_axis(told["marks"], frame), *_names(ends, frame, len(points)), *_line(points, frame)]
    return _svg("day by day", width, height, parts)


def spark(told: Told, width: int = 120, height: int = 30) -> Markup:
    """Days without an axis."""
    frame = Frame(width, height, told["low"], told["high"])
    inner = "".join(_line(_points(told), frame))
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">{inner}</svg>'
    )


def _points(told: Told) -> list[dict[str, Any]]:
    waiting = set(told["provisional"])
    return [
        {"value": value, "provisional": place in waiting, "target": told["target"], "restated": False, "text": ""}
        for place, value in enumerate(told["values"])
    ]


def _svg(label: str, width: int, height: int, parts: Sequence[str]) -> Markup:
    """With room at the left and below; its table of figures stands in the workbook and the JSON, so it is one image."""
    box = f"{-LEFT} -5 {width + LEFT + 8} {height + BELOW + 5}"
    return Markup(
        f'<svg viewBox="{box}" width="{width + LEFT + 8}" height="{height + BELOW + 5}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _axis(marks: Sequence[Told], frame: Frame) -> Iterator[str]:
    """Faint lines at round values, each with its figure at the left."""
    for mark in marks:
        if frame.low <= mark["at"] <= frame.high:
            y = frame.y(mark["at"])
            yield f'<line class="grid" x1="0" x2="{frame.width}" y1="{y}" y2="{y}"/>'
            yield f'<text x="-8" y="{y + 3.5}" text-anchor="end">{escape(mark["text"])}</text>'


def _names(labels: Sequence[tuple[int, str]], frame: Frame, count: int) -> Iterator[str]:
    for place, text in labels:
        anchor = "end" if place == count - 1 else "start" if place == 0 else "middle"
        yield f'<text x="{frame.x(place, count)}" y="{frame.height + 13}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(points: Sequence[Told], frame: Frame) -> Iterator[str]:
    """The target below, over it the line: what is provisional in a lighter ink."""
    yield from _target(points, frame)
    last = len(points) - 1
    for place, (one, two) in enumerate(pairwise(points)):
        if one["value"] is not None and two["value"] is not None:
            css = "line open" if two["provisional"] else "line"
            spots = (
                (frame.x(place, last + 1), frame.y(one["value"])),
                (frame.x(place + 1, last + 1), frame.y(two["value"])),
            )
            yield f'<line class="{css}" x1="{spots[0][0]}" y1="{spots[0][1]}" x2="{spots[1][0]}" y2="{spots[1][1]}"/>'
    for place, one in enumerate(points):
        alone = all(not 0 <= near <= last or points[near]["value"] is None for near in (place - 1, place + 1))
        if one["value"] is not None and (alone or place == last):
            yield _circle(
                frame.x(place, last + 1), frame.y(one["value"]), 2, "dot open" if one["provisional"] else "dot"
            )


def _target(points: Sequence[Told], frame: Frame) -> Iterator[str]:
    """A dashed stretch for as long as a bound holds."""
    count, first = len(points), 0
    half = (frame.width - 2 * frame.pad) / max(1, count - 1) / 2
    for place in range(count + 1):
        if place < count and points[place]["target"] == points[first]["target"]:
            continue
        bound = points[first]["target"] if first < count else None
        if bound is not None:
            ends = max(0.0, frame.x(first, count) - half), min(frame.width, frame.x(place - 1, count) + half)
            y = frame.y(bound)
            yield f'<line class="target" x1="{ends[0]:.2f}" x2="{ends[1]:.2f}" y1="{y}" y2="{y}"/>'
        first = place


def _dots(points: Sequence[Told], frame: Frame) -> Iterator[str]:
    """A ring at what was restated; every period's value on hover."""
    for place, one in enumerate(points):
        if one["value"] is not None:
            x, y = frame.x(place, len(points)), frame.y(one["value"])
            css = "ring" if one["restated"] else "hover"
            told = f"{one['name']}: {one['text']}" + (", restated since it was reported" if one["restated"] else "")
            yield f'<circle class="{css}" cx="{x}" cy="{y}" r="4"><title>{escape(told)}</title></circle>'


def _circle(x: float, y: float, radius: float, css: str) -> str:
    return f'<circle class="{css}" cx="{x}" cy="{y}" r="{radius}"/>'
