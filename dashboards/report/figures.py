"""Figures, verdicts and charts as the document holds them: exact numbers with the texts that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from dashboards import format as fmt
from dashboards import svg
from dashboards.format import ticks
from dashboards.reading import scope
from dashboards.report.shape import Chart, Days, Figure, Mark, Point, Status
from dashboards.wording import benchmarks
from slo.windows import Window

Result = Mapping[str, Any]
MARKS = 4


def value(result: Result) -> Figure:
    """A result's value with its unit."""
    return Figure(result["value"], fmt.value(result))


def of(result: Result, figure: float | None) -> Figure:
    """Any figure of the result's KPI; "–" where there is none."""
    return Figure(figure, fmt.NOTHING if figure is None else fmt.of(result, figure))


def status(key: str) -> Status:
    look = fmt.status(key)
    return Status(look.key, look.shape, look.word)


def target(result: Result, profile: str | None) -> str:
    """What was promised, or what is published where nobody promised; "–" of neither."""
    if scope.is_benchmark(result, profile):
        return f"published {benchmarks.short(result)}".rstrip()
    entry = scope.headline(result, profile)
    return fmt.target(entry, result) if entry else fmt.NOTHING


def title(window: Window) -> str:
    """A period as a heading says it: October 2026; 2026-W44; 2026-Q4."""
    return fmt.month(window.first_day) if window.kind == "M" else window.name


def moment(text: str | datetime, zone: Any) -> str:
    """A time with its day and its zone: 21 November 2026, 09:12 CET."""
    at = (datetime.fromisoformat(text) if isinstance(text, str) else text).astimezone(zone)
    return f"{fmt.day(at.date(), full=True)}, {fmt.time(at)} {at.tzname()}"


def chart(result: Result, points: Sequence[Point], label: str) -> Chart | None:
    """The points between round marks; None where none has a value."""
    bound = [point.target for point in points if point.target is not None]
    span = svg.bounds([{"value": point.value} for point in points], bound)
    if span is None:
        return None
    return Chart(label, points, *span, _marks(result, span))


def _marks(result: Result, span: tuple[float, float]) -> list[Mark]:
    return [Mark(at, fmt.mark(at, result)) for at in ticks.marks(*span, result["unit"], most=MARKS)]


def days(result: Result, bound: float | None = None) -> Days | None:
    """The KPI day by day; None where no day has a value."""
    series = result["series"]
    span = svg.bounds(series, [] if bound is None else [bound])
    if span is None:
        return None
    first, last = (fmt.day_short(date.fromisoformat(series[end]["day"])) for end in (0, -1))
    waiting = [place for place, one in enumerate(series) if one["provisional"] and one["value"] is not None]
    return Days(first, last, [one["value"] for one in series], waiting, bound, *span, _marks(result, span))


def shared(drawn: Sequence[Days | None]) -> list[Days | None]:
    """The same on one scale."""
    told = [one for one in drawn if one is not None]
    if not told:
        return list(drawn)
    low, high = min(one.low for one in told), max(one.high for one in told)
    return [None if one is None else replace(one, low=low, high=high, marks=[]) for one in drawn]


def amount(result: Result) -> float | None:
    """What stands behind the value, as a number."""
    if result.get("good") is not None:
        return float(result["good"]) + float(result["bad"])
    return next((result[name] for name in ("n", "denominator") if result.get(name) is not None), None)
