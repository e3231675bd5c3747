"""The decisions/ folder at the door: check, show and the service, each with a file that is right and one that isn't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from slo.facts import Run
from slo.store import Store
from tierline.cli import run
from tierline.commands import now
from tierline.config import load
from tierline.service import Service

Capture = pytest.CaptureFixture[str]
OUTAGE = """exclusions:
  - assets: shop/*
    start: 2026-11-02T00:00:00Z
    end: 2026-11-02T01:00:00Z
    reason: vendor
    by: platform
"""
SHOWN = ["show", "pipeline_success_rate", "--window", "2026-11-02", "--format", "json"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, an empty folder of decisions, and one run that failed and one that did not."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    (tmp_path / "decisions").mkdir()
    (tmp_path / "tierline.yaml").write_text("store: sqlite:///x.db\n")
    with Store("sqlite:///x.db") as store:
        store.migrate()
        store.upsert([_run("bad", "failed", "00"), _run("good", "success", "02")])
    return tmp_path


def _run(key: str, state: Any, hour: str) -> Run:
    from slo.interchange import instant

    due = instant(f"2026-11-02T{hour}:00:00Z")
    return Run(source="airflow", id=key, asset="shop/orders", state=state, due_at=due, started_at=due)


def decide(text: str) -> None:
    Path("decisions/a.yaml").write_text(text)


def shown(capsys: Capture) -> tuple[dict[str, Any], str]:
    assert run(SHOWN) == 0
    told = capsys.readouterr()
    return json.loads(told.out), told.err


def test_check_counts_what_is_decided(capsys: Capture) -> None:
    decide(OUTAGE)
    assert run(["check"]) == 0
    assert "decisions: 1 exclusion\n" in capsys.readouterr().out


def test_check_tells_what_is_wrong_as_lines_and_as_json(capsys: Capture) -> None:
    decide(OUTAGE.replace("vendor", "weather").replace("    by: platform\n", ""))
    assert run(["check"]) == 2
    assert [line.split(": ")[1:3] for line in capsys.readouterr().err.splitlines()] == [
        ["decisions/a.yaml:2", "exclusions[0].by"], ["decisions/a.yaml:5", "exclusions[0].reason"],
    ]  # fmt: skip
    assert run(["check", "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], [error["place"] for error in told["errors"]]) == (
        False, ["exclusions[0].by", "exclusions[0].reason"],
    )  # fmt: skip


def test_check_warns_of_a_correction_without_its_fact(capsys: Capture) -> None:
    correction = "corrections:\n  - {fact: run, id: bda, set: {state: success}, reason: it was there, by: core}\n"
    decide(correction)
    assert run(["check"]) == 0
    assert capsys.readouterr().err == (
        "warning: decisions/a.yaml:2: corrections[0].id: no run has the id 'bda' so far; copy it from "
        "`tierline explain`; it counts as soon as the fact comes\n"
    )
    decide(correction.replace("bda", "bad"))
    assert run(["check"]) == 0
    assert capsys.readouterr().err == ""


def test_the_schema_is_printed(capsys: Capture) -> None:
    assert run(["check", "--schema", "decisions"]) == 0
    printed = json.loads(capsys.readouterr().out)
    stored = Path(__file__).parents[2] / "docs" / "decisions.schema.json"
    assert printed == json.loads(stored.read_text(encoding="utf-8"))
    assert list(printed["properties"]) == ["corrections", "exclusions", "notes", "sign_offs"]


def test_show_counts_by_the_last_good_decisions_and_says_what_is_wrong(capsys: Capture) -> None:
    before, _ = shown(capsys)
    assert (before["good"], before["bad"], before["excluded"]) == (1, 1, 0)
    decide(OUTAGE)
    after, silent = shown(capsys)
    assert (after["good"], after["bad"], after["excluded"], silent) == (1, 0, 1, "")
    assert after["as_felt"] == {"value": 0.5, "good": 1, "bad": 1}
    assert after["excluded_share"] == {"share": 0.5, "cap": 0.05, "reasons": {"vendor": 0.5}}
    decide(OUTAGE.replace("vendor", "weather"))
    still, warned = shown(capsys)
    assert (still["good"], still["bad"], still["excluded"]) == (1, 0, 1)
    assert warned.startswith("warning: decisions: the last good ones stay in force, until this is put right:\n")
    assert "decisions/a.yaml:5: exclusions[0].reason: 'weather'" in warned


def test_the_cap_is_a_setting(capsys: Capture) -> None:
    decide(OUTAGE)
    assert "50 % of events are excluded by decision, more than the cap of 5 %" in shown(capsys)[0]["caveats"]
    with Path("tierline.yaml").open("a") as file:
        file.write("excluded_cap: 0.5\n")
    told, _ = shown(capsys)
    assert [caveat for caveat in told["caveats"] if "cap of" in caveat] == []
    assert told["excluded_share"]["cap"] == 0.5


def test_the_service_goes_on_with_the_last_good_ones(caplog: pytest.LogCaptureFixture) -> None:
    note = "notes:\n  - {period: 2026-11, text: A new region., by: core}\n"
    decide(OUTAGE + note)
    config = load("tierline.yaml", {})
    with Store(config.store_url) as store:
        service = Service(config, store, "collect")
        service.evaluate()
        decide(OUTAGE.replace("vendor", "weather"))
        service.evaluate()
        service.evaluate()
        snapshot = service.snapshots.holder()
        assert [fact.reason for fact in store.read("exclusion")] == ["vendor"]
    assert [one["text"] for one in snapshot.decided["notes"]] == ["A new region."]
    assert [record.levelname for record in caplog.records if "last good ones" in record.getMessage()] == ["ERROR"]
    assert snapshot.as_of is not None and snapshot.as_of <= now()


def test_the_report_says_what_was_noted(capsys: Capture) -> None:
    decide(OUTAGE + "notes:\n  - {period: 2026-11, text: A new region., by: core, ref: OPS-9}\n")
    assert run(["report", "2026-11", "--out", "r.html"]) == 0
    page = Path("r.html").read_text(encoding="utf-8")
    assert "A new region. <span>noted by core for 2026-11 (OPS-9)</span>" in page
    assert "as felt, others&#39; faults put back: 50.0 %" in page
    assert "left out by decision: 50 % (vendor)" in page
