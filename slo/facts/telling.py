"""What is said of facts: what was observed, corrected, excluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from slo.facts.fact import Data, Fact, Instant, Words


@dataclass(slots=True, kw_only=True)
class Coverage(Fact):
    kind_of_fact: ClassVar[str] = "coverage"
    moment_field: ClassVar[tuple[str, ...]] = ("start",)
    kinds: Words | None = None
    start: Instant | None = None
    end: Instant | None = None


@dataclass(slots=True, kw_only=True)
class Correction(Fact):
    kind_of_fact: ClassVar[str] = "correction"
    target_fact: str | None = None
    target_source: str | None = None
    target_id: str | None = None
    set: Data | None = None
    reason: str | None = None
    by: str | None = None
    ref: str | None = None
    at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class Exclusion(Fact):
    kind_of_fact: ClassVar[str] = "exclusion"
    assets: str | None = None
    team: str | None = None
    tier: Literal[0, 1, 2, 3] | None = None
    kpis: Words | None = None
    start: Instant | None = None
    end: Instant | None = None
    reason: Literal["maintenance", "vendor", "upstream", "calendar", "agreed"] | None = None
    by: str | None = None
    ref: str | None = None
