"""The vocabulary: what Tierline can be told. One dataclass a fact kind; its fields are the contract of the JSON Lines
interchange, of the store's tables and of every collector.

Instants are aware datetimes in UTC; a naive time is refused. Durations are seconds. Every field may be null except
those named in ``REQUIRED``. Source: the design's section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

Instant = datetime
Words = list[str]
Data = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Fact:
    """What one source told about one thing. Identity is (kind, source, id)."""

    kind_of_fact: ClassVar[str] = ""
    moment_field: ClassVar[tuple[str, ...]] = ()
    """Where the fact stands in time: the first of these fields that is not null."""
    place_field: ClassVar[tuple[str, ...]] = ()
    """What places it in a day, where that is not its moment."""

    source: str
    id: str
    url: str | None = None
    revised_at: Instant | None = None
    deleted: bool = False

    @property
    def moment(self) -> Instant | None:
        """The fact's own instant; None where it has none."""
        for name in self.moment_field:
            value: Instant | None = getattr(self, name)
            if value is not None:
                return value
        return None


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
class Run(Fact):
    kind_of_fact: ClassVar[str] = "run"
    moment_field: ClassVar[tuple[str, ...]] = ("started_at", "due_at")
    place_field: ClassVar[tuple[str, ...]] = ("due_at", "started_at")
    asset: str | None = None
    responsible: str | None = None
    state: Literal["success", "failed", "skipped", "cancelled", "running", "missed"] | None = None
    trigger: Literal["schedule", "event", "manual", "backfill"] | None = None
    due_at: Instant | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    tries: int | None = None
    backfill: str | None = None
    days_covered: float | None = None
    bytes: float | None = None
    rows: float | None = None


@dataclass(slots=True, kw_only=True)
class DatasetUpdate(Fact):
    kind_of_fact: ClassVar[str] = "dataset_update"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    asset: str | None = None
    at: Instant | None = None
    data_through: Instant | None = None
    backfill: bool | None = None


@dataclass(slots=True, kw_only=True)
class CheckResult(Fact):
    kind_of_fact: ClassVar[str] = "check_result"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    asset: str | None = None
    check: str | None = None
    type: Literal["schema", "null", "range", "reconciliation", "freshness", "volume", "custom"] | None = None
    severity: Literal["critical", "warning", "info"] | None = None
    outcome: Literal["pass", "fail", "error", "skip"] | None = None
    at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class Incident(Fact):
    kind_of_fact: ClassVar[str] = "incident"
    moment_field: ClassVar[tuple[str, ...]] = ("started_at", "detected_at")
    title: str | None = None
    responsible: Literal["platform", "domain", "upstream", "vendor", "consumer"] | None = None
    started_at: Instant | None = None
    detected_at: Instant | None = None
    acknowledged_at: Instant | None = None
    resolved_at: Instant | None = None
    spans: list[Any] | None = None
    severity: Literal[1, 2, 3, 4, 5] | None = None
    class_: Literal["correctness", "freshness", "availability", "security", "other"] | None = None
    cause: str | None = None
    assets: Words | None = None
    tier: Literal[0, 1, 2, 3] | None = None
    found_by: Literal["test", "monitor", "consumer", "operator"] | None = None
    change: str | None = None
    duplicate_of: str | None = None
    steps: Data | None = None


@dataclass(slots=True, kw_only=True)
class Alert(Fact):
    kind_of_fact: ClassVar[str] = "alert"
    moment_field: ClassVar[tuple[str, ...]] = ("fired_at",)
    rule: str | None = None
    asset: str | None = None
    fired_at: Instant | None = None
    acknowledged_at: Instant | None = None
    resolved_at: Instant | None = None
    label: Literal["actionable", "noise"] | None = None
    incident: str | None = None
    dedup_key: str | None = None


@dataclass(slots=True, kw_only=True)
class Change(Fact):
    kind_of_fact: ClassVar[str] = "change"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    title: str | None = None
    kind: Literal["deployment", "pull_request"] | None = None
    asset: str | None = None
    team: str | None = None
    environment: str | None = None
    at: Instant | None = None
    state: Literal["succeeded", "failed", "rolled_back"] | None = None
    failure: Literal["incident", "rollback", "hotfix"] | None = None
    user_visible: bool | None = None
    size: float | None = None


