"""What a KPI declares to stand beside its value is shown: in the table, and in the JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tierline.cli import run

CASES = Path(__file__).parents[1] / "conformance"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """told(kpi, case, *arguments): what ``tierline show`` prints of a worked case."""

    def show(kpi: str, case: str, *arguments: str) -> str:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("TIERLINE_STORE", "sqlite:///t.db")
        asked = json.loads((CASES / kpi / case / "expected.json").read_text(encoding="utf-8"))["arguments"]
        assert run(["facts", "import", str(CASES / kpi / case / "facts.jsonl")]) == 0
        capsys.readouterr()
        assert run(["show", kpi, *asked, *arguments]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return show


def test_a_declared_figure_is_in_the_table_and_in_the_json(told) -> None:
    case = ("change_failure_rate", "what_users_saw_apart")
    assert "change_failure_rate: failures that users saw: 25.0 %\n" in told(*case)
    shown = json.loads(told(*case, "--format", "json"))
    assert shown["beside"] == [
        {"figure": "user_visible_share", "title": "failures that users saw", "unit": "ratio", "value": 0.25}
    ]


def test_the_jobs_stand_beside_their_median(told) -> None:
    said = told("job_runtime", "job_by_job")
    assert "job_runtime: change of the median run: +18 %\n" in said
    assert (
        "job_runtime: jobs, the most slowed first: p/a p95 3 min 6 s (+86 %), p50 2 min 25 s (+45 %); p/b p95" in said
    )


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0001-01-01", "2999-12-31x"])
def test_a_baseline_that_is_no_day_is_refused_in_words(
    day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_STORE", "sqlite:///t.db")
    assert run(["show", "job_runtime", "--param", f"baseline={day}"]) == 2
    said = capsys.readouterr().err
    assert f"--param baseline={day}: expected a day such as 2026-03-01" in said
    assert "Traceback" not in said
