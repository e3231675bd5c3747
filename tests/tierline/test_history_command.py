"""``tierline history`` at the command line: which days, what is refused, where the text goes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tierline.cli import run

NOW = datetime(2026, 11, 6, 8, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a run a day in October, of which the one of the 30th failed; the clock stands on 6 November."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_STORE", "sqlite:///x.db")
    monkeypatch.setattr("tierline.commands.history.now", lambda: NOW)
    runs = [
        {"fact": "run", "source": "s", "id": f"r{day}", "asset": "air/orders", "trigger": "event",
         "state": "failed" if day == 30 else "success", "started_at": f"2026-10-{day:02}T03:00:01Z",
         "ended_at": f"2026-10-{day:02}T03:10:00Z"}
        for day in range(1, 32)
    ]  # fmt: skip
    (tmp_path / "f.jsonl").write_text("".join(json.dumps(fact) + "\n" for fact in runs))
    assert run(["facts", "import", "f.jsonl"]) == 0
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["history", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_last_ended_day_is_the_newest_and_text_goes_to_stdout_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--openmetrics", "--kpi", "pipeline_success_rate", "--since", "2026-10-30", "--window", "7d")
    code, out, err = told(capsys, *words)
    assert (code, err) == (0, "1 KPI, from 2026-10-30 to 2026-11-05\n")
    families = {family.name: family.samples for family in text_string_to_metric_families(out)}
    values = {
        round((float(one.timestamp) - NOVEMBER) / 86400): one.value
        for one in families["dataplatform_pipeline_success_ratio"]
    }
    # Seven days up to 30 October, a run each, one failed; later windows lose a day at their start.
    assert values == {-1: 6 / 7, 0: 6 / 7, 1: 5 / 6, 2: 4 / 5, 3: 3 / 4, 4: 2 / 3, 5: 1 / 2}


def test_what_cannot_be_written_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        ((), "history: say --openmetrics; there is no other form"),
        (("--openmetrics", "--window", "2026-10"), "--window: '2026-10' is no rolling window; write one such as 28d"),
        (("--openmetrics", "--since", "2026-11-06"), "--since 2026-11-06 is after 2026-11-05, the last day that can"),
        (("--openmetrics", "--label", "job"), "--label: 'job': write name=value, as job=tierline"),
        (("--openmetrics", "--label", "window=x"), "--label: 'window' is a label of the metrics themselves"),
        (("--openmetrics", "--kpi", "nosuch"), "KPI 'nosuch' is not on the shelf"),
    ):
        code, out, err = told(capsys, *words)
        assert (code, out) == (2, "")
        assert message in err


def test_the_help_has_the_very_command(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "--help")
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for text in (out, page):
        assert re.search(r"promtool tsdb create-blocks-from openmetrics --max-block-duration=720h history.om", text)
