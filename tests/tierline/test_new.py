"""``tierline new source``: what it writes passes the contract at once, on the shelf and as a package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slo.shelf import put_on_shelf
from tierline.cli import run

ROOT = Path(__file__).parents[2]


def python(folder: Path, *arguments: str, path: str = "") -> str:
    """Runs Python in a folder with more on its path; its output. The run must end well."""
    known = os.pathsep.join([path, str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": known, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def announce(folder: Path, name: str, target: str, group: str = "tierline.collectors") -> None:
    """Makes a folder look installed: its entry point is found, and nothing is fetched."""
    info = folder / f"tierline_{name}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tierline-{name}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")


def test_a_package_of_its_own_passes_contract_and_ruff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "source", "night_owl"]) == 0
    assert "Once installed it is `type: night_owl`." in capsys.readouterr().out
    package = tmp_path / "tierline-night_owl"
    assert 'night_owl = "tierline_night_owl:NightOwl"' in (package / "pyproject.toml").read_text()
    announce(package, "night_owl", "tierline_night_owl:NightOwl")
    suite = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    told = python(package, *suite, "-rA", "-k", "not no_answer", path=str(package))
    assert told.count("PASSED tests/test_contract.py::TestContract::test_a_fault_is_met_or_said[night_owl-") >= 18
    assert "PASSED tests/test_contract.py::TestContract::test_no_secret_leaves[night_owl]" in told
    python(package, "-m", "ruff", "check", ".", path=str(package))
    monkeypatch.setenv("COLUMNS", "200")
    listed = python(package, "-m", "tierline", "plugins", "night_owl", path=str(package))
    assert "Requests a second at most, one at a time; 5 where not set." in listed


def test_on_the_shelf_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "collectors/sources").mkdir(parents=True)
    (tmp_path / "collectors/sources/__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    assert run(["new", "source", "night_owl", "--title", "Night Owl"]) == 0
    made = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    golden = ["case.yaml", "facts.jsonl", "jobs_1.json", "jobs_2.json", "runs_1.json", "runs_2.json"]
    assert made == [
        "collectors/sources/__init__.py", "collectors/sources/night_owl.py", "tests/collectors/test_night_owl.py",
        *(f"tests/golden/night_owl/{name}" for name in golden),
    ]  # fmt: skip
    text = (tmp_path / "collectors/sources/night_owl.py").read_text()
    assert 'class NightOwl(Source):\n    plugin = "night_owl"\n    title = "Night Owl"' in text
    ours = ["--config", str(ROOT / "pyproject.toml"), "--config", 'lint.isort.known-first-party=["collectors", "slo"]']
    python(tmp_path, "-m", "ruff", "check", *ours, ".")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("airflow", "source 'airflow' is there already; choose another name (`tierline plugins` lists those taken)"),
        ("My-Tool", "'My-Tool' is no name for a source; write small letters, digits and _, such as my_warehouse"),
    ],
)
def test_a_name_that_will_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "source", name]) == 2
    assert capsys.readouterr().err == f"error: {says}\n"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "tierline-night_owl/tierline_night_owl.py"
    mine.parent.mkdir()
    mine.write_text("mine")
    assert run(["new", "source", "night_owl"]) == 2
    assert "tierline-night_owl/tierline_night_owl.py is there already; nothing was written" in capsys.readouterr().err
    assert [path.name for path in mine.parent.iterdir()] == [mine.name]
    assert mine.read_text() == "mine"


def test_a_declared_kpi_is_right_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "kpi", "own_ratio"]) == 0
    assert "kpis/own_ratio.yaml" in capsys.readouterr().out
    settings = "store: sqlite:///t.db\nsources:\n  my_database: {type: sql, url: 'env:OWN_DB'}\n"
    (tmp_path / "tierline.yaml").write_text(settings)
    monkeypatch.setenv("OWN_DB", "sqlite:///erp.db")
    assert run(["check"]) == 0, capsys.readouterr().err
    put_on_shelf([])


def test_a_kpi_in_a_package_passes_its_test_and_ruff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "kpi", "first_try", "--python", "--title", "First-try success"]) == 0
    package = tmp_path / "tierline-first_try"
    announce(package, "first_try", "tierline_first_try:FirstTry", group="tierline.kpis")
    suite = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:dash", "tests"]
    assert "2 passed" in python(package, *suite, path=str(package))
    python(package, "-m", "ruff", "check", ".", path=str(package))
    listed = python(package, "-m", "tierline", "kpis", path=str(package))
    assert "first_try" in listed


def test_an_id_that_is_taken_or_no_word_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "kpi", "mttr"]) == 2
    assert "'mttr' is taken" in capsys.readouterr().err
    assert run(["new", "kpi", "My KPI"]) == 2
    assert "'My KPI' is no id" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
