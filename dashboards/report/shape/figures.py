"""Numbers, verdicts and charts: what every part of the report is told with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Number = float
"""In the KPI's own unit: ratios 0..1, spans in seconds, costs in the report's currency."""


@dataclass(frozen=True)
class Figure:
    """A number as it is, in its KPI's own unit, and as it is shown."""

    value: Number | None
    text: str


@dataclass(frozen=True)
class Status:
    """A verdict: its key (design, section 5; "published": nobody adopted a target), shape, word."""

    key: str
    shape: str
    word: str


@dataclass(frozen=True)
class Said:
    """A sentence and, where it is somebody's, whose (a team) and where it is written."""

    text: str
    who: str = ""


@dataclass(frozen=True)
class Term:
    """Something that stands beside a value: what it is, its words, and its number where it is one."""

    term: str
    text: str
    value: Number | None = None


@dataclass(frozen=True)
class Mark:
    """A round value of an axis."""

    at: Number
    text: str


@dataclass(frozen=True)
class Point:
    """A period of a chart; ``value`` null is a gap. ``target``: the bound in force then; ``restated``: what
    was reported stands here and has changed since."""

    name: str
    label: str
    value: Number | None
    text: str
    provisional: bool = False
    restated: bool = False
    target: Number | None = None


@dataclass(frozen=True)
class Chart:
    """A line over time: ``low`` and ``high`` bound what is drawn, ``label`` says it in words."""

    label: str
    points: Sequence[Point]
    low: Number
    high: Number
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Days:
    """A value a day, null where there is none; ``first`` and ``last`` name the ends. ``provisional``: places of days
    that may still change; ``target``: the bound of the whole period."""

    first: str
    last: str
    values: Sequence[Number | None]
    provisional: Sequence[int]
    target: Number | None
    low: Number
    high: Number
    marks: Sequence[Mark]
