"""What happened: runs, updates, checks, incidents, alerts and changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from slo.facts.fact import Data, Fact, Instant, Words


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
