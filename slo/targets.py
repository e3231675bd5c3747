"""What was promised: the targets of the role profiles, read from config/targets/<profile>.yaml, and over them the
user's own files.

A target is one published row, or a row of the user's. It holds one or more clauses (form, floor, stretch, in the KPI's
own unit), each judged in its own tiers and parameters (slo/promises/judging.py). Targets are versioned by date: a later
one leaves the past alone. A profile may show rows of others as well (``lines``): they stay the other profile's targets.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from slo.config_files import SHIPPED, checked, line_of, read_yaml
from slo.errors import ConfigError
from slo.promises.clauses import Clause, Model
from slo.promises.target import Key, Target

__all__ = [
    "PLATFORM", "SHIPPED_TARGETS", "Key", "Profile", "Target", "Targets", "applicable", "files_of", "load_targets",
    "targets_schema",
]  # fmt: skip

PLATFORM = "platform"
"""The view that page, report and scorecard show by default: lines of the five profiles."""
SHIPPED_TARGETS = SHIPPED / "targets"
_LINE = re.compile(r"([a-z][a-z0-9_]*)/([1-9]\d*)", re.ASCII)


class Profile(Model):
    """A file: one profile, its own rows, and the rows of others that it shows as well."""

    profile: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    lines: tuple[str, ...] = Field(
        default=(), description="Rows of other profiles that it shows, in this order, as staff_platform/2."
    )
    targets: tuple[Target, ...] = ()

    @field_validator("lines")
    @classmethod
    def _keys(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        for line in lines:
            if not _LINE.fullmatch(line):
                raise ValueError(f"{line!r} is no row; write profile/row, such as staff_platform/2")
            if lines.count(line) > 1:
                raise ValueError(f"{line!r} stands twice; keep one of them")
        return lines

    @model_validator(mode="after")
    def _versions(self) -> Self:
        if not self.targets and not self.lines:
            raise ValueError("holds no row; write `targets:` (rows of its own) or `lines:` (rows of other profiles)")
        seen: set[tuple[int, date | None]] = set()
        for target in self.targets:
            if (target.row, target.valid_from) in seen:
                raise ValueError(f"row {target.row} stands twice; give the newer version its own valid_from")
            seen.add((target.row, target.valid_from))
        return self

    @property
    def shown(self) -> tuple[Key, ...]:
        """The lines as keys."""
        found = (line.split("/") for line in self.lines)
        return tuple((profile, int(row)) for profile, row in found)


@dataclass(frozen=True)
class Targets:
    """Every target of every profile, all versions."""

    versions: tuple[Target, ...] = ()
    mature: bool = False
    lines: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    """Profile -> the rows of other profiles that it shows."""
    titles: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[Key, Target] = field(default_factory=dict)
    """The rows that are shipped, as published, whatever was adopted since; all others are the user's own."""

    @property
    def profiles(self) -> tuple[str, ...]:
        own = (target.profile for target in self.versions)
        return tuple(dict.fromkeys((*own, *(name for name, lines in self.lines.items() if lines))))

    def in_force(self, on: date | None = None) -> tuple[Target, ...]:
        """Of every row the version that binds on a day (None: the newest), in order of profile and row."""
        place = None if on is None else bisect_right(self._turns, on)
        if place not in self._bindings:
            self._bindings[place] = self._binding(on)
        return self._bindings[place]

    @cached_property
    def _turns(self) -> tuple[date, ...]:
        """The days from which on other versions bind, or the same are adopted: from one to the next nothing changes."""
        days = {day for one in self.versions for day in (one.valid_from, one.adopted) if day is not None}
        return tuple(sorted(days))

    @cached_property
    def _bindings(self) -> dict[int | None, tuple[Target, ...]]:
        """What binds after so many turns; every result asks for it."""
        return {}

    def _binding(self, on: date | None) -> tuple[Target, ...]:
        newest: dict[Key, Target] = {}
        for target in sorted(self.versions, key=lambda one: one.valid_from or date.min):
            if on is None or target.valid_from is None or target.valid_from <= on:
                newest[target.key] = target
        return tuple(self._bound(newest[key], on) for key in sorted(newest))

    def targets_for(self, kpi: str, profile: str | None = None, on: date | None = None) -> tuple[Target, ...]:
        """The targets of a KPI, of one profile or of all, that bind on a day."""
        return tuple(one for one in self.in_force(on) if one.kpi == kpi and profile in (None, *self.holders(one)))

    def published_for(self, kpi: str) -> tuple[Target, ...]:
        """The published rows of a KPI, as published."""
        return tuple(self._bound(self.published[key], None) for key in sorted(self.published)
                     if self.published[key].kpi == kpi)  # fmt: skip

    def holders(self, target: Target) -> tuple[str, ...]:
        """The profiles that hold a target: its own, and those that show it."""
        return (target.profile, *(name for name, lines in self.lines.items() if target.key in lines))

    def rows(self, profile: str, on: date | None = None) -> tuple[Target, ...]:
        """A profile's rows as a person reads them: the lines it takes from others in their order, then its own."""
        found = {one.key: one for one in self.in_force(on)}
        own = tuple(key for key in found if key[0] == profile)
        return tuple(found[key] for key in (*self.lines.get(profile, ()), *own) if key in found)

    def _bound(self, target: Target, on: date | None) -> Target:
        """The version as it binds on a day: in its maturity, and before it was adopted not yet adopted."""
        told: dict[str, Any] = {"clauses": tuple(clause.for_maturity(self.mature) for clause in target.clauses)}
        if on is not None and target.adopted is not None and on < target.adopted:
            told |= {"adopted": None, "adopted_by": None}
        return target.model_copy(update=told)


