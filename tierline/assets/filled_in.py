"""What a person filled in, line by line of a spreadsheet, as fields of assets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slo.errors import ConfigError
from tierline.assets.naming import Known, is_pattern
from tierline.assets.sheets import Line, Sheet, read_sheet, tier
from tierline.settings import Freshness
from tierline.settings.problems import Problem

TAKEN_BACK = "-"
"""In a cell: what was applied before is taken back, as though it had never been."""
PLAIN = ("tier", "owner", "team", "domain")
FRESHNESS = ("max_age", "deadline", "days", "tz")
COLUMNS = (*PLAIN, *FRESHNESS, "objective")
NOTES = (
    "reason", "evidence", "current", "current_source", "note", "notes", "comment", "class", "source", "incidents",
    "first", "last",
)  # fmt: skip
"""Columns for people, as `tierline suggest` writes them."""
SERVICE = "service"
"""A sheet of `tierline suggest incidents` speaks of its services; its column asset is a hint for people."""

_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)[a-z]*", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::00)?")


@dataclass(frozen=True)
class Filled:
    """One line that can be taken: the assets it means, and what it says; None takes a field back."""

    line: int
    assets: tuple[str, ...]
    fields: Mapping[str, Any]


@dataclass
class FilledIn:
    """A sheet as read: what is to be applied, lines that cannot be taken, lines that say nothing."""

    path: Path
    lines: list[Filled] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    empty: int = 0

    def by_asset(self) -> dict[str, dict[str, Any]]:
        """Asset -> what its lines say."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.lines:
            for asset in one.assets:
                found.setdefault(asset, {}).update(one.fields)
        return found


def read(path: Path, known: Known) -> FilledIn:
    """The sheet, names looked up among those that are known. Raises ConfigError where it cannot be read."""
    sheet, name = _sheet(path)
    found = FilledIn(path, problems=list(sheet.problems), warnings=list(sheet.warnings))
    said: dict[tuple[str, str], int] = {}
    for line in sheet.lines:
        try:
            _take(found, line, name, known, said)
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            found.problems.append(Problem(str(path), line.line, name, message, remedy))
    return found


def _sheet(path: Path) -> tuple[Sheet, str]:
    """The sheet, and the column that names the assets."""
    sheet = read_sheet(path, ("asset", SERVICE, *COLUMNS), NOTES, needs=("asset", SERVICE))
    if not set(COLUMNS) & set(sheet.columns):
        remedy = "add tier, team or another of them; names alone may stand under `critical:` of tierline.yaml"
        raise ConfigError(f"{path}:1: has none of the columns {', '.join(COLUMNS)}; {remedy}")
    return sheet, SERVICE if SERVICE in sheet.columns else "asset"


def _take(found: FilledIn, line: Line, name: str, known: Known, said: dict[tuple[str, str], int]) -> None:
    if name not in line.cells:
        raise ValueError("names no asset; fill the column, or delete the line")
    fields = _fields(line.cells)
    if not fields:
        found.empty += 1
        return
    assets = _assets(_word(line.cells, name), known)
    for asset in assets:
        for told in fields:
            before = said.setdefault((asset, told), line.line)
            if before != line.line:
                raise ValueError(f"{told} of {asset} stands in line {before} already; keep one of them")
    found.lines.append(Filled(line.line, tuple(assets), fields))


def _word(cells: Mapping[str, str], name: str) -> str:
    """The name to look up; a pager's service is an asset of its source."""
    service = name == SERVICE and "source" in cells
    return f"{cells['source']}/{cells[name]}" if service else cells[name]


def _assets(word: str, known: Known) -> list[str]:
    assets = known.matching(word) if is_pattern(word) else known.find(word)
    if not assets or (len(assets) > 1 and not is_pattern(word)):
        raise ValueError(f"{word!r} fits no asset; correct the pattern" if is_pattern(word) else known.unclear(word))
    return assets


def _fields(cells: Mapping[str, str]) -> dict[str, Any]:
    """The vocabulary's fields of a line. Raises ValueError with ``message; remedy``."""
    convert: dict[str, Callable[[str], Any]] = {"tier": tier, "objective": share}
    names = {"objective": "freshness_objective"}
    fields: dict[str, Any] = {}
    for column in (*PLAIN, "objective"):
        if column in cells:
            text = cells[column].strip()
            fields[names.get(column, column)] = None if text == TAKEN_BACK else convert.get(column, str)(text)
    freshness = {column: cells[column].strip() for column in FRESHNESS if column in cells}
    if freshness:
        fields["freshness"] = None if set(freshness.values()) == {TAKEN_BACK} else _freshness(freshness)
    return fields


def _freshness(cells: Mapping[str, str]) -> dict[str, Any]:
    if ("max_age" in cells) == ("deadline" in cells):
        raise ValueError("says how fresh in no way, or in two; fill either max_age or deadline")
    told: dict[str, Any] = {"max_age_seconds": age(cells["max_age"])} if "max_age" in cells else {}
    if "deadline" in cells:
        told = {"deadline": clock(cells["deadline"]), "days": cells.get("days", "daily").casefold()}
    elif "days" in cells:
        raise ValueError("days belong to a deadline; leave days empty beside max_age")
    try:
        model = Freshness.model_validate({**told, **({"tz": cells["tz"]} if "tz" in cells else {})})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        said = first["msg"].removeprefix("Value error, ")
        said = said[:1].lower() + said[1:]
        raise ValueError(f"{first['loc'][-1] if first['loc'] else 'freshness'}: {first['input']!r}: {said}") from None
    return model.model_dump(exclude_none=True)


def age(text: str) -> float:
    """``26h``, ``90m``, ``1.5d`` as seconds. Raises ValueError."""
    match = _AGE.fullmatch(text)
    if match is None or float(match[1]) == 0:
        raise ValueError(f"{text!r} is no age; write 26h, 90m or 2d")
    return float(match[1]) * _SECONDS[match[2].lower()]


def clock(text: str) -> str:
    """A time of day as ``07:00``. Raises ValueError."""
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f"{text!r} is no time of day; write 07:00")
    return f"{int(match[1]):02}:{match[2]}"


def share(text: str) -> float:
    """``99%``, ``99,5 %`` or ``0.99`` as a share above 0. Raises ValueError."""
    plain = text.replace(",", ".").replace(" ", "")
    try:
        value = round(float(plain[:-1]) / 100, 12) if plain.endswith("%") else float(plain)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise ValueError(f"{text!r} is no share; write 99% or 0.99")
    return value
