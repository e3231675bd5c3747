"""What there is: assets, their lineage, and the names they went by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from slo.facts.fact import Data, Fact, Instant, Words


@dataclass(slots=True, kw_only=True)
class Asset(Fact):
    kind_of_fact: ClassVar[str] = "asset"
    moment_field: ClassVar[tuple[str, ...]] = ("valid_from",)
    asset: str | None = None
    kind: Literal["pipeline", "dataset", "service", "stream", "workload", "warehouse"] | None = None
    valid_from: Instant | None = None
    tier: Literal[0, 1, 2, 3] | None = None
    owner: str | None = None
    team: str | None = None
    domain: str | None = None
    environment: str | None = None
    layer: str | None = None
    description: str | None = None
    tags: Words | None = None
    classification: str | None = None
    retention: str | None = None
    encrypted: bool | None = None
    regulated: bool | None = None
    in_catalog: bool | None = None
    registered_by: Literal["auto", "manual"] | None = None
    first_seen: Instant | None = None
    template: str | None = None
    components: Words | None = None
    accountability: Literal["platform", "domain"] | None = None
    tested: bool | None = None
    schedule: str | None = None
    schedule_tz: str | None = None
    paused: bool | None = None
    grace_seconds: float | None = None
    freshness: Data | None = None
    freshness_objective: float | None = None
    quality_objective: float | None = None
    critical: bool | None = None
    retired: bool | None = None


@dataclass(slots=True, kw_only=True)
class Edge(Fact):
    kind_of_fact: ClassVar[str] = "edge"
    moment_field: ClassVar[tuple[str, ...]] = ("seen_at",)
    upstream: str | None = None
    downstream: str | None = None
    seen_at: Instant | None = None
    gone_at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class Alias(Fact):
    kind_of_fact: ClassVar[str] = "alias"
    old: str | None = None
    new: str | None = None
