"""What stands around the figures: the lead's words, what was restated and left out, coverage and definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.report.shape.figures import Figure, Term


@dataclass(frozen=True)
class Ask:
    """A decision asked; of the period before: what became of it ("not answered" where nobody says)."""

    id: str
    text: str
    outcome: str = ""
    answered: bool = False


@dataclass(frozen=True)
class Words:
    """What the lead wrote for the period (notes/PERIOD.md): paragraphs, the decisions asked, the asks before."""

    file: str
    paragraphs: Sequence[str]
    decisions: Sequence[Ask]
    asked_in: str
    asks: Sequence[Ask]


@dataclass(frozen=True)
class Restated:
    """A reported figure that later facts changed, and which."""

    period: str
    period_title: str
    kpi: str
    title: str
    scope: str
    reported: Figure
    now: Figure
    difference: str
    causes: Sequence[str]


@dataclass(frozen=True)
class Agreement:
    """One exclusion: what, from when to when (ISO), who agreed (a team) and where it is written down."""

    what: str
    start: str
    end: str
    by: str
    ref: str
    text: str


@dataclass(frozen=True)
class Excluded:
    """What was left out by agreement for one reason, and how much of which KPI that took (``value``: its share)."""

    reason: str
    agreements: Sequence[Agreement]
    amounts: Sequence[Term]


@dataclass(frozen=True)
class Closed:
    """When, by whom and with which hash the period was closed, and what was restated since."""

    at: str
    by: str
    hash: str
    text: str
    since: Sequence[Restated]


@dataclass(frozen=True)
class Covered:
    """How far a KPI is measured, and what would measure it."""

    kpi: str
    title: str
    state: str
    why: str


@dataclass(frozen=True)
class Coverage:
    """``text`` counts, ``rows`` are the KPIs without a value."""

    text: str
    rows: Sequence[Covered]


@dataclass(frozen=True)
class Target:
    """A version of a target, as it bound in the period."""

    text: str
    profile: str
    row: int | str
    adopted: str | None
    adopted_by: str | None
    valid_from: str | None
    said: str


@dataclass(frozen=True)
class Definition:
    """By what a KPI was counted and judged."""

    kpi: str
    title: str
    version: int | str
    definition: str
    formula: str
    not_counted: str
    targets: Sequence[Target]
