"""``tierline export`` at the command line: what is evaluated and what was closed, in files and in a database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tierline.cli import run

NOW = datetime(2026, 11, 6, 8, tzinfo=UTC)


def facts() -> list[dict[str, Any]]:
    """A pipeline that was due daily in October and failed on the 3rd."""
    pipeline = {"fact": "asset", "source": "s", "id": "a", "asset": "air/orders", "kind": "pipeline", "tier": 1,
                "team": "=core", "domain": "orders", "environment": "production",
                "valid_from": "2026-09-01T00:00:00Z"}  # fmt: skip
    runs = [
        {"fact": "run", "source": "s", "id": f"r{day}", "asset": "air/orders", "trigger": "schedule",
         "state": "failed" if day == 3 else "success", "due_at": f"2026-10-{day:02}T03:00:00Z",
         "started_at": f"2026-10-{day:02}T03:00:01Z", "ended_at": f"2026-10-{day:02}T03:10:00Z"}
        for day in range(1, 31)
    ]  # fmt: skip
    return [pipeline, *runs]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with October in it; the clock stands on 6 November."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_STORE", "sqlite:///x.db")
    monkeypatch.setattr("tierline.commands.export.now", lambda: NOW)
    (tmp_path / "f.jsonl").write_text("".join(json.dumps(fact) + "\n" for fact in facts()))
    assert run(["facts", "import", "f.jsonl"]) == 0
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, int]:
    capsys.readouterr()
    code = run(["export", *arguments, "--format", "json"])
    said = capsys.readouterr()
    assert code == 0, said.err
    found: dict[str, int] = json.loads(said.out)
    return found


def test_a_period_goes_into_files_and_twice_into_a_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--period", "2026-10", "--kpi", "pipeline_success_rate")
    # The whole, four tiers, one team, one domain.
    rows = told(capsys, *chosen, "--out", "x.parquet")
    assert (rows["x.parquet"], rows["x.periods.parquet"], rows["x.period_lines.parquet"]) == (7, 0, 0)
    found = {one["scope"]: one for one in pyarrow.parquet.read_table("x.parquet").to_pylist()}
    assert sorted(found) == ["all", "domain=orders", "team==core", "tier=0", "tier=1", "tier=2", "tier=3"]
    assert (found["all"]["value"], found["all"]["good"], found["all"]["bad"], found["tier=0"]["value"]) == (
        29 / 30, 29.0, 1.0, None,
    )  # fmt: skip
    for _ in range(2):
        assert told(capsys, *chosen, "--out", "sqlite:///out.db")["tierline_results"] == 7
    with closing(sqlite3.connect("out.db")) as base:
        assert base.execute("SELECT count(*), max(value) FROM tierline_results").fetchall() == [(7, 29 / 30)]
    told(capsys, *chosen, "--out", "x.csv")
    assert ",'=core," in Path("x.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "x.docx"], "--out x.docx: write a file that ends in .csv or .parquet, or a database's URL"),
        (["--out", "env:NOWHERE"], "the environment variable NOWHERE is not set"),
        (["--out", "x.csv", "--window", "7d", "--period", "2026-10"], "--window: goes with neither --period nor"),
        (["--out", "x.csv", "--kpi", "no_such"], "no_such"),
        (["--out", "nodb://x/y"], "no driver for it is installed"),
    ],
)
def test_what_cannot_be_written_is_said_before_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("TIERLINE_STORE", f"sqlite:///{tmp_path}/x.db")
    assert run(["export", *arguments]) == 2
    assert said in capsys.readouterr().err
