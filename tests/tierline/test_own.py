"""A KPI of one's own from its file to its explanation: a query over a real database, collected, shown, explained,
exported, corrected; and a class at an entry point of another package."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slo import shelf as shelves
from slo.own import installed
from slo.own.installed import _tried
from tierline.cli import run

TODAY = datetime.now(UTC).date()
SETTINGS = """
store: sqlite:///t.db
sources:
  finance_db: {type: sql, url: "env:FINANCE_DB", history_days: 10}
"""
MATCHED = """
title: Invoices matched
family: quality
measure: ratio
better: up
definition: Invoices that match their order, of the invoices booked.
not_counted: drafts
example: 97 of 100 invoices match their order, which is 97 %.
source: finance_db
query: |
  SELECT supplier AS asset, day, matched AS good, booked - matched AS bad, 'https://erp.example/' || day AS url
  FROM invoices WHERE day >= :start AND day < :end;
"""
DELAY = """
title: Booking delay
family: delivery
lens: leading
measure: samples
pick: mean
unit: seconds
better: down
minimum: 2
definition: Seconds from an invoice's arrival to its booking, a figure a supplier and day.
example: Delays of 60 and 180 seconds have the mean of 120 seconds.
source: finance_db
query: SELECT supplier AS asset, day, delay AS value FROM invoices WHERE day >= :start AND day < :end
"""
ROWS = [("acme", 1, 90, 100, 60.0), ("acme", 2, 47, 50, 180.0), ("globex", 1, 50, 50, 30.0)]
"""Supplier, days ago, matched, booked, delay."""
Told = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with settings, two KPIs, and the database they ask."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINANCE_DB", "sqlite:///erp.db")
    Path("tierline.yaml").write_text(SETTINGS)
    Path("kpis").mkdir()
    Path("kpis/invoices_matched.yaml").write_text(MATCHED)
    Path("kpis/booking_delay.yaml").write_text(DELAY)
    with sqlite3.connect("erp.db") as erp:
        erp.execute("CREATE TABLE invoices (supplier TEXT, day TEXT, matched INTEGER, booked INTEGER, delay REAL)")
        rows = [(name, str(TODAY - timedelta(days=ago)), *rest) for name, ago, *rest in ROWS]
        erp.executemany("INSERT INTO invoices VALUES (?, ?, ?, ?, ?)", rows)
    yield tmp_path
    shelves.put_on_shelf([])


@pytest.fixture
def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """What a command prints, as JSON."""

    def ask(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run([*arguments, "--format", "json"]) == code, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return ask


def _changed(statement: str) -> None:
    with sqlite3.connect("erp.db") as erp:
        erp.execute(statement)


def test_a_query_becomes_a_kpi(told: Told) -> None:
    """187 of 200 invoices; the mean of three delays; one supplier alone."""
    assert run(["collect"]) == 0
    found = told("show", "invoices_matched", "--window", "7d")
    assert (found["good"], found["bad"], found["value"]) == (187, 13, 0.935)
    assert (found["title"], found["family"], found["metric"]) == (
        "Invoices matched", "quality", "invoices_matched_ratio"
    )  # fmt: skip
    assert told("show", "invoices_matched", "--window", "7d", "--asset", "globex")["value"] == 1.0
    delay = told("show", "booking_delay", "--window", "7d")
    assert (delay["value"], delay["n"], delay["median"]) == (90.0, 3, 60.0)


def test_it_is_explained_by_its_rows(told: Told) -> None:
    """The worst row first, with its link."""
    run(["collect"])
    found = told("explain", "invoices_matched", "--window", "7d")
    assert found["figures"] == "187 / (187 + 13) = 0.935"
    worst = found["facts"][0]
    assert (worst["asset"], worst["verdict"], worst["kind"]) == ("acme", "bad", "figure")
    assert worst["url"].startswith("https://erp.example/")
    assert found["facts_total"] == 3


def test_a_row_that_is_gone_takes_its_figure_back(told: Told) -> None:
    """As long as its day is still read again; other days stay."""
    run(["collect"])
    _changed("DELETE FROM invoices WHERE supplier = 'globex'")
    _changed(f"UPDATE invoices SET matched = 100 WHERE day = '{TODAY - timedelta(days=1)}'")
    run(["collect"])
    found = told("show", "invoices_matched", "--window", "7d")
    assert (found["good"], found["bad"]) == (147, 3)


def test_it_stands_in_the_catalogue_and_goes_out_like_any_other(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    run(["collect"])
    found = {one["id"]: one for one in told("kpis")}
    assert found["invoices_matched"]["definition"].startswith("Invoices that match")
    capsys.readouterr()
    assert run(["facts", "export", "figure"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 6
    assert {line["kpi"] for line in lines} == {"invoices_matched", "booking_delay"}


def test_check_tries_each_query(told: Told) -> None:
    """One that names what is not there fails alone, in the database's words."""
    Path("kpis/booking_delay.yaml").write_text(DELAY.replace("FROM invoices", "FROM bills"))
    found = told("check", "--connect", code=1)["findings"]
    assert [(one["ok"], one["what"]) for one in found] == [
        (False, "booking_delay: no such table: bills"),
        (True, "invoices_matched: 2 rows for yesterday and today"),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("better: up", "better: upwards"), "kpis/invoices_matched.yaml:5: better: 'upwards'"),
        (("source: finance_db", "source: finance"), "'finance' is no source of these settings"),
        (("SELECT", "DELETE"), "begin it with SELECT or WITH"),
        (("measure: ratio", "measure: ratio\nunit: seconds"), "unit 'seconds' is none of a ratio; write ratio"),
        (("title:", "id: other\ntitle:"), "id: 'other' is not the file's name"),
    ],
)
def test_a_wrong_file_is_named(
    folder: Path, change: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("kpis/invoices_matched.yaml").write_text(MATCHED.replace(*change, 1))
    assert run(["check"]) == 2
    assert message in capsys.readouterr().err


def test_an_id_of_tierlines_own_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("kpis/mttr.yaml").write_text(MATCHED)
    assert run(["check"]) == 2
    assert "KPI 'mttr' is one of Tierline's own; name yours otherwise" in capsys.readouterr().err


def test_rows_that_are_no_figures_are_set_aside(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    """By name, value and remedy; the others are taken."""
    _changed("UPDATE invoices SET matched = -1 WHERE supplier = 'globex'")
    _changed(f"UPDATE invoices SET day = 'yesterday' WHERE day = '{TODAY - timedelta(days=2)}'")
    assert run(["collect"]) in (0, 1)
    found = told("show", "invoices_matched", "--window", "7d")
    assert (found["good"], found["bad"]) == (90, 10)


PLUGIN = """
from slo.kpis.deployment_frequency import DeploymentFrequency

class Releases(DeploymentFrequency):
    id = "releases"
    title = "Releases"

class Silent(DeploymentFrequency):
    id = "silent"
    definition = "no sentence"
"""


def test_a_class_at_an_entry_point_is_on_the_shelf(
    told: Told, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is right is a KPI; one that is not is named by ``check``, and the rest goes on."""
    (folder / "tl_own_plugin.py").write_text(PLUGIN)
    (folder / "tl_own-1.0.dist-info").mkdir()
    (folder / "tl_own-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: tl-own\nVersion: 1.0\n")
    points = "releases = tl_own_plugin:Releases\nsilent = tl_own_plugin:Silent\nlost = tl_own_plugin:Lost\n"
    (folder / "tl_own-1.0.dist-info" / "entry_points.txt").write_text(f"[tierline.kpis]\n{points}")
    monkeypatch.syspath_prepend(str(folder))
    _tried.cache_clear()
    shelves.shelf.cache_clear()
    try:
        assert list(installed()) == ["releases"]
        assert told("show", "releases")["title"] == "Releases"
        assert run(["check"]) == 1
        said = capsys.readouterr().err
        assert "KPI 'silent' (tl_own_plugin:Silent): definition: is no sentence" in said
        assert "KPI 'lost' (tl_own_plugin:Lost): cannot be loaded" in said
    finally:
        monkeypatch.undo()
        _tried.cache_clear()
        shelves.shelf.cache_clear()
