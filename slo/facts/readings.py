"""What was measured: meters, distributions, and the figures of KPIs of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from slo.facts.fact import Data, Fact, Instant


@dataclass(slots=True, kw_only=True)
class Meter(Fact):
    kind_of_fact: ClassVar[str] = "meter"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    asset: str | None = None
    at: Instant | None = None
    meter: (
        Literal[
            "cost",
            "bytes",
            "queries",
            "runs",
            "events",
            "busy_seconds",
            "provisioned_seconds",
            "commitment_paid",
            "commitment_used",
            "stored_bytes",
            "forecast_bytes",
            "good",
            "total",
        ]
        | None
    ) = None
    amount: float | None = None
    currency: str | None = None
    category: str | None = None
    provisional: bool | None = None
    until: Instant | None = None
    tz: str | None = None


@dataclass(slots=True, kw_only=True)
class Distribution(Fact):
    kind_of_fact: ClassVar[str] = "distribution"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    asset: str | None = None
    at: Instant | None = None
    until: Instant | None = None
    tz: str | None = None
    metric: Literal["query_seconds", "lag_seconds"] | None = None
    outcome: Literal["success", "failed", "cached"] | None = None
    gamma: float | None = None
    zero: float | None = None
    buckets: Data | None = None


@dataclass(slots=True, kw_only=True)
class Figure(Fact):
    """What a KPI of one's own rests on: of an asset and a day its good and bad, or its value."""

    kind_of_fact: ClassVar[str] = "figure"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    asset: str | None = None
    at: Instant | None = None
    until: Instant | None = None
    tz: str | None = None
    kpi: str | None = None
    good: int | None = None
    bad: int | None = None
    value: float | None = None
