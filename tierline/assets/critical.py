"""critical.csv: the 20 to 50 names that are a complete tiering. It stands beside tierline.yaml and is the user's own
word as much as that: told by the source "config"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from slo.errors import ConfigError
from tierline.assets.naming import Known, is_pattern
from tierline.assets.sheets import Line, read_sheet, tier
from tierline.settings import Told
from tierline.settings.problems import Problem

COLUMNS = ("asset", "tier", "owner", "team", "domain")
NOTES = ("reason", "note", "notes", "comment", "evidence", "current", "current_source")
"""Columns for people; what `tierline suggest` writes may stand there as it is."""
CRITICAL = 1
"""The tier of a line that names none."""


@dataclass(frozen=True)
class Named:
    """One line: the name as written, what it says, and why."""

    line: int
    name: str
    told: Told
    reason: str | None = None


@dataclass(frozen=True)
class Critical:
    """The file as a whole."""

    path: Path
    names: tuple[Named, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def read(path: Path) -> Critical:
    """The file's lines; what is wrong with any of them is a problem. Raises ConfigError where it cannot be read."""
    sheet = read_sheet(path, COLUMNS, NOTES)
    names, problems = [], list(sheet.problems)
    for line in sheet.lines:
        try:
            names.append(_named(line))
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            problems.append(Problem(str(path), line.line, "critical", message, remedy))
    return Critical(path, tuple(names), tuple(problems), sheet.warnings)


def _named(line: Line) -> Named:
    name = line.cells.get("asset")
    if name is None:
        raise ValueError("names no asset; fill the column asset, or delete the line")
    told = {key: line.cells[key] for key in ("owner", "team", "domain") if key in line.cells}
    level = tier(line.cells["tier"]) if "tier" in line.cells else CRITICAL
    return Named(line.line, name, Told.model_validate({**told, "tier": level}), line.cells.get("reason"))


def meant(names: Iterable[Named], known: Known) -> dict[str, list[Named]]:
    """Asset -> the lines that speak of it: exact names before patterns, then in the file's order. A name that is
    unknown, or may be several, waits."""
    found: dict[str, list[Named]] = {}
    for one in sorted(names, key=lambda one: is_pattern(one.name)):
        assets = known.matching(one.name) if is_pattern(one.name) else known.find(one.name)
        if is_pattern(one.name) or len(assets) == 1:
            for asset in assets:
                found.setdefault(asset, []).append(one)
    return found


def warnings(critical: Critical, known: Known) -> list[Problem]:
    """Names that mean no asset, or several, or one that another line has already."""
    unclear = [_unclear(critical, one, known) for one in critical.names]
    return [*critical.warnings, *filter(None, unclear), *_twice(critical, known)]


def _unclear(critical: Critical, one: Named, known: Known) -> Problem | None:
    if is_pattern(one.name):
        fits = known.matching(one.name)
        message, remedy = f"{one.name!r} fits no asset that is known", "it holds as soon as one does"
    else:
        fits = known.find(one.name)
        message, _, remedy = known.unclear(one.name).partition("; ")
    return None if len(fits) == 1 or (fits and is_pattern(one.name)) else _at(critical, one, message, remedy)


def _twice(critical: Critical, known: Known) -> list[Problem]:
    exact = [one for one in critical.names if not is_pattern(one.name)]
    found = []
    for asset, lines in meant(exact, known).items():
        for again in lines[1:]:
            remedy = f"line {lines[0].line} holds; delete one of them"
            found.append(_at(critical, again, f"{asset} is named a second time", remedy))
    return found


def _at(critical: Critical, one: Named, message: str, remedy: str) -> Problem:
    return Problem(str(critical.path), one.line, "asset", message, remedy)


def problems_of(path: Path) -> tuple[Critical, Sequence[Problem]]:
    """The file, and what is wrong with it: with the settings as a whole."""
    try:
        critical = read(path)
    except ConfigError as error:
        place, _, rest = str(error).removeprefix(str(path)).partition(": ")
        message, _, remedy = rest.partition("; ")
        return Critical(path), [Problem(str(path), int(place[1:] or 0), "critical", message, remedy)]
    return critical, critical.problems
