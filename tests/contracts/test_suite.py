"""The suite finds what is wrong: sources with one fault each, made from what ``tierline new source`` writes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from collectors import registry
from collectors.contract.case import Case, load
from collectors.contract.faults import FAULTS
from collectors.contract.suite import SourceContract
from slo.errors import ConfigError
from tierline.scaffold.source import files

Make = Callable[..., Case]
RUNS = '        yield from (Raw("run", run) for run in runs)\n'
BY_FAULT = {fault.name: fault for fault in FAULTS}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A function laying a package of a source with some of its text changed; it gives its case."""

    def lay(*changes: tuple[str, str]) -> Case:
        for path, text in files("night_owl", "Night owl", shelf=False).items():
            for old, new in changes if path == "tierline_night_owl.py" else ():
                assert old in text
                text = text.replace(old, new)
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        point = EntryPoint("night_owl", "tierline_night_owl:NightOwl", registry.GROUP)
        monkeypatch.setattr(registry, "entry_points", lambda group: [point])
        monkeypatch.syspath_prepend(str(tmp_path))
        return load(tmp_path / "tests/golden/night_owl/case.yaml")

    yield lay
    sys.modules.pop("tierline_night_owl", None)


def meets(test: str, case: Case, folder: Path, fault: str | None = None) -> None:
    """Runs one test of the suite."""
    world = folder / "world"
    world.mkdir()
    more: dict[str, Any] = {"fault": BY_FAULT[fault]} if fault else {}
    getattr(SourceContract(), test)(case=case, tmp_path=world, **more)


def test_what_is_written_holds(make: Make, tmp_path: Path) -> None:
    meets("test_a_fault_is_met_or_said", make(), tmp_path, "a page repeated")


@pytest.mark.parametrize(
    ("changes", "test", "fault", "says"),
    [
        pytest.param(
            [(RUNS, f"        try:\n    {RUNS}        except SourceError:\n            return\n")],
            "test_a_fault_is_met_or_said", "500 for ever", "only expected: .*run-2", id="an error is swallowed",
        ),
        pytest.param(
            [(RUNS, '        for offset in (0, 1):\n            page = http.get("/api/runs", {"offset": offset})\n'
                    '            yield from (Raw("run", run) for run in page["runs"])\n')],
            "test_a_fault_is_met_or_said", "a page repeated for ever", "only expected: .*run-2", id="unguarded pages",
        ),
        pytest.param(
            [('self._http()\n        if period', 'self._http()\n        import requests\n'
              '        requests.get(f"{self.settings.url}/api/jobs?offset=0").json()["jobs"]\n        if period')],
            "test_a_fault_is_met_or_said", "HTML", "the collector broke down", id="a fault becomes a traceback",
        ),
        pytest.param(
            [('"id": data["id"]', '"id": f"{data[\'id\']}/{id(raw)}"')],
            "test_twice_is_once", None, "only found: ", id="ids of the moment",
        ),
        pytest.param(
            [('"asset": self.asset(data["job"])', '"asset": f"night_owl/{data[\'job\']}"')],
            "test_instances_do_not_collide", None, "named after the plugin", id="assets named after the plugin",
        ),
        pytest.param(
            [('data.get("description")', "self.settings.token.get_secret_value()")],
            "test_no_secret_leaves", None, "canary-night", id="a secret becomes a fact",
        ),
        pytest.param(
            [('"state": STATES.get(data["state"])', '"state": STATES[data.pop("state")] if len(data) < 6 else None')],
            "test_unknown_fields_change_nothing", None, "only expected: .*run-1", id="an unknown field counts",
        ),
        pytest.param(
            [('"run": ("asset", "state",', '"run": ("asset",')],
            "test_every_fact_told_is_declared", None, "run.state", id="a field that is not declared",
        ),
        pytest.param(
            [("        return [self._finding(path)", "        return [Finding(True, path)")],
            "test_check_says_what_works_and_what_does_not", None, "goes unnoticed", id="a check that checks nothing",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_a_source_is_found(
    make: Make, tmp_path: Path, changes: list[tuple[str, str]], test: str, fault: str | None, says: str
) -> None:
    with pytest.raises(AssertionError, match=says):
        meets(test, make(*changes), tmp_path, fault)


def test_a_request_without_an_answer_is_found(make: Make, tmp_path: Path) -> None:
    case = make()
    case.told.answers.pop()
    with pytest.raises(AssertionError, match=r"/api/runs: HTTP 404|/api/runs\?.*: HTTP 404"):
        meets("test_the_answers_make_the_declared_facts", case, tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source: x\nnow: 2026-11-20T12:00:00Z\n", "case.yaml: origin: Field required"),
        ("source: x\nnow: 2026-11-20T12:00:00Z\norigin: here\nrecords: r.jsonl\n", "records without an exchange need"),
        ("source: [", r"case.yaml:\d: is not valid YAML"),
    ],
)
def test_a_case_that_is_wrong_is_said(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "case.yaml").write_text(text)
    with pytest.raises(ConfigError, match=says):
        load(tmp_path / "case.yaml")


def test_nothing_of_a_case_is_loaded_from_elsewhere() -> None:
    assert importlib.util.find_spec("tierline_night_owl") is None
