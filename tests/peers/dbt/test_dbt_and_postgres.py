"""dbt on PostgreSQL, read twice: what dbt says of the tables, and what the database itself shows. Both sources are
given one namespace, so that they speak of the same datasets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.runner import Runner
from collectors.sources.dbt import DbtSource
from collectors.sources.postgres import Postgres
from slo.due.freshness import Dataset
from slo.platform import Platform, SourceInfo
from slo.store import Store
from slo.view import View

pytestmark = pytest.mark.peer
HOUR = timedelta(hours=1)
PLATFORM = Platform(sources=(SourceInfo("dbt", DbtSource.tells), SourceInfo("pg", Postgres.tells)))
BUILT = {f"wh/corner_shop.main.{name}" for name in ("raw_shops", "raw_sales", "raw_stock", "stg_shops", "stg_sales",
                                             "sales_by_shop")}  # fmt: skip
NEVER_BUILT = {"wh/corner_shop.main.stock_value", "wh/corner_shop.main.stock_report"}
WORKLOAD = "wh/corner_shop"
"""The database's queries."""
COLUMNS = {"main.raw_sales": "loaded_at", "main.raw_stock": "counted_at"}
"""The columns that the project names as loaded_at_field."""
SALES, STOCK = "wh/corner_shop.main.raw_sales", "wh/corner_shop.main.raw_stock"


class Both:
    """The two sources over one database and one store; ``hours`` after dbt was done."""

    def __init__(self, shop: Any, server: Any, store: Store, collect: Callable[..., Any]) -> None:
        self.shop, self.server, self.store, self._collect = shop, server, store, collect

    def pass_(self, hours: int, **settings: Any) -> None:
        now = self.at(hours)
        self._collect(self.shop, later=hours * HOUR, namespace="wh")
        told = {"dsn": self.server.dsn("corner_shop"), "namespace": "wh", **settings}
        source = Postgres("pg", Postgres.Settings.model_validate(told), lambda: now)
        record = Runner(self.store, [source], lambda: now).collect("pg")
        assert (record.ok, record.error, record.set_aside) == (True, None, 0)

    def at(self, hours: int) -> datetime:
        moment: datetime = self.shop.collected + hours * HOUR
        return moment

    def told(self, kind: str, source: str) -> list[Any]:
        return [fact for fact in self.store.read(kind) if fact.source == source]

    def view(self, hours: int) -> View:
        return View(self.store, PLATFORM, self.at(hours))


@pytest.fixture
def both(shop_on: Callable[[str], Any], postgres_server: Any, store: Store, collect: Callable[..., Any]) -> Both:
    return Both(shop_on("postgres"), postgres_server, store, collect)


def test_both_name_every_table_alike(both: Both) -> None:
    both.pass_(0)
    names = {
        source: {fact.asset for fact in both.told("asset", source) if fact.kind == "dataset"}
        for source in ("dbt", "pg")
    }
    assert names == {"dbt": BUILT | NEVER_BUILT, "pg": BUILT}
    ends = {end for fact in both.store.read("edge") for end in (fact.upstream, fact.downstream)}
    assert ends == BUILT | NEVER_BUILT
    others = {*(f"dbt/corner_shop/{command}" for command in ("seed", "run", "build")), WORKLOAD}
    assert set(both.view(0).asset_names) == BUILT | NEVER_BUILT | others


def test_every_node_says_how_many_rows_it_wrote(both: Both, collect: Callable[..., Any]) -> None:
    """As the database told dbt; and they are there. DuckDB doesn't tell."""
    collect(both.shop, runs="nodes", namespace="wh")
    ids = {both.shop.invocation(command): command for command in ("seed", "run")}
    rows = {
        (ids[run.id.split("/")[0]], run.asset.split(".")[-1]): run.rows
        for run in both.store.read("run") if run.id.split("/")[0] in ids
    }  # fmt: skip
    assert rows == {
        ("seed", "raw_shops"): 3, ("seed", "raw_sales"): 4, ("seed", "raw_stock"): 1,
        ("run", "stg_shops"): 3, ("run", "stg_sales"): 4, ("run", "sales_by_shop"): 2,  # the shops 10 and 11
        ("run", "stock_value"): None, ("run", "stock_report"): None,
    }  # fmt: skip
    assert both.server.sql("corner_shop", "SELECT count(*) FROM main.sales_by_shop") == "2"


