"""The rules against Prometheus' and Alertmanager's own tools: they are read, and their unit tests hold."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dashboards.rules import Asked, files
from dashboards.rules.files import ROUTE, RULES, TESTS

pytestmark = pytest.mark.peer
TEAMS = ("orders", "Data & Finance", 'we "own" it\\', "заказы")
HOSTILE = Asked("https://t.example.com", 'a"b\\', TEAMS, 'we "own" {{ it }}')


@pytest.fixture(params=[Asked("http://127.0.0.1:8050"), Asked("https://t.example.com/", "own-job", TEAMS), HOSTILE])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for name, text in files(request.param).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def done(*command: str) -> str:
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_promtool_takes_the_rules_and_their_unit_tests_hold(folder: Path, program: Callable[..., str]) -> None:
    assert "10 rules found" in done(program("promtool"), "check", "rules", str(folder / RULES))
    done(program("promtool"), "test", "rules", str(folder / TESTS))


def test_the_unit_tests_can_fail(folder: Path, program: Callable[..., str]) -> None:
    """Without the guard the stale evaluation goes on alerting, and the tests say so."""
    told = yaml.safe_load((folder / RULES).read_text())
    for rule in told["groups"][0]["rules"]:
        rule["expr"] = rule["expr"].split("\nand on (job) (tierline:evaluation_age")[0]
    (folder / RULES).write_text(yaml.safe_dump(told))
    found = subprocess.run(
        [program("promtool"), "test", "rules", str(folder / TESTS)], capture_output=True, text=True, check=False
    )
    assert found.returncode != 0
    assert "a stale evaluation says nothing of now" in found.stdout + found.stderr


def test_alertmanager_takes_the_route(folder: Path, program: Callable[..., str]) -> None:
    done(program("amtool"), "check-config", str(folder / ROUTE))
