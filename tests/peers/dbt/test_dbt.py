"""A real dbt builds and tests a small shop, on DuckDB and on PostgreSQL; what Tierline collects is what dbt printed and
wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.store import Store

pytestmark = pytest.mark.peer
Collect = Callable[..., Any]
COUNTS = {
    "seed": {"PASS": 3},
    "run": {"PASS": 3, "ERROR": 1, "SKIP": 1},  # stock_value cannot run, so stock_report is skipped
    "test": {"PASS": 5, "WARN": 1, "ERROR": 5},  # the fifth error: there is no stock_report to look at
    "build": {"PASS": 8, "WARN": 1, "ERROR": 5, "SKIP": 5},  # the double sale holds sales_by_shop and its two tests up
}
"""Command -> how its nodes must end, counted by hand in the project."""


def read(store: Store, kind: str) -> list[Any]:
    return list(store.read(kind))


def of(shop: Any, store: Store, kind: str, command: str) -> list[Any]:
    """The facts of one invocation."""
    name = shop.invocation(command)
    return [fact for fact in read(store, kind) if fact.id == name or fact.id.startswith(f"{name}/")]


@pytest.mark.parametrize("command", COUNTS)
def test_every_count_is_what_dbt_printed(shop: Any, store: Store, collect: Collect, command: str) -> None:
    """Nodes as runs, so that each line of dbt's summary is a fact; unit tests are none, and read from dbt's JSON."""
    collect(shop, runs="nodes")
    words = {"success": "PASS", "failed": "ERROR", "skipped": "SKIP"}
    ours = Counter(words[run.state] for run in of(shop, store, "run", command))
    for check in of(shop, store, "check_result", command):
        bad = "WARN" if check.severity == "warning" and check.outcome == "fail" else "ERROR"
        ours[{"pass": "PASS", "skip": "SKIP"}.get(check.outcome, bad)] += 1
    units = [row for row in shop.results(command) if row["unique_id"].startswith("unit_test.")]
    ours.update({"pass": "PASS", "skipped": "SKIP"}[row["status"]] for row in units)
    assert ours == +shop.summary(command) == COUNTS[command]
    assert sum(ours.values()) == len(shop.results(command))


def test_every_outcome_is_what_dbt_wrote(shop: Any, store: Store, collect: Collect) -> None:
    collect(shop, runs="nodes")
    states = {"success": "success", "error": "failed", "skipped": "skipped"}
    outcomes = {"pass": "pass", "warn": "fail", "fail": "fail", "error": "error", "skipped": "skip"}
    for command in COUNTS:
        rows = {row["unique_id"]: row["status"] for row in shop.results(command)}
        runs = {fact.id.split("/")[1]: fact.state for fact in of(shop, store, "run", command)}
        checks = {fact.check: fact.outcome for fact in of(shop, store, "check_result", command)}
        assert runs == {key: states[status] for key, status in rows.items() if key.split(".")[0] in ("model", "seed")}
        assert checks == {key: outcomes[status] for key, status in rows.items() if key.startswith("test.")}
    kinds = {fact.type for fact in read(store, "check_result")}
    assert kinds == {"schema", "null", "range", "reconciliation", "custom", "freshness"}


def test_an_invocation_fails_as_its_exit_code_said(shop: Any, store: Store, collect: Collect) -> None:
    collect(shop)
    runs = {run.asset: run.state for run in read(store, "run")}  # test and docs build nothing
    assert runs == {
        "dbt/corner_shop/seed": "success", "dbt/corner_shop/run": "failed", "dbt/corner_shop/build": "failed",
    }  # fmt: skip


def test_freshness_is_what_dbt_saw(shop: Any, store: Store, collect: Collect) -> None:
    collect(shop)
    updates = {fact.asset: fact.data_through for fact in read(store, "dataset_update")}
    assert updates == {
        "dbt/corner_shop.main.raw_sales": datetime(2024, 11, 20, 3, tzinfo=UTC),
        "dbt/corner_shop.main.raw_stock": datetime(2024, 1, 5, 6, tzinfo=UTC),
    }
    checks = {
        fact.asset: (fact.outcome, fact.severity) for fact in read(store, "check_result") if fact.type == "freshness"
    }
    assert checks == {
        "dbt/corner_shop.main.raw_sales": ("fail", "warning"), "dbt/corner_shop.main.raw_stock": ("fail", "critical"),
    }  # fmt: skip
    assert {row["unique_id"].split(".")[-1]: row["status"] for row in shop.results("source freshness")} == {
        "raw_sales": "warn", "raw_stock": "error",
    }  # fmt: skip


def test_assets_and_lineage(shop: Any, store: Store, collect: Collect) -> None:
    collect(shop)
    assets = {fact.asset.removeprefix("dbt/"): fact for fact in read(store, "asset")}
    assert {name for name, fact in assets.items() if fact.kind == "dataset"} == {
        f"corner_shop.main.{name}" for name in (
            "raw_shops", "raw_sales", "raw_stock", "stg_shops", "stg_sales", "sales_by_shop", "stock_value",
            "stock_report",
        )
    }  # fmt: skip
    sales = assets["corner_shop.main.sales_by_shop"]
    assert (sales.tier, sales.owner, sales.domain, sales.layer, sales.tested) == (1, "Shop Data", "sales", "mart", True)
    assert assets["corner_shop.main.stg_shops"].layer == "staging"
    assert assets["corner_shop.main.raw_stock"].freshness == {"max_age_seconds": 86400.0}
    edges = {(fact.upstream.split(".")[-1], fact.downstream.split(".")[-1]) for fact in read(store, "edge")}
    assert edges == {
        ("raw_shops", "stg_shops"), ("raw_sales", "stg_sales"), ("stg_shops", "sales_by_shop"),
        ("stg_sales", "sales_by_shop"), ("raw_stock", "stock_value"), ("stock_value", "stock_report"),
    }  # fmt: skip


def test_collecting_again_changes_nothing(shop: Any, store: Store, collect: Collect) -> None:
    first = collect(shop)
    before = store.counts()
    again = collect(shop, later=timedelta(minutes=5))
    assert (first.facts > 20, again.facts) == (True, 1)  # only the coverage, which is five minutes longer
    assert store.counts() == before
