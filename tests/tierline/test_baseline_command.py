"""``tierline baseline`` and ``baseline freeze`` at the command line: what is written where, what an adoption keeps, in
which scope a frozen figure holds in, and every wrong use by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tierline.cli import run

JANUARY = (8, 9, 10, 11, 12)
"""Business days from request to done, all opened on Monday 5 January 2026: the median is 10."""
CLOSED = {8: 15, 9: 16, 10: 19, 11: 20, 12: 21}
FREEZE = ("baseline", "freeze", "onboarding_lead_time", "--profile", "distinguished_platform")
FEBRUARY = ("--as-of", "2026-02-01T00:00:00Z")


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_STORE", f"sqlite:///{tmp_path}/t.db")
    (tmp_path / "tierline.yaml").write_text("timezone: UTC\n", encoding="utf-8")
    told = [
        {"fact": "work_item", "source": "jira", "id": f"j{days}", "kind": "onboarding", "outcome": "done",
         "opened_at": "2026-01-05T00:00:00Z", "closed_at": f"2026-01-{CLOSED[days]}T00:00:00Z", "team": "core"}
        for days in JANUARY
    ]  # fmt: skip
    tell(tmp_path, told)
    return tmp_path


def tell(folder: Path, facts: list[dict[str, Any]]) -> None:
    (folder / "facts.jsonl").write_text("\n".join(map(json.dumps, facts)), encoding="utf-8")
    assert run(["facts", "import", "facts.jsonl"]) == 0


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run(list(arguments)) == code
    told = capsys.readouterr()
    return told.out if code == 0 else told.err


def row(folder: Path, number: int = 1) -> list[dict[str, Any]]:
    text = (folder / "targets" / "distinguished_platform.yaml").read_text(encoding="utf-8")
    return [one for one in yaml.safe_load(text)["targets"] if one["row"] == number]


def target(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    asked = ("show", "onboarding_lead_time", "--window", "2026-01", *FEBRUARY, "--profile", "distinguished_platform")
    result = json.loads(said(capsys, *asked, *more, "--format", "json"))
    found: dict[str, Any] = result["targets"][0]
    return found


def test_without_a_figure_there_is_no_baseline(platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = target(capsys)
    assert (found["status"], found["note"], found["baseline"]["value"]) == ("no data", "no baseline", None)
    assert "`tierline baseline freeze onboarding_lead_time` stores one" in said(
        capsys, "show", "onboarding_lead_time", "--window", "2026-01", *FEBRUARY, "--profile", "distinguished_platform"
    )


def test_a_measured_figure_is_stored_and_facts_told_later_do_not_move_it(
    platform: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*FREEZE, *FEBRUARY]) == 0
    baseline = row(platform)[0]["clauses"][0]["baseline"]
    assert baseline == {
        "kind": "frozen", "origin": "measured", "value": 10.0, "window": "2026-01", "n": 5.0, "definition": 1,
        "frozen_on": "2026-02-01",
    }  # fmt: skip
    late = {"fact": "work_item", "source": "jira", "id": "late", "kind": "onboarding", "outcome": "done",
            "opened_at": "2026-01-05T00:00:00Z", "closed_at": "2026-01-06T00:00:00Z"}  # fmt: skip
    tell(platform, [late])
    found = target(capsys)
    assert (found["value"], found["baseline"]["value"]) == (9.5, 10)
    assert found["change"] == pytest.approx(-0.05)


def test_a_later_adoption_keeps_the_figure_and_a_later_figure_keeps_the_adoption(
    platform: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*FREEZE, *FEBRUARY]) == 0
    adopt = ["adopt", "distinguished_platform", "1", "--by", "core", "--from", "2026-01-01", "--floor", "0.2"]
    assert run(adopt) == 0
    found = target(capsys)
    assert (found["adopted_by"], found["floor"], found["baseline"]["value"]) == ("core", 0.2, 10)
    assert run([*FREEZE, "--value", "12", "--source", "wiki", "--day", "2025-12-31"]) == 0
    found = target(capsys)
    assert (found["adopted_by"], found["floor"], found["baseline"]["source"]) == ("core", 0.2, "wiki")
    assert [one.get("valid_from") is None for one in row(platform)] == [True, False]


def test_a_team_is_not_compared_with_a_figure_of_the_whole(platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*FREEZE, *FEBRUARY]) == 0
    assert target(capsys)["baseline"]["value"] == 10
    of_the_team = target(capsys, "--team", "core")
    assert (of_the_team["value"], of_the_team["baseline"]["value"], of_the_team["status"]) == (10, None, "no data")


def test_a_dry_run_writes_nothing(platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, *FREEZE, *FEBRUARY, "--dry-run", "--format", "json"))
    assert (told["value"], told["window"], told["row"]) == (10, "2026-01", 1)
    assert not (platform / "targets").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("onboarding_lead_time", "--value", "3"), "say --value with --source, or --window, or neither"),
        (("onboarding_lead_time", "--window", "2099-01"), "--window 2099-01: has not ended"),
        (("onboarding_lead_time", "--window", "2025-11"), "has no data in 2025-11; name another --window"),
        (("onboarding_lead_time", "--value", "soon", "--source", "x"), "--value soon: is no figure in business days"),
        (("mttr",), "The KPI's rows: associate_platform 4"),
        (("mttx",), "did you mean mttr"),
    ],
)
def test_wrong_use_is_said_with_what_to_do(
    platform: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert message in said(capsys, "baseline", "freeze", *arguments, code=2)
    assert not (platform / "targets").exists()


def test_a_sample_under_the_minimum_is_not_frozen(platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for days in (8, 9):
        gone = {"fact": "work_item", "source": "jira", "id": f"j{days}", "deleted": True}
        tell(platform, [gone])
    assert "a sample of 3, under 5 in 2026-01" in said(capsys, *FREEZE, *FEBRUARY, code=2)


def test_what_cannot_be_proposed_is_said_with_the_reason(platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "baseline", "onboarding_lead_time", "mttr", *FEBRUARY)
    assert "onboarding_lead_time: 1 of 6 months count (5 no data)" in told
    assert "mttr: not set up: `tierline coverage` says what to connect" in told
    assert "tierline adopt" not in told
