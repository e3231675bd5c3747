"""Small line charts as SVG text: sparklines of the page, trends of the report. Pure: values in, markup out.

Gaps stay gaps, a lone day is a dot, provisional days are lighter, the target is a dashed line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Day = Mapping[str, Any]
LINE, MUTED = "#74808e", "#a9b2bc"
"""Middle tones that hold 3:1 on white and on the dark page alike."""


@dataclass(frozen=True)
class Frame:
    """The drawing's size, and the values at its bottom and top."""

    width: float
    height: float
    low: float
    high: float
    pad: float = 2.5

    def x(self, place: int, days: int) -> float:
        span = self.width - 2 * self.pad
        return round(self.pad + (span / 2 if days < 2 else span * place / (days - 1)), 2)

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(self.height - self.pad - share * (self.height - 2 * self.pad), 2)


def bounds(series: Sequence[Day], targets: Sequence[float] = ()) -> tuple[float, float] | None:
    """Lowest and highest value to draw, the targets in view; None where no day has a value."""
    values = [day["value"] for day in series if day["value"] is not None]
    if not values:
        return None
    low, high = min(*values, *targets, values[0]), max(*values, *targets, values[0])
    return (low, high) if high > low else (low - (abs(low) or 1) * 0.05, high + (abs(high) or 1) * 0.05)


def stretches(series: Sequence[Day]) -> list[list[tuple[int, Day]]]:
    """Unbroken runs of days that have a value."""
    runs: list[list[tuple[int, Day]]] = [[]]
    for place, day in enumerate(series):
        if day["value"] is None:
            runs.append([])
        else:
            runs[-1].append((place, day))
    return [run for run in runs if run]


def _stretch(run: list[tuple[int, Day]], frame: Frame, days: int, colour: str, width: float) -> str:
    spots = [(frame.x(place, days), frame.y(day["value"])) for place, day in run]
    if len(spots) == 1:
        return f'<circle cx="{spots[0][0]}" cy="{spots[0][1]}" r="{width}" fill="{colour}"/>'
    settled = [spot for spot, (_, day) in zip(spots, run, strict=True) if not day.get("provisional")]
    open_ones = spots[max(len(settled) - 1, 0) :] if len(settled) < len(spots) else []
    return _line(settled, colour, width) + _line(open_ones, colour, width, 'stroke-opacity=".45"')


def _line(spots: Sequence[tuple[float, float]], colour: str, width: float, more: str = "") -> str:
    if len(spots) < 2:
        return ""
    path = " ".join(f"{x},{y}" for x, y in spots)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" '
        f'stroke-linejoin="round" {more}/>'
    )


def _end(series: Sequence[Day], frame: Frame, colour: str) -> str:
    """A dot on the newest day, where it has a value."""
    if not series or series[-1]["value"] is None:
        return ""
    place = len(series) - 1
    return f'<circle cx="{frame.x(place, len(series))}" cy="{frame.y(series[-1]["value"])}" r="2" fill="{colour}"/>'


def _dashed(target: float, frame: Frame) -> str:
    y = frame.y(target)
    return (
        f'<line x1="0" x2="{frame.width}" y1="{y}" y2="{y}" stroke="{MUTED}" stroke-width="1" stroke-dasharray="3 2"/>'
    )


def drawing(
    series: Sequence[Day],
    targets: Sequence[float] = (),
    *,
    width: float = 84,
    height: float = 22,
    colour: str = LINE,
    stroke: float = 1.4,
    scale: tuple[float, float] | None = None,
) -> str:
    """The chart's inner markup, "" where there is nothing to draw. ``scale``: shared by small multiples."""
    span = scale or bounds(series, targets)
    if span is None:
        return ""
    frame = Frame(width, height, *span)
    lines = "".join(_stretch(run, frame, len(series), colour, stroke) for run in stretches(series))
    return "".join(_dashed(target, frame) for target in targets) + lines + _end(series, frame, colour)


def spark(series: Sequence[Day], targets: Sequence[float] = (), **look: Any) -> str:
    """A whole SVG document of the chart, "" where there is nothing to draw."""
    inner = drawing(series, targets, **look)
    width, height = look.get("width", 84), look.get("height", 22)
    if not inner:
        return ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none">{inner}</svg>'
    )


def uri(markup: str) -> str:
    """The SVG as the source of an image."""
    return "data:image/svg+xml," + quote(markup, safe="/:=' ,.-") if markup else ""
