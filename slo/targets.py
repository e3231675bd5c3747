"""What was promised: the targets of the role profiles, read from config/targets/<profile>.yaml.

A target is one published row. It holds one or more clauses (form, floor, stretch, in the KPI's own unit), each judged
in its own tiers and parameters by ``slo.judging``. Targets are versioned by date: a later one leaves the past alone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from slo.config_files import SHIPPED, checked, read_yaml
from slo.errors import ConfigError

Form = Literal["at_least", "at_most", "above", "below", "within", "trend", "stable", "zero", "agreed"]
ParamValue = str | int | float | bool
RISING, FALLING = ("at_least", "above"), ("at_most", "below")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Baseline(_Model):
    """What a trend is measured against: the window before, the same window a year before, or a frozen figure."""

    kind: Literal["previous", "yoy", "frozen"] = "previous"
    day: date | None = Field(default=None, description="Of a frozen baseline: the day whose window is the measure.")
    value: float | None = Field(default=None, description="Of a frozen baseline: the figure itself, in the KPI's unit.")
    origin: Literal["imported", "measured"] = "imported"


class Stricter(_Model):
    """The bounds that hold once the platform says of itself that it is mature."""

    floor: float
    stretch: float | None = None


class Clause(_Model):
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
    baseline: Baseline | None = Field(default=None, description="previous (default), yoy, {kind: frozen, day, value}.")
    tiers: tuple[Literal[0, 1, 2, 3], ...] = Field(default=(), description="Judged over these tiers; none: over all.")
    params: dict[str, ParamValue] = Field(default_factory=dict, description="The KPI's parameters it is judged in.")
    figure: str | None = Field(default=None, description="Another figure of the same KPI, such as duplicate_share.")
    example: bool = Field(default=False, description='The figure was published as "e.g.": a default to be agreed on.')
    mature: Stricter | None = None

    @field_validator("baseline", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value

    @field_validator("tiers", mode="before")
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


class Target(_Model):
    """One published row of a profile, or the user's version of it."""

    row: int = Field(ge=1)
    kpi: str = Field(min_length=1)
    metric: str = ""
    text: str = Field(default="", description="As published.")
    cadence: str = ""
    window: Literal["D", "W", "M", "Q", "H"] = Field(description="Judged over a day, week, month, quarter, half-year.")
    combine: Literal["all", "any"] = "all"
    clauses: tuple[Clause, ...] = Field(min_length=1)
    pair: str | None = Field(default=None, description="Shown beside it; a caveat stands where this one is broken.")
    scope: Literal["platform", "domain"] = "platform"
    due_months: int | None = Field(default=None, ge=1, description="Reached this many months after adoption.")
    adopted: date | None = None
    valid_from: date | None = Field(default=None, description="The first day this version binds; none: ever since.")
    profile: str = ""

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


class Profile(_Model):
    """A file: one role profile and its rows."""

    profile: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    targets: tuple[Target, ...]

    @model_validator(mode="after")
    def _versions(self) -> Self:
        seen: set[tuple[int, date | None]] = set()
        for target in self.targets:
            if (target.row, target.valid_from) in seen:
                raise ValueError(f"row {target.row} stands twice; give the newer version its own valid_from")
            seen.add((target.row, target.valid_from))
        return self


@dataclass(frozen=True)
class Targets:
    """Every target of every profile, all versions."""

    versions: tuple[Target, ...] = ()
    mature: bool = False

    @property
    def profiles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(target.profile for target in self.versions))

    def in_force(self, on: date | None = None) -> tuple[Target, ...]:
        """Of every row the version that binds on a day (None: the newest), in order of profile and row."""
        newest: dict[tuple[str, int], Target] = {}
        for target in sorted(self.versions, key=lambda one: one.valid_from or date.min):
            if on is None or target.valid_from is None or target.valid_from <= on:
                newest[target.profile, target.row] = target
        return tuple(self._bound(newest[key]) for key in sorted(newest))

    def targets_for(self, kpi: str, profile: str | None = None, on: date | None = None) -> tuple[Target, ...]:
        """The targets of a KPI, of one profile or of all, that bind on a day."""
        return tuple(one for one in self.in_force(on) if one.kpi == kpi and profile in (None, one.profile))

    def _bound(self, target: Target) -> Target:
        clauses = tuple(clause.for_maturity(self.mature) for clause in target.clauses)
        return target.model_copy(update={"clauses": clauses})


def load_targets(*folders: Path, mature: bool = False) -> Targets:
    """The targets of one or more folders, default the shipped one. A later folder's row is laid over the earlier row
    of the same profile (what it leaves out is kept); with a ``valid_from`` it is a new version beside it.

    Raises ConfigError naming file, line, place, value and remedy of every fault.
    """
    rows: dict[tuple[str, int, date | None], Target] = {}
    for folder in folders or (SHIPPED / "targets",):
        for path in _files(folder):
            for target in _profile(path, list(rows.values())).targets:
                rows[target.profile, target.row, target.valid_from] = target
    return Targets(tuple(rows.values()), mature)


def applicable(targets: Iterable[Target], tier: int | None) -> list[tuple[Target, tuple[Clause, ...]]]:
    """The targets that hold in a scope, each with the clauses that hold there."""
    held = [(target, target.clauses_for(tier)) for target in targets]
    return [(target, clauses) for target, clauses in held if clauses]


def targets_schema() -> dict[str, Any]:
    """The JSON Schema of a target file, for editors."""
    return Profile.model_json_schema()


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is not a folder; targets are read from <folder>/<profile>.yaml")
    return sorted(folder.glob("*.yaml"))


def _profile(path: Path, earlier: Sequence[Target]) -> Profile:
    data = read_yaml(path)
    if isinstance(data, dict) and isinstance(data.get("targets"), list):
        data = {**data, "targets": [_laid_over(row, data.get("profile"), earlier) for row in data["targets"]]}
    return checked(Profile, data, path)


def _laid_over(row: Any, profile: Any, earlier: Sequence[Target]) -> Any:
    """A row of a file with what it leaves out taken from the same row of an earlier folder."""
    if not isinstance(row, dict):
        return row
    same = [one for one in earlier if (one.profile, one.row) == (profile, row.get("row"))]
    base = same[-1].model_dump() if same else {}
    return {**base, **row, "profile": profile}


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
