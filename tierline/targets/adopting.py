"""Adopting a target, or taking the promise back: a dated version of the row in the user's own file. What was judged
before that day stays as it was."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from collectors.people import team_of
from collectors.spans import span
from slo.errors import ConfigError, TierlineError
from slo.promises.clauses import FALLING, RISING, Clause
from slo.promises.target import Target
from slo.shelf import shelf
from slo.targets import SHIPPED_TARGETS, Targets, load_targets
from tierline.config import Config
from tierline.targets.promised import file_of
from tierline.targets.targetfile import with_version

_PERCENT = re.compile(r"(-?[\d.]+)\s*%")


@dataclass(frozen=True)
class Wish:
    """What is asked for: by whom, from which day, with which figures of one's own."""

    by: str
    since: date
    floor: str | None = None
    stretch: str | None = None
    withdraw: bool = False


def find(targets: Targets, profile: str, row: int) -> Target:
    """The row of a profile; of one that has only lines, the line in that place. Raises ConfigError naming what there
    is."""
    if profile not in targets.profiles:
        raise ConfigError(f"{profile!r} is no profile; there are: {', '.join(targets.profiles)}")
    rows = targets.rows(profile)
    own = [one for one in rows if one.profile == profile]
    found = {one.row: one for one in own} if own else dict(enumerate(rows, 1))
    if row not in found:
        raise ConfigError(f"{profile} has no row {row}; it has {min(found)} to {max(found)}")
    return found[row]


def version(target: Target, wish: Wish, people: Mapping[str, str]) -> dict[str, Any]:
    """The version of the row that is written. Raises ConfigError where a person adopts it, or a figure is missing."""
    team = team_of(wish.by, people)
    if team is None:
        raise ConfigError(
            f"--by {wish.by}: a promise is a team's; name the team or forum, or map the person in `people`"
        )
    dated = {"row": target.row, "valid_from": wish.since}
    if wish.withdraw:
        return {**dated, "adopted": None, "adopted_by": None, "withdrawn_by": team}
    clauses = _clauses(target, wish)
    own = {} if clauses is None else {"clauses": [written(clause) for clause in clauses]}
    return {**dated, "adopted": wish.since, "adopted_by": team, **own}


def _clauses(target: Target, wish: Wish) -> list[Clause] | None:
    """The clauses with the asked figures; None where they stay as they are."""
    name = f"{target.profile} row {target.row}"
    if wish.floor is None and wish.stretch is None:
        if any(clause.form == "agreed" and clause.floor is None for clause in target.clauses):
            raise ConfigError(f"{name}: no figure was published for it; say what you agreed on with --floor")
        return None
    able = [clause for clause in target.clauses if clause.form in (*RISING, *FALLING, "agreed") or clause.floor]
    if len(able) != 1:
        raise ConfigError(
            f"{name}: it names {len(able) or 'no'} figures that --floor could replace; adopt it as it is, or write its "
            "`clauses:` in the file that adopting makes"
        )
    unit = shelf()[target.kpi].unit if target.kpi in shelf() and able[0].form != "trend" else "ratio"
    return [_figured(clause, wish, unit) if clause is able[0] else clause for clause in target.clauses]


def _figured(clause: Clause, wish: Wish, unit: str) -> Clause:
    floor = clause.floor if wish.floor is None else figure(wish.floor, unit, "--floor")
    stretch = None if wish.stretch is None else figure(wish.stretch, unit, "--stretch")
    if wish.stretch is None and clause.stretch is not None and floor is not None and _harder(clause, floor):
        stretch = clause.stretch
    told = clause.model_dump() | {"floor": floor, "stretch": stretch, "example": False, "mature": None}
    try:
        return Clause.model_validate(told)
    except ValueError as error:
        raise ConfigError(f"--floor, --stretch: {_first(error)}") from None


def _harder(clause: Clause, floor: float) -> bool:
    """Whether the published stretch is still harder than the floor that was asked for."""
    falling = clause.form in FALLING or (clause.form == "agreed" and clause.direction == "down")
    stretch = clause.stretch or 0.0
    return stretch < floor if falling else stretch > floor


def _first(error: ValueError) -> str:
    found = getattr(error, "errors", None)
    return str(found(include_url=False)[0]["msg"]).removeprefix("Value error, ") if found else str(error)


def figure(text: str, unit: str, option: str) -> float:
    """A figure in the KPI's unit: 0.995 or 99.5%, 600 or 10m. Raises ConfigError with examples."""
    percent, length = _PERCENT.fullmatch(text.strip()), span(text.strip())
    try:
        if percent and unit == "ratio":
            return float(f"{float(percent[1]) / 100:.10g}")
        if unit == "seconds" and not isinstance(length, str):
            return float(length.total_seconds())
        return float(text)
    except ValueError:
        examples = {"ratio": "0.995 or 99.5%", "seconds": "600 or 10m"}.get(unit, "a number")
        raise ConfigError(f"{option} {text}: is no figure in {unit.replace('_', ' ')}; write {examples}") from None


def written(clause: Clause) -> dict[str, Any]:
    """A clause as a file writes it: only what differs from the usual."""
    told = clause.model_dump(exclude_defaults=True, mode="json")
    return {"form": clause.form, **{key: value for key, value in told.items() if key != "form"}}


def laid(config: Config, target: Target, told: Mapping[str, Any]) -> tuple[Path, str, Targets]:
    """The user's file with the version in it, its text, and the targets as they would then be. Nothing is written.
    Raises ConfigError where the file would not be right."""
    path = file_of(config, target.profile)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    text = with_version(before, target.profile, told, str(path))
    with tempfile.TemporaryDirectory() as folder:
        for other in path.parent.glob("*.yaml") if path.parent.is_dir() else ():
            shutil.copy(other, folder)
        (Path(folder) / path.name).write_text(text, encoding="utf-8")
        try:
            return path, text, load_targets(SHIPPED_TARGETS, Path(folder), mature=config.settings.mature)
        except ConfigError as error:
            raise ConfigError(str(error).replace(folder, str(path.parent))) from None


def write(path: Path, text: str) -> None:
    """The file, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(name).replace(path)
    except OSError as error:
        raise TierlineError(f"{path}: cannot be written: {error.strerror}; check the folder's rights") from None
