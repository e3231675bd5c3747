"""Registers as people keep them, to facts by a mapping; every expected value is worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pydantic import ValidationError

from collectors.base import Enumerated, Period, Raw
from collectors.cells import Reading, value
from collectors.sources.file import FileSettings, FileSource
from collectors.tables import named
from slo.errors import FactError, SourceError
from slo.interchange import parse

GOLDEN = Path(__file__).parents[1] / "golden/file"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = Period(NOW - timedelta(days=90), NOW, latest=True)
INCIDENTS: dict[str, Any] = {
    "path": str(GOLDEN / "incidents.csv"), "fact": "incident", "id": "{Ticket}", "timezone": "Europe/Berlin",
    "time_format": "%d.%m.%Y %H:%M",
    "map": {
        "title": "Title", "started_at": "Opened", "resolved_at": "Closed", "assets": "Assets", "found_by": "Found by",
        "severity": {"column": "Sev", "values": {"SEV1": 1, "SEV2": 2, "SEV3": 3}}, "class": {"value": "correctness"},
    },
}  # fmt: skip
TOIL: dict[str, Any] = {
    "fact": "entry", "key": ["Week", "Team"], "timezone": "UTC",
    "map": {"kind": {"value": "toil"}, "at": "Week", "team": "Team", "quantity": "Hours"},
}  # fmt: skip


def source(**settings: Any) -> FileSource:
    return FileSource("register", FileSettings.model_validate(settings), lambda: NOW)


def told(file: FileSource, period: Period = EVER) -> tuple[list[Any], list[str]]:
    """(facts, messages of the rows set aside)."""
    facts, aside = [], []
    for raw in file.fetch(period):
        if isinstance(raw, Raw):
            try:
                facts += [parse({**record, "source": "register"}) for record in file.parse(raw)]
            except FactError as error:
                aside.append(str(error))
    return facts, aside


def listed(file: FileSource) -> list[frozenset[str]]:
    return [raw.ids for raw in file.fetch(EVER) if isinstance(raw, Enumerated)]


def test_a_german_csv_with_bom_semicolons_and_a_changing_clock() -> None:
    first, second, last = told(source(**INCIDENTS))[0]
    # 25 October 2026, 02:30 comes twice in Berlin: the first is meant (+02:00); 04:00 is after the change (+01:00)
    assert (first.started_at, first.resolved_at) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 3, 0, tzinfo=UTC),
    )  # fmt: skip
    assert (first.id, first.severity, first.class_, first.found_by) == ("INC-1", 1, "correctness", "consumer")
    assert (first.title, first.assets) == ("Orders late; twice", ["shop/orders", "shop/refunds"])
    assert (second.title, second.found_by) == ('=HYPERLINK("http://x.example")', "test")
    assert (second.resolved_at, second.assets) == (None, None)
    assert (last.id, last.title) == ("INC-6", "Two\r\nlines")


def test_bad_lines_are_set_aside_by_line_and_the_others_go_in() -> None:
    facts, aside = told(source(**INCIDENTS))
    assert [fact.id for fact in facts] == ["INC-1", "INC-2", "INC-6"]
    assert aside == [
        "incidents.csv:5: Opened: 'yesterday' for incident.started_at: expected a time such as %d.%m.%Y %H:%M; else "
        "set time_format",
        "incidents.csv:6: Sev: 'SEV9' for incident.severity: is not among values: SEV1, SEV2, SEV3",
        "incidents.csv:7: {Ticket} is blank; every row needs its own id",
    ]


def toil(tmp_path: Path, content: str, **more: Any) -> FileSource:
    path = tmp_path / "toil.csv"
    path.write_text(content, encoding="utf-8")
    return source(path=str(path), **{**TOIL, **more})


def test_rows_without_an_id_go_by_their_key(tmp_path: Path) -> None:
    before, _ = told(toil(tmp_path, "Week,Team,Hours\n2026-10-05,core,4\n2026-10-05,web,2\n"))
    after, _ = told(toil(tmp_path, "Team,Week,Hours\nweb,2026-10-05,2.5\ncore,2026-10-05,4\n"))
    assert len({fact.id for fact in before}) == 2
    assert {fact.team: fact.id for fact in before} == {fact.team: fact.id for fact in after}
    assert [(fact.at, fact.quantity) for fact in before] == [(datetime(2026, 10, 5, tzinfo=UTC), 4), (before[0].at, 2)]


@pytest.mark.parametrize(("content", "hours"), [
    ("Week,Team,Hours\n2026-10-05,core,\"1,234.5\"\n", 1234.5), ("Week\tTeam\tHours\n2026-10-05\tcore\t 7 \n", 7.0),
    ("Week|Team|Hours\n2026-10-05|core|.5\n", 0.5), ("Week;Team;Hours;\"a,b,c,d\"\n2026-10-05;core;3;x\n", 3.0),
])  # fmt: skip
def test_the_delimiter_is_found(tmp_path: Path, content: str, hours: float) -> None:
    assert [fact.quantity for fact in told(toil(tmp_path, content))[0]] == [hours]


def test_a_decimal_comma_must_be_declared(tmp_path: Path) -> None:
    content = "Week;Team;Hours\n2026-10-05;core;12,5\n2026-10-12;core;1.234,5\n"
    facts, aside = told(toil(tmp_path, content))
    assert facts == []
    assert all("decimal_comma: true" in message for message in aside)  # never 125 hours
    assert [fact.quantity for fact in told(toil(tmp_path, content, decimal_comma=True))[0]] == [12.5, 1234.5]


def test_a_time_without_zone_is_set_aside_where_none_is_set(tmp_path: Path) -> None:
    facts, aside = told(
        toil(tmp_path, "Week,Team,Hours\n2026-10-05,a,1\n2026-10-05T00:00:00+02:00,b,1\n", timezone=None)
    )
    assert [fact.at for fact in facts] == [datetime(2026, 10, 4, 22, tzinfo=UTC)]
    assert "set timezone" in aside[0]


def test_a_row_of_too_many_cells_is_set_aside(tmp_path: Path) -> None:
    facts, aside = told(toil(tmp_path, "Week,Team,Hours\n2026-10-05,core,1,234\n2026-10-12,core\n"))
    assert aside == ["toil.csv:2: has 4 cells under 3 columns; is a delimiter in it unquoted?"]
    assert [fact.quantity for fact in facts] == [None]  # a short row: what it lacks is blank


def test_json_lines_with_nested_fields(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    lines = [
        {"key": "ABC-1", "fields": {"due": 1790000000, "labels": "P2", "done": True}, "fields.note": "flat"},
        {"key": "ABC-2", "fields": {"due": None}},
        [1],
    ]
    path.write_text("\n".join([*map(json.dumps, lines), "{broken", ""]))
    file = source(path=str(path), fact="work_item", id="jira/{key}", map={
        "kind": {"value": "support"}, "priority": "fields.labels", "title": {"template": "Ticket {key}: {fields.note}"},
        "due_at": {"column": "fields.due", "time_format": "epoch"},
        "outcome": {"column": "fields.done", "values": {"true": "done"}},
    })  # fmt: skip
    facts, aside = told(file)
    assert [(fact.id, fact.priority, fact.title, fact.outcome) for fact in facts] == [
        ("jira/ABC-1", "P2", "Ticket ABC-1: flat", "done"), ("jira/ABC-2", None, None, None),
    ]  # fmt: skip
    assert facts[0].due_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert aside == [
        "work.jsonl:3: is not a JSON object; one object a line",
        "work.jsonl:4: is not JSON (Expecting property name enclosed in double quotes at column 2)",
    ]


def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Assets"
    for row in (
        ["Register of datasets"], ["Name", "Tier", "Reviewed", "Encrypted", "Tags", "Sum"],
        ["orders", 1.0, datetime(2026, 10, 5, 8, 30), True, "a; b;", "=1+1"],  # noqa: DTZ001  Excel has no zones
        [None, None, None, None, None, None], ["customers", 0, date(2026, 10, 6), "no", None, 3],
    ):  # fmt: skip
        sheet.append(row)
    book.create_sheet("Other")
    path = tmp_path / "assets.xlsx"
    book.save(path)
    return path


def test_an_assets_history_is_a_version_a_row(tmp_path: Path) -> None:
    rows = [
        {"asset": "af/orders", "since": "2026-01-01T00:00:00+01:00", "tier": 2},
        {"asset": "af/orders", "since": "2026-06-01T00:00:00Z", "tier": 1},
        {"asset": "af/refunds", "tier": 3},
    ]
    path = tmp_path / "inventory.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    mapping = {"asset": "asset", "valid_from": "since", "tier": "tier"}
    facts, aside = told(source(path=str(path), fact="asset", map=mapping))
    assert aside == []
    assert [(fact.id, fact.tier) for fact in facts] == [
        ("af/orders@2025-12-31T23:00:00Z", 2), ("af/orders@2026-06-01T00:00:00Z", 1), ("af/refunds", 3),
    ]  # fmt: skip


def test_an_excel_sheet_with_dates_and_formulas(tmp_path: Path) -> None:
    file = source(path=str(workbook(tmp_path)), fact="asset", header_row=2, namespace="shop", list_separator=";",
        complete=True, timezone="Asia/Kolkata", map={
            "asset": "Name", "tier": "Tier", "first_seen": "Reviewed", "encrypted": "Encrypted", "tags": "Tags",
            "description": "Sum",
        })  # fmt: skip
    (orders, customers), aside = told(file)
    assert aside == []
    assert (orders.id, orders.asset, orders.tier, orders.encrypted) == ("shop/orders", "shop/orders", 1, True)
    assert (orders.tags, orders.first_seen) == (["a", "b"], datetime(2026, 10, 5, 3, 0, tzinfo=UTC))
    assert orders.description is None  # a formula that Excel never computed: not run here either
    assert (customers.tier, customers.encrypted, customers.tags, customers.description) == (0, False, None, "3")
    assert customers.first_seen == datetime(2026, 10, 5, 18, 30, tzinfo=UTC)
    assert listed(file) == [frozenset({"shop/orders", "shop/customers"})]


def test_wrong_sheets_and_wrong_columns_name_the_right_ones(tmp_path: Path) -> None:
    path = str(workbook(tmp_path))
    common = {"path": path, "fact": "asset", "map": {"asset": "Name"}}
    with pytest.raises(SourceError, match="it has Assets, Other"):
        list(source(sheet="Sheet1", **common).fetch(EVER))
    with pytest.raises(SourceError, match="no column Name; it has Register of datasets"):
        list(source(**common).fetch(EVER))


def test_gone_rows_are_deletions_only_where_the_file_is_complete(tmp_path: Path) -> None:
    content = "Week,Team,Hours\n2026-10-05,core,4\n"
    assert listed(toil(tmp_path, content)) == []
    file = toil(tmp_path, content, complete=True)
    assert listed(file) == [frozenset(fact.id for fact in told(file)[0])]
    assert listed(toil(tmp_path, content + ",,3\n", complete=True)) == []  # one row cannot be told: none is gone
    assert listed(toil(tmp_path, content + "2026-10-12,b,1,1\n", complete=True)) == []


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    file = toil(tmp_path, "Week,Team,Hours\n2026-10-05,core,4\n")
    later = Period(NOW, NOW + timedelta(hours=1), incremental=True, latest=True)
    assert len(told(file)[0]) == 1
    assert told(file, later) == ([], [])
    assert len(told(file)[0]) == 1  # not incremental: everything again
    (tmp_path / "toil.csv").write_text("Week,Team,Hours\n2026-10-05,core,40\n")
    assert [fact.quantity for fact in told(file, later)[0]] == [40]
    changed = toil(tmp_path, "Week,Team,Hours\n2026-10-05,core,40\n", list_separator=";")
    changed.memory = file.memory
    assert len(told(changed, later)[0]) == 1  # read by another mapping: another reading


def test_a_pass_reads_the_file_once_and_a_full_pass_reads_it_anyway(tmp_path: Path) -> None:
    file = toil(tmp_path, "Week,Team,Hours\n2026-10-05,core,4\n")
    week = Period(NOW - timedelta(days=8), NOW - timedelta(days=1))
    later = Period(NOW, NOW + timedelta(hours=1), incremental=True, latest=True)
    assert [len(told(file, period)[0]) for period in (EVER, week, week)] == [1, 0, 0]  # a first pass
    assert [len(told(file, period)[0]) for period in (later, week, week)] == [0, 1, 0]  # --full


def test_several_files_by_a_glob(tmp_path: Path) -> None:
    for month in ("09", "10"):
        (tmp_path / f"toil-{month}.csv").write_text(f"Week,Team,Hours\n2026-{month}-07,core,{month}\n")
    file = source(path=str(tmp_path / "toil-*.csv"), **TOIL)
    assert [fact.quantity for fact in told(file)[0]] == [9, 10]
    assert [finding.ok for finding in file.check()] == [True, True]


def missing(_: Path) -> None: ...


def latin(path: Path) -> None:
    path.write_bytes("Week,Team,Hours\n2026-10-05,Käse,4\n".encode("cp1252"))


def open_quote(path: Path) -> None:
    path.write_text('Week,Team,Hours\n2026-10-05,"core,4\n')


@pytest.mark.parametrize(("make", "words"), [
    (missing, "no such file"), (latin, "set encoding"), (open_quote, "is a quote left open"),
])  # fmt: skip
def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    make(tmp_path / "r.csv")
    file = source(path=str(tmp_path / "r.csv"), **TOIL)
    with pytest.raises(SourceError, match=words):
        list(file.fetch(EVER))
    assert [finding.ok for finding in file.check()] == [False]


def test_an_unknown_ending_and_a_glob_without_files(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_text("Week,Team,Hours\n2026-10-05,core,4\n")
    with pytest.raises(SourceError, match="set format"):
        list(source(path=str(tmp_path / "r.dat"), **TOIL).fetch(EVER))
    assert len(told(source(path=str(tmp_path / "r.dat"), format="csv", **TOIL))[0]) == 1
    with pytest.raises(SourceError, match="fits no file"):
        list(source(path=str(tmp_path / "*.csv"), **TOIL).fetch(EVER))


@pytest.mark.parametrize(("change", "words"), [
    ({"fact": "incidents"}, "is not a kind of fact"), ({"map": {"kind": "K", "size": "S"}}, "entry has no size"),
    ({"map": {"at": "Week"}}, "every entry needs kind"), ({"key": []}, "id or key"),
    ({"timezone": "Berlin"}, "is not a time zone"), ({"map": {"kind": {"column": "K", "value": 1}}}, "exactly one"),
])  # fmt: skip
def test_a_mapping_that_cannot_work_is_refused_at_once(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        FileSettings.model_validate({"path": "r.csv", **TOIL, **change})


def test_it_tells_what_is_mapped() -> None:
    assert source(path="r.csv", **TOIL).tells == {"entry": ("toil", "kind", "at", "team", "quantity")}


def test_columns_of_the_same_name_are_numbered() -> None:
    assert named(["Score", " Score ", None, "Score", "Team"]) == ("Score", "Score (2)", "", "Score (3)", "Team")


@pytest.mark.parametrize(("cell", "time_format", "expected"), [
    ("10/31/2026 14:05:09", "%m/%d/%Y %H:%M:%S", datetime(2026, 10, 31, 13, 5, 9, tzinfo=UTC)),
    (46326.5, "excel", datetime(2026, 10, 31, 11, 0, tzinfo=UTC)),
    ("1793451909000", "epoch_ms", datetime(2026, 10, 31, 13, 5, 9, tzinfo=UTC)),
    ("2026-03-29 02:30", None, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # an hour that Berlin skipped
])  # fmt: skip
def test_times(cell: Any, time_format: str | None, expected: datetime) -> None:
    reading = Reading(ZoneInfo("Europe/Berlin"), time_format)
    assert value(cell, datetime, reading) == expected


@pytest.mark.parametrize("cell", ["", " ", "n/a", "1,23", "0x10", "1 2", "nan", "--1"])
def test_what_is_no_number(cell: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        value(cell, float, Reading())
