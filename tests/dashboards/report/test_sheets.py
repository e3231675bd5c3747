"""The workbook holds the document's numbers exactly, as numbers, and its texts as texts."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from dashboards.report import shape as s
from dashboards.report import sheets
from tests.dashboards.report import paper


def opened(document: dict[str, Any]) -> Workbook:
    return load_workbook(io.BytesIO(sheets.render(document)))


def lines(book: Workbook, name: str) -> list[dict[str, Any]]:
    heads, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(paper.document())


def test_every_figure_is_the_documents(book: Workbook) -> None:
    document = paper.document()
    rows = [row for group in document["table"] for row in group["rows"]]
    found = lines(book, "Figures")
    assert [(one["KPI"], one["value"], one["before"], one["change"], one["observed"], one["n"]) for one in found] == [
        (one["kpi"], *(one[name]["value"] for name in ("value", "before", "change", "coverage", "n"))) for one in rows
    ]
    assert (found[0]["value"], found[1]["value"], found[2]["unit"], found[3]["value"]) == (
        0.9917, 5421.5, "USD per TB", None,
    )  # fmt: skip
    assert (found[0]["good"], found[0]["bad"], found[0]["numerator"]) == (4772, 40, None)


@pytest.mark.parametrize("value", [2 / 11, 1 / 46, 321.21276595744683, -0.025806749774377857, 0.1 + 0.2, 1e22, 5e-324])
def test_a_number_keeps_its_last_digit(value: float) -> None:
    """17 digits, where it takes them: what is read back is the very same number."""
    found = lines(opened(paper.document(table=[s.Group("", [paper.row("x", "x", value)])])), "Figures")[0]
    assert found["value"] == value


def test_numbers_are_shown_in_their_unit(book: Workbook) -> None:
    sheet = book["Figures"]
    heads = [cell.value for cell in sheet[1]]
    column = {head: at + 1 for at, head in enumerate(heads)}
    formats = [sheet.cell(at, column["value"]).number_format for at in (2, 3, 4)]
    assert formats == ["0.00%", "#,##0.0", "#,##0.00##"]
    assert sheet.cell(2, column["change"]).number_format == "+0.00%;-0.00%;0.00%"
    assert (sheet.freeze_panes, sheet.auto_filter.ref[:3]) == ("C2", "A1:")


def test_the_summary_counts_in_numbers(book: Workbook) -> None:
    rows = list(book["Summary"].iter_rows(values_only=True))
    assert rows[0][0] == "In October 2026 the platform kept 21 of 27 judged promises"
    assert ("Missed", 6, 5, 7) in rows
    assert ("Tier 1 kept 97.1 % of its runs; promised are 99 %",
            "orders_hourly failed 31 of 48 times\n11 of them behind one late source", None, None) in rows  # fmt: skip
    assert ("Agree to 98 % for orders until January", "D1", None, None) in rows


def test_what_hangs_on_a_card_has_a_sheet(book: Workbook) -> None:
    assert book.sheetnames == [
        "Summary", "Figures", "Promises", "Trend", "Tiers", "Drivers", "Budgets", "Incidents", "Restated", "Left out",
        "Coverage", "Definitions",
    ]  # fmt: skip
    trend = [(one["period"], one["value"], one["target"]) for one in lines(book, "Trend")][:12]
    assert trend == [(f"2026-{at:02}", value, 0.985 if at < 6 else 0.99) for at, value in enumerate(paper.SUCCESS)]
    restated = lines(book, "Restated")[0]
    assert (restated["reported"], restated["now"]) == (4500.0, 4800.0)
    assert lines(book, "Drivers")[0]["together"] == -0.0062
    assert lines(book, "Budgets")[0]["remaining"] == -0.31
    assert lines(book, "Incidents")[0]["seconds"] == 5400.0


def test_sizes_are_numbers_and_moments_are_moments(book: Workbook) -> None:
    """One can sum, sort and filter by them."""
    assert lines(book, "Promises")[0]["n"] == 4812
    assert [one["n"] for one in lines(book, "Tiers")[:2]] == [1203, 1203]
    incident = paper.document()["families"][0]["happened"]["incidents"][0]
    [since] = [one["since"] for one in lines(book, "Incidents")][:1]
    assert since == datetime.fromisoformat(incident["started"]).replace(tzinfo=None)
    assert book["Incidents"]["A2"].is_date


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\tx", "\x00\x1b[31m", "ف" * 200])
def test_no_text_becomes_a_formula(name: str) -> None:
    book = opened(paper.document(title=name, table=[s.Group(name, [paper.row("x", name, target=name)])]))
    shown = name.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    assert lines(book, "Figures")[0]["title"] == lines(book, "Figures")[0]["target"] == shown
    formulas = [cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []
    assert book["Figures"]["B2"].quotePrefix is name.startswith(sheets.FORMULA)


def test_the_same_document_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    document = paper.document()
    first = sheets.render(document)
    monkeypatch.setattr("zipfile.time.localtime", lambda *_: (2030, 1, 1, 0, 0, 0, 0, 1, 0))
    assert sheets.render(document) == first
    assert load_workbook(io.BytesIO(first)).properties.modified.isoformat() == "2026-11-06T07:00:00"
