"""``tierline openslo``: what is written where, what is left alone, exit codes, and a settings file that stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tierline.cli import run

SLO = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: pay}
spec:
  service: shop
  indicator:
    metadata: {name: x}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'sum(req{code="200"})'}}}
        total: {metricSource: {type: Prometheus, spec: {query: sum(req)}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
"""
OLD = "apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: {name: old}\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_STORE", f"sqlite:///{tmp_path}/t.db")
    (tmp_path / "slo.yaml").write_text(SLO, encoding="utf-8")
    (tmp_path / "old.yaml").write_text(OLD, encoding="utf-8")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run(["openslo", *arguments]) == code
    told = capsys.readouterr()
    return told.err if code == 2 else told.out


def test_in_writes_files_that_tierline_takes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "in", "slo.yaml", "--out", "new", "--by", "shop team", "--profile", "services", "--tier", "1")
    settings = yaml.safe_load((place / "new/tierline.yaml").read_text())
    (entry,) = settings["sources"]["prometheus"]["slis"]
    assert (entry["service"], entry["tier"]) == ("shop/pay", 1)
    target = yaml.safe_load((place / "new/targets/services.yaml").read_text())["targets"][0]
    assert (target["adopted_by"], target["clauses"][0]["asset"]) == ("shop team", "prometheus/shop/pay")
    assert run(["--config", "new/tierline.yaml", "check"]) == 0


def test_in_overwrites_nothing_unasked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "new").mkdir()
    (place / "new/tierline.yaml").write_text("mine: true\n")
    assert "is there already" in said(capsys, "in", "slo.yaml", "--out", "new", code=2)
    assert (place / "new/tierline.yaml").read_text() == "mine: true\n"
    assert not (place / "new/targets").exists()
    said(capsys, "in", "slo.yaml", "--out", "new", "--replace")
    assert "shop/pay" in (place / "new/tierline.yaml").read_text()


def test_check_writes_nothing_and_what_was_refused_is_exit_1(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(place.iterdir())
    told = json.loads(said(capsys, "in", "slo.yaml", "old.yaml", "--check", "--format", "json", code=1))
    assert sorted(place.iterdir()) == before
    assert [one["clauses"][0]["floor"] for one in told["targets"]] == [0.99]
    assert {(one["file"], one["kind"], one["path"]) for one in told["losses"]} == {
        ("slo.yaml", "changed", "spec.indicator.spec.ratioMetric.good.metricSource.url"),
        ("slo.yaml", "left out", "metadata.labels.tier"),
        ("old.yaml", "refused", "apiVersion"),
    }
    table = said(capsys, "in", "slo.yaml", "old.yaml", "--check", code=1)
    assert "prometheus/shop/pay" in table
    assert "SLO old (old.yaml)\n  refused   apiVersion: openslo/v1alpha\n" in table
    assert table.endswith("losses: 1 left out, 1 changed, 1 refused\n")


def test_the_tiers_of_alerts_are_the_settings(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "tierline.yaml").write_text("alerts: {tiers: [2]}\n")
    told = said(capsys, "in", "slo.yaml", "--check", "--tier", "2")
    assert "no alert watches" not in told
    told = said(capsys, "in", "slo.yaml", "--check", "--tier", "1")
    assert "no alert watches its budget: tier 1 is not among alerts.tiers (2)" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("in", "slo.yaml"), "either --out FOLDER or --check"),
        (("in", "none.yaml", "--check"), "none.yaml: cannot be read"),
        (("in", "slo.yaml", "--check", "--timezone", "Berlin"), "no such time zone"),
        (("in", "slo.yaml", "--check", "--by", "jo@example.com"), "a promise is a team's"),
        (("in", "slo.yaml", "--out", "new", "--profile", "My SLOs"), "profile"),
    ],
)
def test_wrong_use_is_exit_2(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert words in said(capsys, *arguments, code=2)


def adopted(place: Path) -> None:
    row: dict[str, Any] = {"row": 2, "adopted": "2026-01-01", "adopted_by": "core"}
    (place / "targets").mkdir()
    (place / "targets/staff_platform.yaml").write_text(yaml.safe_dump({"profile": "staff_platform", "targets": [row]}))
    (place / "tierline.yaml").write_text("timezone: Europe/Berlin\n")


def test_out_writes_what_is_adopted(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    adopted(place)
    documents = list(yaml.safe_load_all(said(capsys, "out", "--url", "http://prom:9090")))
    assert [one["kind"] for one in documents] == ["DataSource", "Service", "SLI", "SLO"]
    assert documents[0]["spec"]["connectionDetails"] == {"url": "http://prom:9090"}
    (objective,) = documents[3]["spec"]["objectives"]
    assert objective["target"] == 0.995
    told = json.loads(said(capsys, "out", "--out", "o.yaml", "--format", "json"))
    assert told["documents"] == 4
    assert list(yaml.safe_load_all((place / "o.yaml").read_text()))[3] == documents[3]
    assert "is there already" in said(capsys, "out", "--out", "o.yaml", code=2)


def test_out_of_nothing_writes_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "tierline.yaml").write_text("timezone: UTC\n")
    assert said(capsys, "out") == ""
    said(capsys, "out", "--out", "o.yaml")
    assert not (place / "o.yaml").exists()
