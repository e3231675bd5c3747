"""``tierline rules`` at the command line: what the settings say reaches the rules."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tierline.cli import run


def test_the_settings_team_is_told_of_tierline_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "tierline.yaml"
    settings.write_text("store: sqlite:///x.db\nsources: []\nalerts: {team: data-eng}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["rules", "--config", str(settings), "--job", 'a"b']) == 0
    told = {
        one["alert"]: one for one in yaml.safe_load(capsys.readouterr().out)["groups"][0]["rules"] if "alert" in one
    }
    teams = {name: one["labels"]["team"] for name, one in told.items() if "team" in one["labels"]}
    assert teams == {"TierlineEvaluationStale": "data-eng", "TierlineDown": "data-eng"}
    assert told["TierlineDown"]["expr"] == 'absent(tierline_last_evaluation_timestamp_seconds{job="a\\"b"})'
