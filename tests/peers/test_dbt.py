"""A real dbt builds and tests a small shop on DuckDB; what Tierline collects is what dbt printed and wrote."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.runner import Runner
from collectors.sources.dbt import DbtSettings, DbtSource
from slo.store import Store

pytestmark = pytest.mark.peer
ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "dbt_project"
PEERS = Path(os.environ.get("PEERS_DIR") or ROOT / ".peers")
COMMANDS = {"build": 1, "run": 1, "test": 1, "source freshness": 1, "docs generate": 0}
"""Command -> the exit code dbt must end with."""


@dataclass
class Shop:
    """Where each command's artifacts were copied, and what it printed."""

    copies: Path
    printed: dict[str, str]
    collected: datetime

    def results(self, command: str) -> list[dict[str, Any]]:
        name = "sources" if command == "source freshness" else "run_results"
        return list(json.loads((self.copies / command / f"{name}.json").read_text())["results"])

    def invocation(self, command: str) -> str:
        return str(json.loads((self.copies / command / "run_results.json").read_text())["metadata"]["invocation_id"])

    def summary(self, command: str) -> Counter[str]:
        """dbt's last line: Done. PASS=8 WARN=1 ERROR=5 SKIP=5 NO-OP=0 TOTAL=19"""
        (line,) = re.findall(r"Done\. (PASS=.*)", self.printed[command])
        return Counter({word: int(count) for word, count in re.findall(r"(PASS|WARN|ERROR|SKIP)=(\d+)", line)})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]) -> Shop:
    dbt = program("dbt", str(PEERS / "dbt/.venv/bin"))
    home = tmp_path_factory.mktemp("dbt")
    project = home / "project"
    shutil.copytree(PROJECT, project)
    quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", "DBT_PROFILES_DIR": str(project)}
    env = {**os.environ, **quiet, "CORNER_SHOP_DB": str(home / "shop.duckdb"), "DBT_TARGET_PATH": "target"}
    printed = {}
    for command, code in COMMANDS.items():
        done = subprocess.run(
            [dbt, "--no-use-colors", *command.split()],
            cwd=project,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        printed[command] = done.stdout
        shutil.copytree(project / "target", home / "copies" / command, ignore=shutil.ignore_patterns("c*", "*.msgpack"))
        for leftover in ("run_results.json", "sources.json"):
            (project / "target" / leftover).unlink(missing_ok=True)
    return Shop(home / "copies", printed, datetime.now(UTC) + timedelta(seconds=1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 't.db'}")
    made.migrate()
    yield made
    made.close()


def collect(shop: Shop, store: Store, **settings: Any) -> Any:
    source = DbtSource("dbt", DbtSettings(path=shop.copies, **settings), lambda: shop.collected)
    record = Runner(store, [source], lambda: shop.collected).collect("dbt")
    assert (record.ok, record.error, record.set_aside) == (True, None, 0)
    return record


def read(store: Store, kind: str) -> list[Any]:
    return list(store.read(kind))


def of(shop: Shop, store: Store, kind: str, command: str) -> list[Any]:
    """The facts of one invocation."""
    name = shop.invocation(command)
    return [fact for fact in read(store, kind) if fact.id == name or fact.id.startswith(f"{name}/")]


@pytest.mark.parametrize("command", ["build", "run", "test"])
def test_every_count_is_what_dbt_printed(shop: Shop, store: Store, command: str) -> None:
    """Nodes as runs, so that each line of dbt's summary is a fact; unit tests are none, and read from dbt's JSON."""
    collect(shop, store, runs="nodes")
    words = {"success": "PASS", "failed": "ERROR", "skipped": "SKIP"}
    ours = Counter(words[run.state] for run in of(shop, store, "run", command))
    for check in of(shop, store, "check_result", command):
        bad = "WARN" if check.severity == "warning" and check.outcome == "fail" else "ERROR"
        ours[{"pass": "PASS", "skip": "SKIP"}.get(check.outcome, bad)] += 1
    units = [row for row in shop.results(command) if row["unique_id"].startswith("unit_test.")]
    ours.update({"pass": "PASS", "skipped": "SKIP"}[row["status"]] for row in units)
    assert ours == +shop.summary(command)
    assert sum(ours.values()) == len(shop.results(command))


def test_every_outcome_is_what_dbt_wrote(shop: Shop, store: Store) -> None:
    collect(shop, store, runs="nodes")
    states = {"success": "success", "error": "failed", "skipped": "skipped"}
    outcomes = {"pass": "pass", "warn": "fail", "fail": "fail", "error": "error", "skipped": "skip"}
    for command in ("build", "run", "test"):
        rows = {row["unique_id"]: row["status"] for row in shop.results(command)}
        runs = {fact.id.split("/")[1]: fact.state for fact in of(shop, store, "run", command)}
        checks = {fact.check: fact.outcome for fact in of(shop, store, "check_result", command)}
        assert runs == {key: states[status] for key, status in rows.items() if key.split(".")[0] in ("model", "seed")}
        assert checks == {key: outcomes[status] for key, status in rows.items() if key.startswith("test.")}
    kinds = {fact.type for fact in read(store, "check_result")}
    assert kinds == {"schema", "null", "range", "reconciliation", "custom", "freshness"}


def test_an_invocation_fails_as_its_exit_code_said(shop: Shop, store: Store) -> None:
    collect(shop, store)
    runs = {run.asset: run.state for run in read(store, "run")}
    assert runs == {"dbt/corner_shop/build": "failed", "dbt/corner_shop/run": "failed"}  # test and docs build nothing


def test_freshness_is_what_dbt_saw(shop: Shop, store: Store) -> None:
    collect(shop, store)
    updates = {fact.asset: fact.data_through for fact in read(store, "dataset_update")}
    assert updates == {
        "dbt/shop.main.raw_sales": datetime(2024, 11, 20, 3, tzinfo=UTC),
        "dbt/shop.main.raw_stock": datetime(2024, 1, 5, 6, tzinfo=UTC),
    }
    checks = {
        fact.asset: (fact.outcome, fact.severity) for fact in read(store, "check_result") if fact.type == "freshness"
    }
    assert checks == {
        "dbt/shop.main.raw_sales": ("fail", "warning"), "dbt/shop.main.raw_stock": ("fail", "critical"),
    }  # fmt: skip
    assert {row["unique_id"].split(".")[-1]: row["status"] for row in shop.results("source freshness")} == {
        "raw_sales": "warn", "raw_stock": "error",
    }  # fmt: skip


def test_assets_and_lineage(shop: Shop, store: Store) -> None:
    collect(shop, store)
    assets = {fact.asset.removeprefix("dbt/"): fact for fact in read(store, "asset")}
    assert {name for name, fact in assets.items() if fact.kind == "dataset"} == {
        f"shop.main.{name}" for name in (
            "raw_shops", "raw_sales", "raw_stock", "stg_shops", "stg_sales", "sales_by_shop", "stock_value",
            "stock_report",
        )
    }  # fmt: skip
    sales = assets["shop.main.sales_by_shop"]
    assert (sales.tier, sales.owner, sales.domain, sales.layer, sales.tested) == (1, "Shop Data", "sales", "mart", True)
    assert assets["shop.main.stg_shops"].layer == "staging"
    assert assets["shop.main.raw_stock"].freshness == {"max_age_seconds": 86400.0}
    edges = {(fact.upstream.split(".")[-1], fact.downstream.split(".")[-1]) for fact in read(store, "edge")}
    assert edges == {
        ("raw_shops", "stg_shops"), ("raw_sales", "stg_sales"), ("stg_shops", "sales_by_shop"),
        ("stg_sales", "sales_by_shop"), ("raw_stock", "stock_value"), ("stock_value", "stock_report"),
    }  # fmt: skip


def test_collecting_again_changes_nothing(shop: Shop, store: Store) -> None:
    first = collect(shop, store)
    before = store.counts()
    later = Shop(shop.copies, shop.printed, shop.collected + timedelta(minutes=5))
    again = collect(later, store)
    assert (first.facts > 20, again.facts) == (True, 1)  # only the coverage, which is five minutes longer
    assert store.counts() == before