def test_what_dbt_says_of_a_table_holds_for_what_the_database_shows(both: Both) -> None:
    """dbt puts a new table in the old one's place: the database shows that this one changed, and no other."""
    both.pass_(0)
    assert both.told("dataset_update", "pg") == []
    done = both.shop.dbt("run", "--select", "sales_by_shop")
    assert done.returncode == 0, done.stdout
    both.pass_(1)
    [update] = both.told("dataset_update", "pg")
    assert (update.asset, update.at) == ("wh/corner_shop.main.sales_by_shop", both.at(1))
    view = both.view(1)
    assert (view.dims(update.asset, update.at).tier, view.dims(update.asset, update.at).domain) == (1, "sales")
    told = view.history(update.asset).told(update.at)
    assert {name: (told[name].value, told[name].source) for name in ("tier", "domain", "owner", "layer")} == {
        "tier": (1, "dbt"), "domain": ("sales", "dbt"), "owner": ("Shop Data", "dbt"), "layer": ("mart", "dbt"),
    }  # fmt: skip
    sizes = {fact.asset: fact.amount for fact in both.told("meter", "pg") if fact.meter == "stored_bytes"}
    assert (set(sizes), min(sizes.values()) > 0) == (BUILT, True)


def test_the_column_says_what_dbts_source_freshness_says(both: Both) -> None:
    both.pass_(0, freshness=COLUMNS)
    expected = {SALES: datetime(2024, 11, 20, 3, tzinfo=UTC), STOCK: datetime(2024, 1, 5, 6, tzinfo=UTC)}
    for source in ("dbt", "pg"):
        updates = both.told("dataset_update", source)
        assert {fact.asset: fact.data_through for fact in updates} == expected
        assert {fact.asset: fact.at for fact in updates} == expected


def test_dbts_threshold_judges_the_update_that_the_database_shows(both: Both) -> None:
    """raw_stock may be a day old, says dbt. It was stale; a count of one hour after dbt was done makes it fresh."""
    both.pass_(0, freshness=COLUMNS)
    counted = both.at(1).replace(tzinfo=None).isoformat(sep=" ")
    both.server.sql("corner_shop", f"INSERT INTO main.raw_stock VALUES (2, '{counted}')")
    try:
        both.pass_(2, freshness=COLUMNS)
    finally:
        both.server.sql("corner_shop", "DELETE FROM main.raw_stock WHERE id = 2")
    view = both.view(2)
    stretches = Dataset(view, view.history(STOCK)).stretches(both.at(0), both.at(2))
    assert [(one.start, one.end, one.verdict) for one in stretches] == [
        (both.at(0), both.at(1), "stale"), (both.at(1), both.at(2), "fresh"),
    ]  # fmt: skip


def test_dbts_own_queries_are_a_workload_apart(both: Both) -> None:
    """By the comment that dbt puts before its queries. Counted as the database counted them, outside the passes."""
    count = """SELECT sum(calls) FROM pg_stat_statements WHERE query LIKE '/* {"app": "dbt"%'"""
    workloads = [{"name": "dbt", "query": '"app": "dbt"'}]
    before = int(both.server.sql("corner_shop", count))
    both.pass_(0, workloads=workloads)
    assert both.shop.dbt("run", "--select", "stg_shops").returncode == 0
    both.server.sql("corner_shop", *["SELECT count(*) FROM main.stg_shops"] * 3)
    both.pass_(1, workloads=workloads)
    ours = int(both.server.sql("corner_shop", count)) - before
    queries = {fact.asset: fact.amount for fact in both.told("meter", "pg") if fact.meter == "queries"}
    assert (queries, ours > 1) == ({"wh/dbt": ours, WORKLOAD: 3}, True)
