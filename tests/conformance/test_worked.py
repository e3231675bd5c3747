"""Worked examples, a folder each under ``_worked/``: any command that prints JSON, and the parts it must show.

README.md holds the arithmetic, facts.jsonl the facts (where there are any), expected.json the command:

    {"before": [["evaluate", "--as-of", "2026-11-01T00:00:00Z"]],     commands run first, exit code 0 (may be left out)
     "command": ["show", "mttr", "--window", "2026-10"],              its --format json is added
     "result": {"value": 3600, "targets": [{"profile": "own", "row": 1, "status": "met"}]}}

An object names the parts that count, others are free. A list of objects names some of them, in any order; a list of
plain values is the whole list. Every other file and folder of the example (tierline.yaml, targets/) lies where the
command runs.
"""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from tierline.cli import run

HERE = Path(__file__).parent / "_worked"
CASES = sorted(path.parent for path in HERE.glob("*/expected.json"))
TOLD = ("README.md", "expected.json", "facts.jsonl")


def differences(expected: Any, shown: Any, place: str = "") -> list[str]:
    """Where what is shown is not what is expected: one line a difference, by its place."""
    if isinstance(expected, dict) and isinstance(shown, dict):
        return [
            line
            for name, part in expected.items()
            for line in (
                differences(part, shown[name], f"{place}.{name}") if name in shown else [f"{place}.{name}: not shown"]
            )
        ]
    if isinstance(expected, list) and isinstance(shown, list):
        return _listed(expected, shown, place)
    return [] if _same(expected, shown) else [f"{place}: expected {expected!r}, shown {shown!r}"]


def _listed(expected: list[Any], shown: list[Any], place: str) -> list[str]:
    if not any(isinstance(one, dict) for one in expected):
        same = len(expected) == len(shown) and all(map(_same, expected, shown))
        return [] if same else [f"{place}: expected {expected!r}, shown {shown!r}"]
    tried = [(one, [differences(one, other, place) for other in shown]) for one in expected]
    return [
        line for one, found in tried for line in min(found, key=len, default=[f"{place}: {one!r} is not among none"])
    ]


def _same(expected: Any, shown: Any) -> bool:
    """Numbers to nine digits; a yes is no 1."""
    kinds = (isinstance(expected, bool), isinstance(shown, bool))
    if any(kinds) or not isinstance(expected, int | float) or not isinstance(shown, int | float):
        return expected == shown and kinds[0] is kinds[1]
    return math.isclose(expected, shown, rel_tol=1e-9, abs_tol=1e-9)


def _laid_out(case: Path, folder: Path) -> None:
    """What the example brings beside its facts."""
    for path in case.iterdir():
        if path.is_dir():
            shutil.copytree(path, folder / path.name)
        elif path.name not in TOLD:
            shutil.copy(path, folder)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_worked(
    case: Path, migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Import, the commands before, then the command: every part that the example names."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(migrated, tmp_path / "t.db")
    monkeypatch.setenv("TIERLINE_STORE", "sqlite:///t.db")
    _laid_out(case, tmp_path)
    told = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    facts = case / "facts.jsonl"
    first = [["facts", "import", str(facts)]] if facts.exists() else []
    for arguments in [*first, *told.get("before", ())]:
        assert run(arguments) == 0, (arguments, capsys.readouterr().err)
    capsys.readouterr()
    assert run([*told["command"], "--format", "json"]) == 0, capsys.readouterr().err
    shown = json.loads(capsys.readouterr().out)
    assert differences(told["result"], shown) == [], (case / "README.md").read_text(encoding="utf-8")


def test_differences_are_found() -> None:
    """The harness itself: a part that is missing, another number, a yes that is no 1, one of a list."""
    shown = {
        "value": 0.5,
        "pair": None,
        "yes": True,
        "targets": [{"row": 1, "status": "met"}, {"row": 2}],
        "days": [1, 2],
    }
    assert differences({"value": 0.5, "targets": [{"row": 2}], "days": [1, 2]}, shown) == []
    assert differences({"left": 1}, shown) == [".left: not shown"]
    assert differences({"yes": 1}, shown) == [".yes: expected 1, shown True"]
    assert differences({"days": [1]}, shown) == [".days: expected [1], shown [1, 2]"]
    assert differences({"targets": [{"row": 1, "status": "near"}]}, shown) == [
        ".targets.status: expected 'near', shown 'met'"
    ]
