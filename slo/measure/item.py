"""One judged thing: what a KPI says of one fact, slot, stretch of time or reading. States are folds of items, and
``explain`` lists the very same items."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from slo.facts import Fact


@dataclass(frozen=True, slots=True)
class Dims:
    """The dimensions in force at the moment that places an item in a day."""

    tier: int | None = None
    team: str | None = None
    domain: str | None = None
    environment: str | None = None


@dataclass(slots=True, kw_only=True)
class Item:
    """``at`` places it in a day. A Ratio item carries one of good, bad, unseen, unjudged, other (events, or
    microseconds); ``excluded`` names why it is left out. Samples, Count, Score and Quotient items carry ``value``
    (and ``over``, the denominator); a Quotient leaves out the side that was not told.

    ``since`` is the last moment that made it what it is; ``until`` the next instant at which it changes without any
    new fact. Between both it can be reused for any as-of.
    """

    at: datetime
    asset: str | None = None
    dims: Dims = field(default_factory=Dims)
    good: int = 0
    bad: int = 0
    unseen: int = 0
    unjudged: int = 0
    other: int = 0
    excluded: str | None = None
    responsible: str | None = None
    """Who answers for it; None: the platform."""
    value: float | Fraction | None = None
    over: float | Fraction | None = None
    buckets: dict[int, float] | None = None
    zero: float = 0
    key: str | None = None
    member: str | None = None
    matches: list[list[str | None]] | None = None
    since: datetime | None = None
    until: datetime | None = None
    facts: tuple[Fact, ...] = ()
    note: str = ""
    beside: dict[str, int] | None = None
    sign: int = 1
    """-1 takes back what an earlier item said (registers)."""
    extra: dict[str, Any] | None = None
