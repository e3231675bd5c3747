"""Hand-worked cases, a folder each, through the command line: what is told, what is asked, what must be shown.

facts.jsonl holds the facts, expected.json the arguments and the parts of the result, README.md the arithmetic;
tierline.yaml, where there is one, the settings.
"""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from slo.shelf import shelf
from tierline.cli import run

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("[!_]*/*/expected.json"))
FIRST = {case.parent.name: case for case in reversed(CASES)}
"""A KPI's first case, worked out with every other KPI on the shelf; its others have the shelf for themselves."""


def _same(expected: Any, shown: Any) -> bool:
    if expected is None or shown is None:
        return expected is shown
    if isinstance(expected, str):
        return bool(expected == shown)
    if isinstance(expected, dict):
        return all(name in shown and _same(value, shown[name]) for name, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(shown) and all(map(_same, expected, shown))
    return math.isclose(expected, shown, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_case(
    case: Path, migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Import, then show: every part that the case names."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(migrated, tmp_path / "t.db")
    monkeypatch.setenv("TIERLINE_STORE", "sqlite:///t.db")
    kpi = case.parent.name
    if FIRST[kpi] != case:
        alone = {kpi: shelf()[kpi]}
        monkeypatch.setattr("slo.engine.shelf", lambda: alone)
    if (case / "tierline.yaml").exists():
        shutil.copy(case / "tierline.yaml", tmp_path)
    assert run(["facts", "import", str(case / "facts.jsonl")]) == 0, capsys.readouterr().err
    capsys.readouterr()
    told = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert run(["show", kpi, *told["arguments"], "--format", "json"]) == 0, capsys.readouterr().err
    shown = json.loads(capsys.readouterr().out)
    wrong = {part: (value, shown.get(part)) for part, value in told["result"].items() if not _same(value, shown[part])}
    assert wrong == {}, (case / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kpi", sorted(shelf()))
def test_every_kpi_has_cases(kpi: str) -> None:
    """Three at least: write facts.jsonl, expected.json and README.md under tests/conformance/<kpi>/<case>/."""
    cases = [case for case in CASES if case.parent.name == kpi]
    assert len(cases) >= 3
    assert all((case / "README.md").read_text(encoding="utf-8").strip() for case in cases)
