"""A spreadsheet that a person filled in: CSV with any usual delimiter and encoding, or Excel; columns whatever their
order and case."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collectors import cells
from collectors.tables import FORMATS, Layout
from collectors.tables import read as read_table
from dashboards.format.cells import FORMULA
from slo.errors import ConfigError, SourceError
from tierline.settings.problems import Problem, did_you_mean

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TIER = re.compile(r"(?:tier|t)?[ :_=-]*([0-3])(?:\.0)?", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line: where it stands, and its cells by column, those that are not empty."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """The lines of a file; ``problems`` are lines that cannot be read, ``warnings`` columns that nobody reads."""

    path: Path
    columns: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = field(default=())


def read_sheet(
    path: Path, columns: Collection[str], notes: Collection[str] = (), needs: Sequence[str] = ("asset",)
) -> Sheet:
    """The file's lines. ``columns``: what is read; ``notes``: what may stand beside it for people. Raises ConfigError
    where the file cannot be read or has none of the columns it ``needs``."""
    if FORMATS.get(path.suffix.lower()) not in ("csv", "excel"):
        raise ConfigError(f"{path}: is no spreadsheet by its name; write .csv or .xlsx")
    try:
        table = read_table(path, Layout(encoding=_encoding(path)))
        rows = list(table.rows)
    except SourceError as error:
        raise ConfigError(str(error)) from None
    header = {name: name.strip().casefold().replace(" ", "_") for name in table.columns or ()}
    if not set(needs) & set(header.values()):
        found = ", ".join(filter(None, header)) or "none"
        raise ConfigError(f"{path}:1: has no column {needs[0]!r}; its columns: {found}")
    lines = [Line(row.line, _filled(row.cells, header)) for row in rows if not row.problem]
    broken = [Problem(str(path), row.line, "the line", row.problem) for row in rows if row.problem]
    columns_found = tuple(header.values())
    return Sheet(path, columns_found, tuple(lines), tuple(broken), _unread(path, columns_found, columns, notes))


def _filled(row: Mapping[str, object], header: Mapping[str, str]) -> dict[str, str]:
    return {header[name]: _plain(cells.text(cell)) for name, cell in row.items() if not cells.blank(cell)}


def _plain(text: str) -> str:
    """Without the mark that keeps a spreadsheet from taking somebody's text for a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _unread(
    path: Path, found: Collection[str], columns: Collection[str], notes: Collection[str]
) -> tuple[Problem, ...]:
    return tuple(
        Problem(str(path), 1, name, "nobody reads this column", did_you_mean(name, sorted(columns), "read are"))
        for name in found
        if name and name not in columns and name not in notes
    )


def _encoding(path: Path) -> str:
    """UTF-8 with or without its mark, UTF-16 as Excel's "Unicode text", else the Windows code page."""
    if FORMATS.get(path.suffix.lower()) != "csv":
        return "utf-8-sig"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; name another file") from None
    if content.startswith(_UTF16):
        return "utf-16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def tier(text: str) -> int:
    """``1``, ``tier 1``, ``T1``. Raises ValueError."""
    match = _TIER.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no tier; write 0, 1, 2 or 3")
    return int(match[1])
