"""Rows of a CSV, JSON Lines or Excel file with the line each stands on. Nothing in a cell is ever evaluated."""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path
from typing import Any, TextIO

from slo.errors import SourceError

FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".xlsx": "excel", ".xlsm": "excel",
}  # fmt: skip
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Layout:
    """How a file is to be read; None: found out."""

    format: str | None = None
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    sheet: str | None = None
    header_row: int = 1


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (the first is 1), its cells by column, and what is wrong with it."""

    line: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """``columns`` is None where every row names its own (JSON Lines)."""

    columns: tuple[str, ...] | None
    rows: Iterator[Row]


def files(pattern: str) -> list[Path]:
    """A file, or the files a glob fits, in the order of their names. Raises SourceError where there is none."""
    found = sorted(map(Path, glob(pattern, recursive=True))) if has_magic(pattern) else [Path(pattern)]  # noqa: PTH207
    if not found:
        raise SourceError(f"{pattern}: fits no file; set path")
    return found


def read(path: Path, layout: Layout) -> Table:
    """The file's rows, read as they are asked for. Raises SourceError where the file cannot be read."""
    kind = layout.format or FORMATS.get(path.suffix.lower())
    if kind is None:
        raise SourceError(f"{path}: cannot tell the format from {path.suffix!r}; set format to csv, jsonl or excel")
    try:
        return {"csv": _csv, "jsonl": _json_lines, "excel": _excel}[kind](path, layout)
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file; set path to the register") from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: is not {layout.encoding} ({error.reason}); set encoding, such as cp1252") from None
    except (OSError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None


def _csv(path: Path, layout: Layout) -> Table:
    with path.open(encoding=layout.encoding, newline="") as file:
        reader = _reader(file, layout)
        columns = named(next(reader, []))
    return Table(columns, _csv_rows(path, columns, layout))


def _reader(file: TextIO, layout: Layout) -> Any:
    """A CSV reader that stands at the header."""
    for _ in range(layout.header_row - 1):
        file.readline()
    start = file.tell()
    delimiter = layout.delimiter or _delimiter(file.readline())
    file.seek(start)
    return csv.reader(file, delimiter=delimiter, strict=True)


def _csv_rows(path: Path, columns: tuple[str, ...], layout: Layout) -> Iterator[Row]:
    """A quoted cell may span lines: a row stands where it begins."""
    above = layout.header_row - 1
    with path.open(encoding=layout.encoding, newline="") as file:
        reader = _reader(file, layout)
        next(reader, None)
        while True:
            line = above + reader.line_num + 1
            try:
                cells = next(reader, None)
            except UnicodeDecodeError as error:
                raise SourceError(f"{path}:{line}: is not {layout.encoding} ({error.reason}); set encoding") from None
            except csv.Error as error:
                raise SourceError(f"{path}:{line}: {error}; is a quote left open?") from None
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield _row(line, columns, cells)


def _row(line: int, columns: tuple[str, ...], cells: list[Any]) -> Row:
    extra = [cell for cell in cells[len(columns) :] if cell not in (None, "")]
    problem = f"has {len(cells)} cells under {len(columns)} columns; is a delimiter in it unquoted?" if extra else None
    return Row(line, {name: cell for name, cell in zip(columns, cells, strict=False) if name}, problem)


def _delimiter(header: str) -> str:
    """The likeliest delimiter: the commonest of the usual ones outside quotes in the header."""
    plain = "".join(part for number, part in enumerate(header.split('"')) if number % 2 == 0)
    return max(_DELIMITERS, key=plain.count)


def named(header: Iterable[Any]) -> tuple[str, ...]:
    """Column names; a name that comes again (survey exports) is numbered: "Score", "Score (2)"."""
    names: list[str] = []
    for cell in header:
        name = "" if cell is None else str(cell).strip()
        again = sum(known == name or known.startswith(f"{name} (") for known in names) if name else 0
        names.append(f"{name} ({again + 1})" if again else name)
    return tuple(names)


def _json_lines(path: Path, layout: Layout) -> Table:
    return Table(None, _json_rows(path, layout))


def _json_rows(path: Path, layout: Layout) -> Iterator[Row]:
    with path.open(encoding=layout.encoding) as file:
        try:
            for line, text in enumerate(file, start=1):
                if text.strip():
                    yield _json_row(line, text)
        except UnicodeDecodeError as error:
            raise SourceError(f"{path}: is not {layout.encoding} ({error.reason}); set encoding") from None


def _json_row(line: int, text: str) -> Row:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        return Row(line, problem=f"is not JSON ({error.msg} at column {error.colno})")
    return Row(line, data) if isinstance(data, dict) else Row(line, problem="is not a JSON object; one object a line")


def _excel(path: Path, layout: Layout) -> Table:
    """Cells as Excel last computed them; formulas are not run."""
    with _sheet(path, layout) as rows:
        columns = named(next(rows, ()))
    return Table(columns, _excel_rows(path, columns, layout))


@contextmanager
def _sheet(path: Path, layout: Layout) -> Iterator[Iterator[Any]]:
    """The sheet's rows from the header on."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions it doesn't know
            book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise SourceError(f"{path}: is not an Excel workbook: {error}") from None
    with closing(book):
        if layout.sheet and layout.sheet not in book.sheetnames:
            raise SourceError(f"{path}: has no sheet {layout.sheet!r}; it has {', '.join(book.sheetnames)}")
        yield book[layout.sheet or book.sheetnames[0]].iter_rows(min_row=layout.header_row, values_only=True)


def _excel_rows(path: Path, columns: tuple[str, ...], layout: Layout) -> Iterator[Row]:
    with _sheet(path, layout) as rows:
        next(rows, None)
        for line, cells in enumerate(rows, start=layout.header_row + 1):
            if any(cell not in (None, "") for cell in cells):
                yield _row(line, columns, list(cells))
