"""FOCUS cost rows, read in batches and summed exactly: CSV (also .gz) and Parquet, FOCUS 1.0 to 1.2.

Memory holds one batch and the sums, never the file. Costs are summed as decimals, so that the order of rows and files
never changes a figure. A literal ``NULL`` is null; a time without zone is UTC, as FOCUS demands of all times.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet

from slo.errors import SourceError

ENDINGS = (".csv", ".csv.gz", ".parquet")
_MONEY = pa.decimal128(38, 18)
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_NULLS = ["", "NULL", "null"]
_BLOCK = 2 << 20
_ROWS = 65_536


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be summed, and why."""

    place: str
    problem: str


def files(path: Path) -> list[Path]:
    """The cost files below a folder, or the file itself. Raises SourceError where there is none."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(f"{path}: no such file or folder; set path to where the FOCUS export is delivered")
    return sorted(item for item in path.rglob("*") if item.is_file() and item.name.lower().endswith(ENDINGS))


def columns_of(path: Path) -> list[str]:
    """The file's column names. Raises SourceError where it cannot be read."""
    try:
        if path.suffix == ".parquet":
            return list(arrow_parquet.read_schema(path).names)
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except (OSError, EOFError, pa.ArrowException, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read as FOCUS: {error}") from None


def batches(path: Path, columns: Sequence[str], bad: list[BadRow]) -> Iterator[pa.Table]:
    """The file's rows, a batch at a time, with these columns; one that the file lacks is null. A line of too many or
    too few cells goes to ``bad``."""
    present = set(columns_of(path))
    wanted = [name for name in columns if name in present]
    try:
        reader = _parquet(path, wanted) if path.suffix == ".parquet" else _csv(path, wanted, bad)
        for batch in reader:
            table = pa.Table.from_batches([batch])
            for name in columns:
                if name not in present:
                    table = table.append_column(name, pa.nulls(len(table), pa.string()))
            yield table
    except (OSError, EOFError, pa.ArrowException) as error:
        raise SourceError(f"{path}: cannot be read as FOCUS: {error}; is the delivery complete?") from None


def _parquet(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    with arrow_parquet.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=_ROWS, columns=columns)


def _csv(path: Path, columns: list[str], bad: list[BadRow]) -> Iterator[pa.RecordBatch]:
    def invalid(row: Any) -> str:
        bad.append(BadRow(str(path), f"a line has {row.actual_columns} cells under {row.expected_columns} columns"))
        return "skip"

    options = {
        "read_options": arrow_csv.ReadOptions(block_size=_BLOCK, use_threads=False),
        "parse_options": arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=invalid),
        "convert_options": arrow_csv.ConvertOptions(
            include_columns=columns, column_types=dict.fromkeys(columns, pa.string()), null_values=_NULLS,
            strings_can_be_null=True, quoted_strings_can_be_null=True,
        ),
    }  # fmt: skip
    with (
        pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as stream,
        arrow_csv.open_csv(stream, **options) as reader,
    ):
        yield from reader


def grouped(
    table: pa.Table, keys: Sequence[str], amounts: Sequence[str], place: str, bad: list[BadRow]
) -> Iterator[tuple[dict[str, Any], dict[str, Any], int]]:
    """(key columns as text, sums as decimals, rows) of every combination of keys. A row whose amount is blank or no
    number goes to ``bad`` by its number in the file (the first below the header is 1)."""
    columns = {name: _text(table[name]) for name in keys}
    for name in amounts:
        number = _numbers(table[name])
        for row in pc.indices_nonzero(pc.is_null(number)).to_pylist():
            bad.append(
                BadRow(f"{place}: row {table['row'][row]}", f"{name} is {table[name][row].as_py()!r}, no number")
            )
        columns[name] = number
    whole = pa.table({**columns, "rows": pa.repeat(1, len(table))})
    for name in amounts:
        whole = whole.filter(pc.is_valid(whole[name]))
    sums = whole.group_by(list(keys), use_threads=False).aggregate([(name, "sum") for name in (*amounts, "rows")])
    for row in sums.to_pylist():
        yield {key: row[key] for key in keys}, {name: row[f"{name}_sum"] for name in amounts}, row["rows_sum"]


def numbered(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Batches whose rows know their number in the file (column ``row``)."""
    first = 1
    for table in tables:
        yield table.append_column("row", pa.array(range(first, first + len(table)), pa.int64()))
        first += len(table)


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as exact decimals; null where it is no finite number."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_finite(column), column, None)
    elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.if_else(pc.match_substring_regex(column, _NUMBER), column, None)
    elif pa.types.is_integer(column.type):
        column = pc.cast(column, pa.decimal128(19, 0))
    return pc.cast(column, _MONEY, safe=False)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as text; "NULL" and blank are null; a map (Tags in Parquet) is JSON."""
    if pa.types.is_nested(column.type):
        plain = (dict(item) if isinstance(item, list) else item for item in column.to_pylist())
        return pa.chunked_array([[None if item is None else json.dumps(item) for item in plain]], pa.string())
    column = pc.cast(column, pa.string())
    return pc.if_else(pc.is_in(column, value_set=pa.array(_NULLS)), None, column)


def matches(table: pa.Table, where: Mapping[str, Sequence[str]]) -> pa.Table:
    """The rows whose columns hold one of the given values, column by column."""
    for name, values in where.items():
        chosen = pc.is_in(_text(table[name]), value_set=pa.array(list(values), pa.string()))
        table = table.filter(pc.fill_null(chosen, False))
    return table
