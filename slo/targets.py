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

from pydantic import Field, field_validator, model_validator

from slo.clauses import Clause, Form, Model
from slo.config_files import SHIPPED, checked, read_yaml
from slo.errors import ConfigError


class Target(Model):
    """One published row of a profile, or the user's version of it."""

    row: int = Field(ge=1)
    kpi: str = Field(min_length=1)
    metric: str = ""
    text: str = Field(default="", description="As published.")
    cadence: str = ""
    window: Literal["D", "W", "M", "Q", "H"] = Field(description="Judged over a day, week, month, quarter, half-year.")
    combine: Literal["all", "any"] = "all"
    clauses: tuple[Clause, ...]
    pair: str | None = Field(default=None, description="Shown beside it; a caveat stands where this one is broken.")
    scope: Literal["platform", "domain"] = "platform"
    due_months: int | None = Field(default=None, ge=1, description="Reached this many months after adoption.")
    adopted: date | None = None
    valid_from: date | None = Field(default=None, description="The first day this version binds; none: ever since.")
    profile: str = ""

    @field_validator("clauses")
    @classmethod
    def _some(cls, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        if not clauses:
            raise ValueError("write at least one clause, such as - {form: at_least, floor: 0.98}")
        return clauses

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


class Profile(Model):
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