def load_targets(*folders: Path, mature: bool = False) -> Targets:
    """The targets of one or more folders, default the shipped one. A later folder's row is laid over the earlier row
    of the same profile (what it leaves out is kept); with a ``valid_from`` it is a new version beside it.

    Raises ConfigError naming file, line, place, value and remedy of every fault.
    """
    rows: dict[tuple[str, int, date | None], Target] = {}
    files: dict[Path, Profile] = {}
    published: dict[Key, Target] = {}
    for folder in folders or (SHIPPED_TARGETS,):
        for path in files_of(folder):
            files[path] = _profile(path, list(rows.values()))
            rows |= {(one.profile, one.row, one.valid_from): one for one in files[path].targets}
        published |= {one.key: one for one in rows.values()} if folder == SHIPPED_TARGETS else {}
    _known_lines(files, {(profile, row) for profile, row, _ in rows})
    lines = {one.profile: one.shown for one in files.values() if one.lines}
    titles = {one.profile: one.title for one in files.values() if one.title}
    return Targets(tuple(rows.values()), mature, lines, titles, published)


def applicable(
    targets: Iterable[Target], tier: int | None, asset: str | None = None
) -> list[tuple[Target, tuple[Clause, ...]]]:
    """The targets that hold in a scope, each with the clauses that hold there: of an asset not those of another."""
    held = [(target, tuple(one for one in target.clauses_for(tier) if asset is None or one.asset in (None, asset)))
            for target in targets]  # fmt: skip
    return [(target, clauses) for target, clauses in held if clauses]


def targets_schema() -> dict[str, Any]:
    """The JSON Schema of a target file, for editors."""
    return Profile.model_json_schema()


def files_of(folder: Path) -> list[Path]:
    """The target files of a folder, by name."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is not a folder; targets are read from <folder>/<profile>.yaml")
    return sorted(folder.glob("*.yaml"))


def _known_lines(files: Mapping[Path, Profile], known: set[Key]) -> None:
    """Raises ConfigError for every line that names a row which is not there."""
    faults = [
        f"{path}{line_of(path, ('lines', at))}: lines[{at}]: {line!r}: no profile has such a row; "
        "`tierline kpis --format json` lists profiles and rows"
        for path, one in files.items()
        for at, (line, key) in enumerate(zip(one.lines, one.shown, strict=True))
        if key not in known
    ]
    if faults:
        raise ConfigError("\n".join(faults))


def _profile(path: Path, earlier: Sequence[Target]) -> Profile:
    data = read_yaml(path)
    if isinstance(data, dict) and isinstance(data.get("targets"), list):
        own = data["targets"]
        data = {**data, "targets": [_laid_over(row, data.get("profile"), own, earlier) for row in own]}
    return checked(Profile, data, path)


def _laid_over(row: Any, profile: Any, own: Sequence[Any], earlier: Sequence[Target]) -> Any:
    """A row of a file with what it leaves out taken from the same row of an earlier folder; of a dated version, also
    from the same file's row without a date."""
    if not isinstance(row, dict):
        return row
    same = [one for one in earlier if one.key == (profile, row.get("row"))]
    same = [one for one in same if one.valid_from is None] or same
    base = same[-1].model_dump() if same else {}
    if row.get("valid_from") is not None:
        base |= next((one for one in own if _undated(one, row.get("row"))), {})
    return {**base, **row, "profile": profile}


def _undated(row: Any, number: Any) -> bool:
    return isinstance(row, dict) and row.get("row") == number and row.get("valid_from") is None
