"""The first page: of what the report is, which promises were kept or missed, what changed, and all figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboards.report.shape.figures import Figure, Number, Status


@dataclass(frozen=True)
class Period:
    """The window: name (2026-10), what it is, title (October 2026), start and end (ISO, half-open)."""

    name: str
    kind: Literal["month", "week", "quarter", "half"]
    title: str
    start: str
    end: str
    previous: str
    previous_title: str


@dataclass(frozen=True)
class Asked:
    """Of whom, and by which profile; ``subject`` in words: the platform, team finance."""

    team: str | None
    domain: str | None
    profile: str | None
    subject: str


@dataclass(frozen=True)
class Restricted:
    """Lines about findings and unprotected datasets: whether they are in this copy, else how many are not."""

    included: bool
    left_out: int
    text: str


@dataclass(frozen=True)
class Count:
    """A row of the count: promises as they count, as consumers felt it, as the platform alone answers for."""

    key: Literal["promised", "measured", "met", "near", "missed", "provisional", "not_measurable"]
    title: str
    counted: int
    felt: int
    ours: int


@dataclass(frozen=True)
class Promise:
    """One target of one KPI in its own scope, and its verdict in three readings."""

    kpi: str
    title: str
    scope: str
    target: str
    value: Figure
    n: Figure
    status: Status
    felt: Status
    ours: Status


@dataclass(frozen=True)
class Miss:
    """A promise that was missed, and what the facts tell of why, largest part first."""

    kpi: str
    title: str
    sentence: str
    causes: Sequence[str]


@dataclass(frozen=True)
class Changed:
    """A KPI against the period before. ``direction`` is told only where the change is more than noise; ``better`` by
    the KPI's own direction, null where it has none."""

    kpi: str
    title: str
    before: Figure
    now: Figure
    change: str
    direction: Literal["up", "down"] | None
    better: bool | None
    text: str


@dataclass(frozen=True)
class Row:
    """A line of the table of all figures. ``unit`` is the KPI's own (ratio, seconds ...), ``unit_words`` what the line
    names where the shown figures leave it out; ``change`` is now less before."""

    kpi: str
    title: str
    family: str
    unit: str
    unit_words: str
    value: Figure
    parts: Mapping[str, Number | None]
    """What ``show`` prints of it: good, bad, unknown, excluded; numerator, denominator; n, mean, median, p95; sum."""
    n: Figure
    target: str
    status: Status
    coverage: Figure
    before: Figure
    change: Figure
    provisional: bool


@dataclass(frozen=True)
class Group:
    """Lines of the table under one heading ("" of the first)."""

    title: str
    rows: Sequence[Row]
