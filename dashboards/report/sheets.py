"""The report as an Excel workbook: real numbers in the KPIs' own units, text that can never become a formula. The same
document gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from dashboards.format.cells import FORMULA
from dashboards.report import lists
from dashboards.report.sealing import Document

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

WIDEST, NARROWEST, MOST = 60, 8, 32_000
"""Columns' widths in characters, and how many of them a cell takes."""
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBER = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*><v>)[^<]*</v>')
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")
FORMATS = {
    "ratio": "0.00%", "count": "#,##0", "seconds": "#,##0.0", "whole": "#,##0", "points": "+0.00%;-0.00%;0.00%",
}  # fmt: skip
OTHER = "#,##0.00##"


@dataclass(frozen=True)
class Sized:
    """A number and the unit whose format it is shown in; ``moved``: a change, with its sign."""

    value: float | int | None
    unit: str
    moved: bool = False

    @property
    def format(self) -> str:
        if self.moved:
            return FORMATS["points"] if self.unit == "ratio" else f"+{OTHER};-{OTHER};0"
        return FORMATS.get(self.unit, OTHER)


def render(document: Document) -> bytes:
    """The document (a ``shape.Report`` as plain data) as .xlsx."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    _summary(book.create_sheet("Summary"), document)
    for name, heads, rows in lists.tables(document, Sized):
        _table(book.create_sheet(name), heads, rows)
    made = datetime.fromisoformat(document["as_of"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.title, book.properties.creator = _clean(document["title"]), "Tierline"
    book.properties.created = made
    out = io.BytesIO()
    book.save(out)
    return _settled(out.getvalue(), made, _exact(book))


def _exact(book: Workbook) -> dict[str, dict[str, str]]:
    """The sheet's part -> cell -> its number in full, where it has more than the 16 digits that the library writes."""
    return {
        f"xl/worksheets/sheet{at}.xml": {
            cell.coordinate: repr(cell.value)
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, float) and float(f"{cell.value:.16g}") != cell.value
        }
        for at, sheet in enumerate(book, 1)
    }


def _settled(body: bytes, made: datetime, exact: Mapping[str, Mapping[str, str]]) -> bytes:
    """The same workbook, its numbers in full, without the moment at which it was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>" + made.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>", part)
            own = exact.get(name) or {}
            part = _NUMBER.sub(partial(_in_full, own), part) if own else part
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _in_full(own: Mapping[str, str], found: re.Match[bytes]) -> bytes:
    told = own.get(found[2].decode())
    return found[0] if told is None else found[1] + told.encode() + b"</v>"


def _clean(text: str) -> str:
    """What a workbook can hold."""
    return _ILLEGAL.sub("\ufffd", text)[:MOST]


def put(cell: Cell, value: Any) -> None:
    """A value as what it is: a number as a number, a text as a text whatever it begins with."""
    from openpyxl.styles import Alignment

    if isinstance(value, Sized):
        cell.value = value.value
        cell.number_format = value.format
    elif isinstance(value, str):
        cell.value = _clean(value)
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA)
        cell.alignment = Alignment(wrap_text=len(value) > WIDEST or "\n" in value, vertical="top")
    else:
        cell.value = value
        if isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm"


def _table(sheet: Worksheet, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from openpyxl.styles import Border, Font, Side

    widths = [len(head) for head in heads]
    for at, head in enumerate(heads, 1):
        cell = sheet.cell(1, at)
        put(cell, head)
        cell.font, cell.border = Font(bold=True), Border(bottom=Side("thin"))
    last = 1
    for last, row in enumerate(rows, 2):
        for at, value in enumerate(row, 1):
            put(sheet.cell(last, at), value)
            widths[at - 1] = max(widths[at - 1], _width(value))
    _laid_out(sheet, widths)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{sheet.cell(last, len(heads)).coordinate}"
    sheet.print_title_rows = "1:1"


def _width(value: Any) -> int:
    if isinstance(value, Sized):
        return 12
    if isinstance(value, datetime):
        return 16
    return max((len(line) for line in str(value).split("\n")), default=0) if value is not None else 0


def _laid_out(sheet: Worksheet, widths: Sequence[int]) -> None:
    from openpyxl.utils import get_column_letter

    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = min(max(width + 2, NARROWEST), WIDEST)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _summary(sheet: Worksheet, d: Document) -> None:
    """What the first page says, a line each, the count as numbers."""
    from openpyxl.styles import Alignment, Font

    for at, (style, *cells) in enumerate(_said(d), 1):
        for place, value in enumerate(cells, 1):
            put(sheet.cell(at, place), value)
            if style:
                sheet.cell(at, place).font = Font(bold=True, size=16 if style == "title" else 11)
    _laid_out(sheet, (56, 56, 12, 12))
    sheet["A1"].alignment = Alignment(wrap_text=False)
    sheet.freeze_panes = "A2"


def _said(d: Document) -> Iterator[tuple[Any, ...]]:
    """Rows of the summary: a style ("title", "head" or ""), then the cells."""
    yield "title", d["title"]
    for line in (*d["intro"], d["state_text"], d["restricted"]["text"]):
        if line:
            yield "", line
    yield "", "as of", d["as_of_text"]
    yield "", "SHA-256 of the content", d["hash"]
    yield ("",)
    yield "head", "Promises", "counted", "as felt", "ours alone"
    for one in d["counts"]:
        yield "", one["title"], *(Sized(one[name], "whole") for name in ("counted", "felt", "ours"))
    for heading, lines in _parts(d):
        told = list(lines)
        if told:
            yield ("",)
            yield "head", heading
            yield from (("", *line) for line in told)


def _parts(d: Document) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    yield "Missed, and why", [(one["sentence"], "\n".join(one["causes"])) for one in d["misses"]]
    yield "What changed", [(d["changes_text"],), *((one["text"],) for one in d["changes"])]
    yield "Cost against volume", [(line,) for line in d["cost"]]
    words = d["words"] or {"paragraphs": (), "decisions": (), "asks": (), "asked_in": ""}
    yield "In the lead's words", [(line,) for line in words["paragraphs"]]
    yield "Decisions asked", [(one["text"], one["id"]) for one in words["decisions"]]
    yield f"Asked in {words['asked_in']}", [(one["text"], one["outcome"]) for one in words["asks"]]
    yield "Disputed", [(one["text"], one["who"]) for one in d["disputed"]]
    yield "Noted", [(one["text"], one["who"]) for one in d["noted"]]
