"""One target: a published row of a profile, or a row of the user's, in one of its versions."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from slo.promises.clauses import Clause, Form, Model

Key = tuple[str, int]
"""A target's profile and row."""


class Target(Model):
    """One published row of a profile, or the user's version of it."""

    row: int = Field(ge=1)
    kpi: str = Field(min_length=1)
    metric: str = ""
    text: str = Field(default="", description="As published.")
    cadence: str = ""
    window: str = Field(
        pattern=r"^([DWMQHY]|[1-9]\d{0,2}d)$",
        description="Judged over a day, week, month, quarter, half-year, year (D, W, M, Q, H, Y), or the last days up "
        "to now, such as 28d.",
    )
    combine: Literal["all", "any"] = "all"
    clauses: tuple[Clause, ...]
    pair: str | None = Field(default=None, description="Shown beside it; a caveat stands where this one is broken.")
    scope: Literal["platform", "domain"] = "platform"
    due_months: int | None = Field(default=None, ge=1, description="Reached this many months after adoption.")
    adopted: date | None = Field(default=None, description="Since when it is promised; none: published, not promised.")
    adopted_by: str | None = Field(default=None, description="The team or forum that adopted it; never a person.")
    withdrawn_by: str | None = Field(default=None, description="The team or forum that took the promise back.")
    valid_from: date | None = Field(default=None, description="The first day this version binds; none: ever since.")
    profile: str = ""

    @field_validator("clauses")
    @classmethod
    def _some(cls, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        if not clauses:
            raise ValueError("write at least one clause, such as - {form: at_least, floor: 0.98}")
        return clauses

    @property
    def key(self) -> Key:
        return (self.profile, self.row)

    @property
    def form(self) -> Form:
        """The form of its first clause, which stands for the row in lists."""
        return self.clauses[0].form

    @property
    def floor(self) -> float | None:
        return self.clauses[0].floor

    @property
    def stretch(self) -> float | None:
        return self.clauses[0].stretch

    @property
    def tier(self) -> int | None:
        return self.clauses[0].tier

    @property
    def example(self) -> bool:
        """Is one of its figures a published example, to be agreed on?"""
        return any(clause.example for clause in self.clauses)

    @property
    def due(self) -> date | None:
        """The day by which it is to be reached; None: at once."""
        if self.adopted is None or self.due_months is None:
            return None
        month = self.adopted.month - 1 + self.due_months
        year, month = self.adopted.year + month // 12, month % 12 + 1
        return date(year, month, min(self.adopted.day, monthrange(year, month)[1]))

    def clauses_for(self, tier: int | None) -> tuple[Clause, ...]:
        """The clauses that hold in a scope: all of them for the whole; in a tier its own, else those of the next less
        critical tier, and the untiered ones always."""
        if tier is None:
            return self.clauses
        tiered = {held for clause in self.clauses for held in clause.tiers if held >= tier}
        nearest = min(tiered, default=None)
        return tuple(clause for clause in self.clauses if not clause.tiers or nearest in clause.tiers)
