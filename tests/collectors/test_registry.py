"""The shelf of sources: found by file name and entry point; a broken one is an error of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import collectors.sources
from collectors import registry
from slo.errors import ConfigError

GOOD = """
from collectors.base import Source, SourceSettings
from pydantic import SecretStr

class OwnSettings(SourceSettings):
    url: str
    key: SecretStr

class Own(Source):
    plugin, title, family, tells = "{name}", "Own", "register", {{}}
    Settings = OwnSettings
    def fetch(self, period): yield from ()
    def parse(self, raw): yield from ()
"""
PUT = Callable[[str, str], None]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PUT]:
    """Puts one more file on the shelf."""
    monkeypatch.setattr(collectors.sources, "__path__", [*collectors.sources.__path__, str(tmp_path)])

    def write(name: str, code: str) -> None:
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")

    yield write
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(f"collectors.sources.{path.stem}", None)


def test_every_file_of_the_shelf_is_a_source() -> None:
    files = {path.stem for path in Path(collectors.sources.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(registry.plugins()) >= files
    assert registry.broken() == {}
    assert files >= {"airflow", "dbt", "postgres", "alertmanager", "prometheus", "focus", "git", "file"}


def test_one_new_file_is_one_new_source(put: PUT) -> None:
    put("own", GOOD.format(name="own"))
    assert registry.plugins()["own"].title == "Own"
    assert "own" in registry.names()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import no_such_library", "source 'odd' cannot be loaded: No module named 'no_such_library'. Is its library "),
        ("1 / 0", "source 'odd' cannot be loaded: ZeroDivisionError: division by zero"),
        ("def f(:", "source 'odd' cannot be loaded: SyntaxError: "),
        ("x = 1", "source 'odd': expected exactly one class derived from collectors.base.Source"),
        (GOOD.format(name="even"), "source 'odd': its class says plugin = 'even'; write 'odd'"),
    ],
)
def test_a_broken_file_is_one_clear_error_and_the_others_stay(put: PUT, code: str, says: str) -> None:
    put("odd", code)
    assert says in str(registry.broken()["odd"])
    assert "airflow" in registry.plugins()
    assert "odd" not in registry.plugins()
    with pytest.raises(ConfigError, match="source 'odd'"):
        registry.plugin("odd")


def test_installed_sources_come_by_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "installed_own.py").write_text(GOOD.format(name="own"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        EntryPoint("own", "installed_own:Own", registry.GROUP),
        EntryPoint("far", "no.such.place:Far", registry.GROUP),
        EntryPoint("airflow", "installed_own:Own", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.GROUP else [])
    plugins = registry.plugins()
    assert plugins["own"].__module__ == "installed_own"
    assert plugins["airflow"].__module__ == "collectors.sources.airflow", "the shelf goes before"
    assert str(registry.broken()["far"]) == (
        "source 'far' cannot be loaded: No module named 'no'. Is its library installed?"
    )


def test_an_unknown_source_is_answered_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"type: 'nifi' is not a source; expected one of .*airflow"):
        registry.plugin("nifi")


def test_every_wrong_setting_is_named_at_once_and_no_secret_is_shown(put: PUT) -> None:
    put("own", GOOD.format(name="own"))
    with pytest.raises(ConfigError) as caught:
        registry.build("mine", "own", {"key": "top-secret", "history_days": "many"}, lambda: datetime.now(UTC))
    text = str(caught.value)
    assert "sources.mine.url: Field required" in text
    assert "sources.mine.history_days: Input should be a valid integer" in text
    assert "top-secret" not in text
