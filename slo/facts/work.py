"""What people do and answer: work items, entries of a register, surveys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from slo.facts.fact import Fact, Instant


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
class SurveyAnswer(Fact):
    kind_of_fact: ClassVar[str] = "survey_answer"
    moment_field: ClassVar[tuple[str, ...]] = ("at",)
    at: Instant | None = None
    score: float | None = None
    scale: Literal["nps", "5", "10"] | None = None
    audience: str | None = None
