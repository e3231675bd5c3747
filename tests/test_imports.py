"""Imports have a direction: tierline -> {collectors, dashboards} -> slo. Read from the source, nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "slo": {"slo"},
    "collectors": {"collectors", "slo"},
    "dashboards": {"dashboards", "slo"},
    "tierline": {"tierline", "collectors", "dashboards", "slo"},
    "bench": {"bench", "tierline", "collectors", "dashboards", "slo"},
}
HEAVY = {"pandas", "dash", "plotly", "sqlalchemy", "alembic", "pydantic", "requests", "pyarrow", "waitress", "flask",
         "prometheus_client", "holidays", "openpyxl", "psycopg", "collectors", "dashboards", "yaml"}  # fmt: skip
"""What ``tierline --help`` must not load."""


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and whole name of every module imported anywhere in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("import_module", "__import__"):
            yield from ((node.lineno, one.value) for one in node.args if isinstance(one, ast.Constant))


def wrong(room: str, text: str) -> list[str]:
    """Imports of a file of a room that the room must not have."""
    others = set(ALLOWED) - ALLOWED[room]
    return [f"{line}: {name}" for line, name in imported(ast.parse(text))
            if name.split(".")[0] in others or name.startswith(".") or name.split(".")[0] == "tests"]  # fmt: skip


@pytest.mark.parametrize("room", ALLOWED)
def test_the_direction_of_imports(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files, f"{room}/ holds no files"
    found = {str(path.relative_to(ROOT)): wrong(room, path.read_text(encoding="utf-8")) for path in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("room", "text", "count"),
    [
        ("slo", "import collectors.base", 1),
        ("slo", "def f():\n    from dashboards import app", 1),
        ("collectors", "import dashboards", 1),
        ("dashboards", "import importlib\nimportlib.import_module('collectors.http')", 1),
        ("collectors", "from . import base", 1),
        ("tierline", "import slo, collectors, dashboards", 0),
    ],
)
def test_a_wrong_import_is_found(room: str, text: str, count: int) -> None:
    assert len(wrong(room, text)) == count


@pytest.mark.parametrize("room", ALLOWED)
def test_the_product_reads_nothing_beside_the_project(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert "../shared" not in node.value, f"{path}:{node.lineno}"


def top_level(path: Path) -> set[str]:
    """First names of the modules that loading a file loads."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    nodes = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {name.split(".")[0] for node in nodes for _, name in imported(node)}


def test_the_command_starts_without_heavy_libraries() -> None:
    files = [ROOT / "tierline" / "cli.py", ROOT / "tierline" / "asking.py", ROOT / "tierline" / "tables.py"]
    files += sorted((ROOT / "tierline" / "commands").glob("*.py"))
    assert {path.name: top_level(path) & HEAVY for path in files if top_level(path) & HEAVY} == {}


def test_every_command_is_listed() -> None:
    from tierline.cli import COMMANDS

    files = {path.stem for path in (ROOT / "tierline" / "commands").glob("*.py")} - {"__init__"}
    assert files == set(COMMANDS)
