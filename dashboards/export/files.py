"""An export as files: the first table goes into the file that was named, the others beside it under their own names.

A file is written whole or not at all: it is made beside its place and then moved there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboards.export.columns import Kind, Sheet
from dashboards.format.cells import cell
from slo.errors import TierlineError

if TYPE_CHECKING:
    import pyarrow

Rows = Sequence[Mapping[str, Any]]


def placed(out: Path, sheets: Sequence[Sheet]) -> dict[str, Path]:
    """The table's name -> its file: ``x.parquet`` for the first, ``x.targets.parquet`` ... for the others."""
    return {one.name: out if at == 0 else out.with_suffix(f".{one.name}{out.suffix}") for at, one in enumerate(sheets)}


def write(out: Path, tables: Sequence[tuple[Sheet, Rows]]) -> dict[Path, int]:
    """Writes the tables; the files with their rows. Raises TierlineError where a file cannot be written."""
    render = WAYS[out.suffix.lower()]
    places = placed(out, [sheet for sheet, _ in tables])
    written = {}
    for sheet, rows in tables:
        put(places[sheet.name], render(sheet, rows))
        written[places[sheet.name]] = len(rows)
    return written


def put(path: Path, body: bytes) -> None:
    """The file with this body, whole or not at all. Raises TierlineError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(body)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise TierlineError(f"{path}: cannot be written: {error.strerror}; name another file with --out") from None


def as_csv(sheet: Sheet, rows: Rows) -> bytes:
    """UTF-8 with a header; times in UTC; text that a spreadsheet would run as a formula has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(one.name for one in sheet.columns)
    writer.writerows([_written(row[one.name]) for one in sheet.columns] for row in rows)
    return out.getvalue().encode()


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    # A number keeps its sign; only text can be taken for a formula.
    return repr(value) if isinstance(value, (int, float)) else cell(value)


def as_parquet(sheet: Sheet, rows: Rows) -> bytes:
    """Typed columns: UTF-8 text, int64, double, boolean, date, timestamps in microseconds with the zone UTC. What a
    column means stands in its metadata."""
    import pyarrow
    import pyarrow.parquet

    fields = [
        pyarrow.field(one.name, _arrow(one.kind), nullable=not one.key, metadata={"description": one.what})
        for one in sheet.columns
    ]
    schema = pyarrow.schema(fields, metadata={"description": sheet.what})
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows], schema=schema), out)
    return out.getvalue()


def _arrow(kind: Kind) -> pyarrow.DataType:
    import pyarrow

    return {
        "text": pyarrow.string(),
        "int": pyarrow.int64(),
        "real": pyarrow.float64(),
        "time": pyarrow.timestamp("us", "UTC"),
        "date": pyarrow.date32(),
        "bool": pyarrow.bool_(),
    }[kind]


WAYS: dict[str, Callable[[Sheet, Rows], bytes]] = {".csv": as_csv, ".parquet": as_parquet}
"""A file's ending -> how it is written."""
