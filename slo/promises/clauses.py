"""The clauses of a target: what is promised of one figure, with its bounds, its tiers and what it is compared with."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Form = Literal["at_least", "at_most", "above", "below", "within", "trend", "stable", "zero", "agreed"]
Tier = Literal[0, 1, 2, 3]
ParamValue = str | int | float | bool
Named = Literal["previous", "yoy", "frozen"]
RISING, FALLING = ("at_least", "above"), ("at_most", "below")


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Baseline(Model):
    """What a trend is measured against: the window before, the same window a year before, or a frozen figure.

    A frozen figure is stored with where it comes from, so that facts told later don't move it."""

    kind: Named = "previous"
    value: float | None = Field(default=None, description="Of a frozen baseline: the figure itself, in the KPI's unit.")
    day: date | None = Field(
        default=None, description="The date of an imported figure. Without a value: the day whose window is measured."
    )
    origin: Literal["imported", "measured"] = "imported"
    source: str | None = Field(default=None, description="Where an imported figure comes from.")
    window: str | None = Field(default=None, description="What a measured figure was measured over, such as 2026-Q1.")
    n: float | None = Field(default=None, ge=0, description="How much stood behind a measured figure.")
    definition: int | None = Field(default=None, description="Under which version of the KPI's definition it was.")
    frozen_on: date | None = Field(default=None, description="The day on which a measured figure was frozen.")


class Stricter(Model):
    """The bounds that hold once the platform says of itself that it is mature."""

    floor: float
    stretch: float | None = None


class Clause(Model):
    """One condition. Numbers are in the KPI's own unit: ratios 0..1, seconds, business days, a share of change."""

    form: Form
    floor: float | None = Field(default=None, description="The published minimum; of a trend, the least change.")
    stretch: float | None = Field(default=None, description="The ambitious end of a published range.")
    lo: float | None = Field(default=None, description="Of `within`: the lower bound, included.")
    hi: float | None = Field(default=None, description="Of `within`: the upper bound, included.")
    stretch_lo: float | None = None
    stretch_hi: float | None = None
    direction: Literal["up", "down", "not_up"] | None = Field(
        None, description="Of a trend: which way is kept; of `agreed`: which way is better."
    )
    points: bool = Field(default=False, description="The change is a difference, not a share of the baseline.")
    baseline: Baseline | None = Field(
        default=None, description="previous (default), yoy, or {kind: frozen, value, day, source}."
    )
    tiers: tuple[Tier, ...] = Field(default=(), description="Judged over these tiers; none: over all.")
    asset: str | None = Field(default=None, description="Judged over this asset alone, by its whole name.")
    params: dict[str, ParamValue] = Field(default_factory=dict, description="The KPI's parameters it is judged in.")
    figure: str | None = Field(default=None, description="Another figure of the same KPI, such as duplicate_share.")
    example: bool = Field(default=False, description='The figure was published as "e.g.": a default to be agreed on.')
    mature: Stricter | None = None

    @field_validator("baseline", mode="before", json_schema_input_type=Baseline | Named)
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value

    @field_validator("tiers", mode="before", json_schema_input_type=Tier | tuple[Tier, ...])
    @classmethod
    def _one_tier(cls, value: Any) -> Any:
        return (value,) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        fault = _bounds_fault(self) or _trend_fault(self)
        if fault:
            raise ValueError(fault)
        return self

    @property
    def tier(self) -> int | None:
        """The one tier it is judged over; None where it is judged over several or all."""
        return self.tiers[0] if len(self.tiers) == 1 else None

    @property
    def against(self) -> Baseline | None:
        """The baseline it needs: a trend's own, else the window before; None where the form compares with none."""
        return (self.baseline or Baseline()) if self.form in ("trend", "stable") else None

    def for_maturity(self, mature: bool) -> Clause:
        """The clause as it binds a young or a mature platform."""
        if not mature or self.mature is None:
            return self
        return self.model_copy(update={"floor": self.mature.floor, "stretch": self.mature.stretch, "mature": None})


def _bounds_fault(clause: Clause) -> str | None:
    form, floor, stretch = clause.form, clause.floor, clause.stretch
    if form in RISING + FALLING and floor is None:
        return f"{form} needs a floor, such as floor: 0.98"
    if form == "within" and (clause.lo is None or clause.hi is None or clause.lo > clause.hi):
        return "within needs lo and hi, such as lo: 0.70, hi: 0.90"
    if floor is None or stretch is None:
        return "a stretch needs a floor" if stretch is not None else None
    wrong = stretch > floor if form in FALLING else stretch < floor
    return f"the stretch {stretch} is easier than the floor {floor}; exchange them" if wrong else None


def _trend_fault(clause: Clause) -> str | None:
    if clause.form == "trend" and clause.direction is None:
        return "trend needs a direction: up, down or not_up"
    if clause.form == "agreed" and clause.direction not in ("up", "down"):
        return "agreed needs the direction that is better: up or down"
    return None