@dataclass(slots=True, kw_only=True)
class WorkItem(Fact):
    kind_of_fact: ClassVar[str] = "work_item"
    moment_field: ClassVar[tuple[str, ...]] = ("opened_at",)
    title: str | None = None
    kind: Literal["onboarding", "access_request", "support", "scoped", "action", "finding", "remediation"] | None = None
    opened_at: Instant | None = None
    started_at: Instant | None = None
    due_at: Instant | None = None
    closed_at: Instant | None = None
    outcome: Literal["done", "refused", "withdrawn"] | None = None
    priority: Literal["P1", "P2", "P3", "P4", "P5"] | None = None
    severity: Literal["critical", "high", "medium", "low"] | None = None
    size: Literal["small", "medium", "large"] | None = None
    complexity: Literal["simple", "standard", "complex"] | None = None
    asset: str | None = None
    team: str | None = None


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


@dataclass(slots=True, kw_only=True)
class Edge(Fact):
    kind_of_fact: ClassVar[str] = "edge"
    moment_field: ClassVar[tuple[str, ...]] = ("seen_at",)
    upstream: str | None = None
    downstream: str | None = None
    seen_at: Instant | None = None
    gone_at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class SurveyAnswer(Fact):
    kind_of_fact: ClassVar[str] = "survey_answer"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    at: Instant | None = None
    score: float | None = None
    scale: Literal["nps", "5", "10"] | None = None
    audience: str | None = None


@dataclass(slots=True, kw_only=True)
class Entry(Fact):
    kind_of_fact: ClassVar[str] = "entry"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    kind: (
        Literal[
            "toil", "session", "automation_step", "initiative", "milestone", "team_enabled", "component_use", "document"
        ]
        | None
    ) = None
    at: Instant | None = None
    subject: str | None = None
    team: str | None = None
    quantity: float | None = None
    planned_at: Instant | None = None
    reviewed_at: Instant | None = None
    started_at: Instant | None = None
    done_at: Instant | None = None
    updated_at: Instant | None = None
    tier: Literal[0, 1, 2, 3] | None = None
    key: bool | None = None


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


@dataclass(slots=True, kw_only=True)
class Alias(Fact):
    kind_of_fact: ClassVar[str] = "alias"
    old: str | None = None
    new: str | None = None


KINDS: dict[str, type[Fact]] = {
    kind.kind_of_fact: kind
    for kind in (
        Asset, Run, DatasetUpdate, CheckResult, Incident, Alert, Change, WorkItem, Meter, Distribution, Figure,
        Edge, SurveyAnswer, Entry, Coverage, Correction, Exclusion, Alias,
    )
}  # fmt: skip

REQUIRED: dict[str, tuple[str, ...]] = {
    "asset": ("asset",),
    "run": ("asset", "state"),
    "dataset_update": ("asset", "at"),
    "check_result": ("asset", "check", "outcome", "at"),
    "alert": ("fired_at",),
    "change": ("kind", "at"),
    "work_item": ("kind",),
    "meter": ("at", "meter", "amount"),
    "distribution": ("at", "metric", "gamma", "buckets"),
    "figure": ("asset", "at", "kpi"),
    "edge": ("upstream", "downstream"),
    "survey_answer": ("at", "score", "scale"),
    "entry": ("kind",),
    "coverage": ("start", "end"),
    "correction": ("target_fact", "target_id", "set"),
    "exclusion": ("start", "end", "reason"),
    "alias": ("old", "new"),
}

ENVELOPE = ("source", "id", "url", "revised_at", "deleted")
INFERRED = "inferred"
"""The source that tells what Tierline itself infers (slo/derive): trusted last, overruled by anybody."""


def place_fields(kind: type[Fact]) -> tuple[str, ...]:
    """The fields that place a fact of this kind in a day: the first that is not null does."""
    return kind.place_field or kind.moment_field


def place(fact: Fact) -> Instant | None:
    """The instant a fact belongs by (a run: its slot, else its start; any other: its moment), or None."""
    for name in place_fields(type(fact)):
        value: Instant | None = getattr(fact, name)
        if value is not None:
            return value
    return None
