"""A family's page: its KPIs' cards, each with charts, drivers and budgets, and the incidents of the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.report.shape.figures import Chart, Days, Figure, Number, Said, Status, Term


@dataclass(frozen=True)
class Tier:
    """The KPI in one tier; the charts of a KPI's tiers share their scale."""

    tier: int
    value: Figure
    n: Figure
    status: Status
    target: str
    days: Days | None


@dataclass(frozen=True)
class DriverLine:
    """A group: its value then and now, and its part of the change, in ``Drivers.unit``."""

    name: str
    value: str
    mix: Figure
    rate: Figure
    total: Figure


@dataclass(frozen=True)
class Drivers:
    """What moved the value since the period before, by one dimension; the lines add up to the last, their sum."""

    sentence: str
    by: str
    unit: str
    weighed: bool
    lines: Sequence[DriverLine]


@dataclass(frozen=True)
class Budget:
    """An error budget: of which target, what is left of it, and what spent it, largest first."""

    target: str
    scope: str
    remaining: Number | None
    spent: Number | None
    text: str
    spenders: Sequence[Term]


@dataclass(frozen=True)
class Card:
    """A KPI on its family's page."""

    kpi: str
    title: str
    sentence: str
    value: Figure
    status: Status
    provisional: bool
    facts: Sequence[str]
    """How many stand behind the value, its interval, how much was observed."""
    beside: Sequence[Term]
    trend: Chart | None
    """Twelve months that end with the period; of a week's report twelve weeks."""
    days: Days | None
    tiers: Sequence[Tier]
    drivers: Drivers | None
    budgets: Sequence[Budget]
    caveats: Sequence[str]
    decided: Sequence[Said]


@dataclass(frozen=True)
class Incident:
    """An incident of the period: since when, how long, what it hit."""

    started: str
    started_text: str
    lasted: Figure
    severity: int | None
    klass: str
    responsible: str
    title: str
    assets: Sequence[str]
    is_open: bool


@dataclass(frozen=True)
class Repeat:
    """A cause that recurred in the period, and how often."""

    cause: str
    text: str


@dataclass(frozen=True)
class Happened:
    """The incidents of the period, worst first; ``text`` counts all of them, ``more`` those not listed."""

    text: str
    incidents: Sequence[Incident]
    more: int
    repeats: Sequence[Repeat]


@dataclass(frozen=True)
class Family:
    """A page: its KPIs that have something to show, and the others in a line each."""

    family: str
    title: str
    cards: Sequence[Card]
    unmeasured: Sequence[Term]
    happened: Happened | None = None
