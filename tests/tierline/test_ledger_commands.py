"""``tierline dispute``, ``close`` and ``ledger`` at the command line: a month disputed, settled, closed, looked up."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.shelf import shelf
from tierline.cli import run


@pytest.fixture(autouse=True)
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four runs of October 2025, one of them failed; a report is a word (test_worked.py makes a real one)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "2025-10.md").write_text("## In my words\n\nA quiet month.\n", encoding="utf-8")
    (tmp_path / "tierline.yaml").write_text(
        "timezone: Asia/Kolkata\nstore: sqlite:///t.db\npeople: {ann@example.com: sales}\n", encoding="utf-8"
    )
    told: list[dict[str, Any]] = [
        {"fact": "run", "source": "airflow", "id": f"r{day}", "asset": "shop/orders", "trigger": "schedule",
         "state": "failed" if day == 2 else "success", "due_at": f"2025-10-0{day}T06:00:00Z",
         "started_at": f"2025-10-0{day}T06:00:00Z", "ended_at": f"2025-10-0{day}T06:05:00Z"}
        for day in range(1, 5)
    ]  # fmt: skip
    told.append({"fact": "asset", "source": "inventory", "id": "a", "asset": "shop/orders", "kind": "pipeline",
                 "team": "finance", "domain": "sales"})  # fmt: skip
    (tmp_path / "facts.jsonl").write_text("\n".join(map(json.dumps, told)), encoding="utf-8")
    assert run(["facts", "import", "facts.jsonl"]) == 0
    few = {kpi: known for kpi, known in shelf().items() if kpi in ("pipeline_success_rate", "mttr")}
    monkeypatch.setattr("slo.engine.shelf", lambda: few)  # what holds for two holds for all, in a fraction of the time
    monkeypatch.setattr("tierline.reports.reporting.fresh", lambda engine, config, period, scope, _: {"report": scope})


def said(capsys: pytest.CaptureFixture[str], *command: str, code: int = 0) -> Any:
    """What a command prints as JSON; its message where it fails."""
    capsys.readouterr()
    assert run([*command, *(() if code == 2 else ("--format", "json"))]) == code
    out = capsys.readouterr()
    return out.err if code == 2 else json.loads(out.out)


def test_a_month_is_disputed_settled_closed_and_looked_up(capsys: pytest.CaptureFixture[str]) -> None:
    kpi = "pipeline_success_rate"
    dispute = ("dispute", "2025-10", kpi, "--domain", "sales", "--text", "r2 was a drill, says ann@example.com")
    (one,) = said(capsys, *dispute, "--by", "ann@example.com")
    assert (one["id"], one["by"], one["text"]) == (1, "sales", "r2 was a drill, says …")

    refused = said(capsys, "close", "2025-10", code=2)
    assert "2025-10: is disputed (1: pipeline_success_rate by sales); settle each with `tierline dispute" in refused
    preview = said(capsys, "close", "2025-10", "--dry-run")
    assert preview["scopes"] == ["whole", "tier:0", "tier:1", "tier:2", "tier:3", "team:finance", "domain:sales"]
    assert [one["id"] for one in preview["disputes"]] == [1] and preview["lines"] == 7 * 2

    (settled,) = said(capsys, "dispute", "2025-10", kpi, "--settle", "It was none.")
    assert settled["settlement"] == "It was none." and settled["settled_at"] is not None
    assert said(capsys, "dispute", "2025-10") == [settled]
    assert "nobody disputes pipeline_success_rate there" in said(
        capsys, "dispute", "2025-10", kpi, "--settle", "again", code=2
    )

    closed = said(capsys, "close", "2025-10", "--by", "data platform")
    assert (closed["by"], closed["disputes"], closed["provisional"]) == ("data platform", [], [])
    assert closed["notes"] == "## In my words\n\nA quiet month.\n"
    assert "is closed; put it right by a correction or an exclusion in decisions/" in said(capsys, *dispute, code=2)

    told = said(capsys, "ledger", "2025-10", "--team", "finance")
    assert told["hash"] == closed["hash"] and told["restated"] == []
    (line,) = [line for line in told["lines"] if line["kpi"] == kpi]
    assert (line["scope"], line["result"]["value"], line["result"]["good"]) == ("team:finance", 0.75, 3)
    listed = {one["name"]: one["state"] for one in said(capsys, "ledger")}
    assert listed["2025-10"] == "closed" and listed["2025-Q4"] == "provisional"

    shut = datetime.fromisoformat(closed["closed_at"]).astimezone(ZoneInfo("Asia/Kolkata"))
    assert run(["ledger"]) == 0 == run(["ledger", "2025-10"])
    listing, page = capsys.readouterr().out.split("2025-10, closed ")
    assert f"{shut:%Y-%m-%d %H:%M} IST" in listing and page.startswith(f"{shut:%Y-%m-%d %H:%M} IST by data platform")

    assert said(capsys, "ledger", "verify")[0]["sound"] is True
    with sqlite3.connect("t.db") as connection:
        connection.execute("UPDATE ledger_periods SET hash = 'x'")
    assert said(capsys, "ledger", "verify", code=1)[0]["sound"] is False


def test_closed_despite_a_dispute_it_is_listed_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "dispute", "2025-10", "mttr", "--text", "one is missing")
    closed = said(capsys, "close", "2025-10", "--despite-disputes")
    assert [(one["kpi"], one["text"], one["settled_at"]) for one in closed["disputes"]] == [
        ("mttr", "one is missing", None)
    ]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("dispute", "2025-10", "--text", "x"), "dispute: say which KPI"),
        (("dispute", "2025-13"), "window: '2025-13' is not a window"),
        (("report", "2025-10", "--team", "shop"), "--team shop: no asset was of it in 2025-10; there are: finance"),
        (("dispute", "2025-10", "mttr"), "dispute mttr: say either --text (what is wrong) or --settle"),
        (("dispute", "2025-10", "mttr", "--text", " "), "--text: is empty"),
        (("dispute", "2025-10", "mttr", "--text", "x", "--domain", "shop"),
         "--domain shop: no asset was of it in 2025-10; there are: sales"),
        (("dispute", "2025-10", "mttr", "--text", "x", "--by", "bob@example.com"), "--by bob@example.com: is a person"),
        (("dispute", "2999-10", "mttr", "--text", "x"), "2999-10: has not begun yet"),
        (("close", "2999-10"), "2999-10: has not ended"),
        (("close", "2025-10", "--by", "bob@example.com"), "--by bob@example.com: is a person"),
        (("ledger", "2025-10"), "2025-10: is not closed; `tierline close 2025-10` closes it (closed are: none)"),
        (("ledger", "2025-13"), "window: '2025-13' is not a window; write one of"),
        (("ledger", "2025"), "2025: is no period of the ledger; name a week, month, quarter or half, as 2026-10"),
        (("ledger", "--team", "finance", "--tier", "1"), "lines are kept by one of --tier, --team, --domain"),
    ],
)  # fmt: skip
def test_wrong_use(capsys: pytest.CaptureFixture[str], command: tuple[str, ...], message: str) -> None:
    assert message in said(capsys, *command, code=2)
