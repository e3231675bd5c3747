"""tierline coverage: from a store's facts and the configured kinds to the three states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tierline.cli import run

RUN = {"fact": "run", "source": "x", "id": "1", "asset": "x/a", "state": "success", "trigger": "schedule"}
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("TIERLINE_STORE", "TIERLINE_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def states(capsys: Capture, *arguments: str) -> dict[str, str]:
    capsys.readouterr()
    assert run(["coverage", "--format", "json", *arguments]) == 0
    return {one["kpi"]: one["state"] for one in json.loads(capsys.readouterr().out)}


def test_an_empty_store_has_nothing_set_up(folder: Path, capsys: Capture) -> None:
    (folder / "tierline.yaml").write_text("store: sqlite:///x.db\n")
    assert set(states(capsys).values()) == {"not set up"}
    assert run(["coverage"]) == 0
    assert capsys.readouterr().out.startswith("0 measured, ")


def test_what_connected_kinds_could_tell_needs_no_new_source(folder: Path, capsys: Capture) -> None:
    (folder / "tierline.yaml").write_text(
        "store: sqlite:///x.db\nsources:\n  repo: {type: git, path: ., deployments: none}\n"
        "  register: {type: file, path: x.csv, fact: entry, map: {kind: k}, id: '{k}'}\n"
    )
    found = states(capsys)
    assert found["deployment_frequency"] == "with what you have"  # git could, by another setting
    assert found["change_failure_rate"] == "with what you have"
    assert found["mttr"] == "not set up"  # a file could by its kind, but this one is a register of entries
    assert found["pipeline_success_rate"] == "not set up"


def test_facts_handed_in_make_it_measured_in_their_window_only(folder: Path, capsys: Capture) -> None:
    (folder / "tierline.yaml").write_text("store: sqlite:///x.db\n")
    line = {**RUN, "due_at": "2026-10-05T06:00:00Z", "started_at": "2026-10-05T06:00:00Z",
            "ended_at": "2026-10-05T06:10:00Z"}  # fmt: skip
    (folder / "f.jsonl").write_text(json.dumps(line) + "\n")
    assert run(["facts", "import", "f.jsonl"]) == 0
    assert states(capsys, "--window", "2026-10")["pipeline_success_rate"] == "measured"
    assert states(capsys, "--window", "2026-09")["pipeline_success_rate"] == "with what you have"
