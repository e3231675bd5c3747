"""A small shop that a real dbt builds, on DuckDB or on PostgreSQL. Both databases are called ``corner_shop`` and hold
the schema ``main``, so that what is expected is the same by name."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.runner import Runner
from collectors.sources.dbt import DbtSettings, DbtSource
from slo.store import Store

PROJECT = Path(__file__).parent / "project"
PEERS = Path(os.environ.get("PEERS_DIR") or Path(__file__).parents[3] / ".peers")
ADAPTERS = ("duckdb", "postgres")
COMMANDS = {"seed": 0, "run": 1, "test": 1, "source freshness": 1, "build": 1, "docs generate": 0}
"""Command -> the exit code dbt must end with."""


@dataclass
class Shop:
    """One project on one database. Where each command's artifacts were copied, and what it printed."""

    adapter: str
    program: str
    home: Path
    env: dict[str, str]
    printed: dict[str, str] = field(default_factory=dict)
    collected: datetime = field(init=False)
    """When the first pass reads what dbt wrote: just after."""

    def dbt(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of dbt on this database."""
        return subprocess.run(
            [self.program, "--no-use-colors", *command.split(), "--target", self.adapter, *arguments],
            cwd=self.home / "project", env={**os.environ, **self.env}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def build(self) -> None:
        """Runs every command, and copies its artifacts away before the next one overwrites them."""
        project = self.home / "project"
        shutil.copytree(PROJECT, project)
        for command, code in COMMANDS.items():
            done = self.dbt(command)
            assert done.returncode == code, done.stdout + done.stderr
            self.printed[command] = done.stdout
            left_out = shutil.ignore_patterns("c*", "*.msgpack")
            shutil.copytree(project / "target", self.copies / command, ignore=left_out)
            for leftover in ("run_results.json", "sources.json"):
                (project / "target" / leftover).unlink(missing_ok=True)
        self.collected = datetime.now(UTC) + timedelta(seconds=1)

    @property
    def copies(self) -> Path:
        return self.home / "copies"

    def results(self, command: str) -> list[dict[str, Any]]:
        name = "sources" if command == "source freshness" else "run_results"
        return list(json.loads((self.copies / command / f"{name}.json").read_text())["results"])

    def invocation(self, command: str) -> str:
        return str(json.loads((self.copies / command / "run_results.json").read_text())["metadata"]["invocation_id"])

    def summary(self, command: str) -> Counter[str]:
        """dbt's last line: Done. PASS=8 WARN=1 ERROR=5 SKIP=5 NO-OP=0 TOTAL=19"""
        (line,) = re.findall(r"Done\. (PASS=.*)", self.printed[command])
        return Counter({word: int(count) for word, count in re.findall(r"(PASS|WARN|ERROR|SKIP)=(\d+)", line)})


@pytest.fixture(scope="session")
def shop_on(
    tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str], request: pytest.FixtureRequest
) -> Callable[[str], Shop]:
    """A function giving the shop on DuckDB or PostgreSQL, built once each."""
    built: dict[str, Shop] = {}

    def give(adapter: str) -> Shop:
        if adapter not in built:
            dbt, home = program("dbt", str(PEERS / "dbt/.venv/bin")), tmp_path_factory.mktemp(f"dbt-{adapter}")
            env = {
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", "DBT_TARGET_PATH": "target",
                "DBT_PROFILES_DIR": str(home / "project"), "CORNER_SHOP_DB": str(home / "corner_shop.duckdb"),
            }  # fmt: skip
            if adapter == "postgres":
                server = request.getfixturevalue("postgres_server")
                server.sql(server.new_database("corner_shop"), "CREATE EXTENSION pg_stat_statements")
                env["CORNER_SHOP_PORT"] = str(server.port)
            built[adapter] = Shop(adapter, dbt, home, env)
            built[adapter].build()
        return built[adapter]

    return give


@pytest.fixture(params=ADAPTERS)
def shop(request: pytest.FixtureRequest, shop_on: Callable[[str], Shop]) -> Shop:
    """The shop, on each database in turn."""
    return shop_on(str(request.param))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 't.db'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def collect(store: Store) -> Callable[..., Any]:
    """A function: one pass of the dbt source over a shop's artifacts, ``later`` than they were made."""

    def one_pass(shop: Shop, later: timedelta = timedelta(0), **settings: Any) -> Any:
        now = shop.collected + later
        source = DbtSource("dbt", DbtSettings(path=str(shop.copies), **settings), lambda: now)
        record = Runner(store, [source], lambda: now).collect("dbt")
        assert (record.ok, record.error, record.set_aside) == (True, None, 0)
        return record

    return one_pass
