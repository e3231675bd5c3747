"""The postgres source against a real PostgreSQL: what it tells equals what SQL says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from collectors.base import Enumerated, Period, Raw
from collectors.postgres.session import opened
from collectors.runner import Runner
from collectors.sources.postgres import Postgres
from slo import interchange
from slo.engine import Engine, Query
from slo.errors import FactError, PermissionMissing, RetriableError, SourceError
from slo.platform import Platform, SourceInfo
from slo.store import Store

pytestmark = pytest.mark.peer
START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
COUNT = "SELECT count(*) FROM shop.orders"
ODD = 'shop."Odd; ""Name"""'


class Watch:
    """Passes of one source, five minutes apart by its clock, with the memory a runner would keep."""

    def __init__(self, dsn: str, **settings: Any) -> None:
        self.now = START
        made = Postgres.Settings.model_validate({"dsn": dsn, **settings})
        self.source = Postgres("dwh", made, lambda: self.now)
        self.listed: frozenset[str] = frozenset()
        self.refused: list[str] = []

    def pass_(self) -> dict[str, list[dict[str, Any]]]:
        """The facts of the next pass by kind."""
        self.now += timedelta(minutes=5)
        told: dict[str, list[dict[str, Any]]] = {kind: [] for kind in self.source.tells}
        for item in self.source.fetch(Period(START, self.now, incremental=True, latest=True)):
            if isinstance(item, Enumerated):
                self.listed = item.ids
            else:
                self._take(item, told)
        return told

    def _take(self, raw: Raw, told: dict[str, list[dict[str, Any]]]) -> None:
        try:
            for fact in self.source.parse(raw):
                interchange.parse({"id": "x", **fact, "source": "dwh"})
                told[fact["fact"]].append(fact)
        except FactError as error:
            self.refused.append(str(error))


@pytest.fixture
def shop(postgres_server: Any) -> str:
    """A database with an odd table, a partitioned one, and pg_stat_statements."""
    name: str = postgres_server.new_database("shop")
    postgres_server.sql(
        name,
        "CREATE EXTENSION pg_stat_statements", "SELECT pg_stat_statements_reset()",
        "CREATE SCHEMA shop", "COMMENT ON SCHEMA shop IS 'x'",
        "CREATE TABLE shop.orders (id int, updated_at timestamptz)", "COMMENT ON TABLE shop.orders IS 'All orders'",
        f"CREATE TABLE {ODD} (day date)",
        "CREATE TABLE shop.events (at timestamp, n int) PARTITION BY RANGE (at)",
        "CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-07-01')",
        "CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM ('2026-07-01') TO ('2027-01-01')",
        "CREATE MATERIALIZED VIEW shop.daily AS SELECT 1 AS n", "CREATE VIEW shop.seen AS SELECT 1 AS n",
    )  # fmt: skip
    return name


def total(facts_: list[dict[str, Any]], meter: str) -> dict[str, float]:
    return {fact["asset"]: fact["amount"] for fact in facts_ if fact["meter"] == meter}


def test_queries_between_two_passes_are_counted_exactly(postgres_server: Any, shop: str) -> None:
    watch = Watch(postgres_server.dsn(shop))
    assert watch.pass_()["distribution"] == []  # a first look has no moment for what was counted before it
    postgres_server.sql(shop, *[COUNT] * 7, "SELECT pg_sleep(0.2)", "BEGIN; COMMIT")
    told = watch.pass_()
    assert total(told["meter"], "queries") == {"dwh/shop": 8}
    [spread] = told["distribution"]
    assert (spread["at"], spread["until"]) == ("2026-03-29T00:35:00Z", "2026-03-29T00:40:00Z")
    assert sum(spread["buckets"].values()) + spread["zero"] == 8
    slowest = max(int(index) for index in spread["buckets"])
    ask = "SELECT mean_exec_time / 1000 FROM pg_stat_statements WHERE query LIKE 'SELECT pg_sleep%'"
    mean = float(postgres_server.sql(shop, ask))
    assert 1.02 ** (slowest - 1) < mean <= 1.02**slowest
    assert spread["buckets"][str(slowest)] == 1


def test_nothing_of_our_own_and_nothing_twice(postgres_server: Any, shop: str) -> None:
    watch = Watch(postgres_server.dsn(shop))
    watch.pass_()
    assert [total(watch.pass_()["meter"], "queries") for _ in range(3)] == [{}, {}, {}]


def test_a_reset_between_two_passes_loses_only_what_was_before_it(postgres_server: Any, shop: str) -> None:
    postgres_server.sql(shop, *[COUNT] * 5)
    watch = Watch(postgres_server.dsn(shop))
    watch.pass_()
    postgres_server.sql(shop, *[COUNT] * 9, "SELECT pg_stat_statements_reset()")
    postgres_server.sql(shop, *[COUNT] * 6)  # more than the five there were: only the reset's own moment shows it
    assert total(watch.pass_()["meter"], "queries") == {"dwh/shop": 6 + 1}  # and the call of the reset itself


def test_through_runner_store_and_engine_the_p95_is_the_statements_own(
    postgres_server: Any, shop: str, tmp_path: Path
) -> None:
    """Two processes, a pass each; the memory lies in the store between them."""
    settings = {"dsn": postgres_server.dsn(shop), "workloads": [{"name": "bi", "critical": True}]}
    store: Any = Store(f"sqlite:///{tmp_path / 'tierline.db'}")
    store.migrate()
    clock = [START]
    for queries in ([], [COUNT] * 16 + ["SELECT pg_sleep(0.05)"] * 3):
        postgres_server.sql(shop, "SELECT 1", *queries)
        clock.append(clock[-1] + timedelta(minutes=5))
        one = Postgres("dwh", Postgres.Settings.model_validate(settings), lambda: clock[-1])
        record = Runner(store, [one], lambda: clock[-1]).collect("dwh")
        assert (record.ok, record.set_aside) == (True, 0)
    [spread], [calls] = store.read("distribution"), store.read("meter", {"meter": "queries"})
    assert (calls.amount, sum(spread.buckets.values()), spread.asset) == (20, 20, "dwh/bi")
    engine = Engine(store, Platform(sources=(SourceInfo("dwh", Postgres.tells),)))
    result = engine.show("query_p95", Query(window="1d"), clock[-1])
    ask = "SELECT mean_exec_time / 1000 FROM pg_stat_statements WHERE query LIKE 'SELECT pg_sleep%'"
    mean = float(postgres_server.sql(shop, ask))
    assert result["n"] == 20
    assert result["p95"] == pytest.approx(mean, rel=0.01)  # 0.95 * 19 = 18.05: beyond the 17 quick ones
    store.close()


def test_workloads_are_told_apart_by_role_and_query(postgres_server: Any, shop: str) -> None:
    postgres_server.sql(shop, "CREATE ROLE bi_tool", "GRANT ALL ON SCHEMA shop TO bi_tool",
                        "GRANT ALL ON ALL TABLES IN SCHEMA shop TO bi_tool")  # fmt: skip
    workloads = [{"name": "bi", "user": "^bi_", "tier": 1, "critical": True}, {"name": "odd", "query": "odd;"}]
    watch = Watch(postgres_server.dsn(shop), workloads=workloads)
    first = watch.pass_()["asset"]
    assert {"fact": "asset", "asset": "dwh/bi", "kind": "workload", "tier": 1, "critical": True} in first
    postgres_server.sql(shop, "SET ROLE bi_tool", *[COUNT] * 3)
    postgres_server.sql(shop, *[f"SELECT count(*) FROM {ODD}"] * 2, *[COUNT] * 4)
    assert total(watch.pass_()["meter"], "queries") == {"dwh/bi": 3, "dwh/odd": 2, "dwh/shop": 4}
    postgres_server.sql(shop, "DROP OWNED BY bi_tool", "DROP ROLE bi_tool")


def test_tables_are_datasets_with_their_comment_and_their_size(postgres_server: Any, shop: str) -> None:
    postgres_server.sql(shop, "INSERT INTO shop.orders SELECT n, now() FROM generate_series(1, 5000) n",
                        "INSERT INTO shop.events SELECT timestamp '2026-06-30' + n * interval '1 h', n "
                        "FROM generate_series(1, 5000) n WHERE n < 4000")  # fmt: skip
    watch = Watch(postgres_server.dsn(shop))
    told = watch.pass_()
    tables = {"dwh/shop.shop.orders", 'dwh/shop.shop.Odd; "Name"', "dwh/shop.shop.events", "dwh/shop.shop.daily"}
    assert watch.listed == tables | {"dwh/shop"}
    assert {fact["asset"] for fact in told["asset"]} == watch.listed
    described = {fact["asset"]: fact["description"] for fact in told["asset"] if "description" in fact}
    assert described == {"dwh/shop.shop.orders": "All orders"}
    names = {
        "dwh/shop.shop.orders": "shop.orders",
        "dwh/shop.shop.daily": "shop.daily",
        'dwh/shop.shop.Odd; "Name"': ODD,
    }
    ask = "SELECT pg_total_relation_size('{}')"
    sizes = {asset: int(postgres_server.sql(shop, ask.format(name))) for asset, name in names.items()}
    parts = "SELECT pg_total_relation_size('shop.events_1') + pg_total_relation_size('shop.events_2')"
    sizes["dwh/shop.shop.events"] = int(postgres_server.sql(shop, parts))
    assert sizes["dwh/shop.shop.events"] > 200_000
    assert total(told["meter"], "stored_bytes") == sizes
    assert total(watch.pass_()["meter"], "stored_bytes") == {}  # one reading a day
    watch.now += timedelta(days=1)
    assert total(watch.pass_()["meter"], "stored_bytes") == sizes


def test_a_table_changed_when_its_counters_moved(postgres_server: Any, shop: str) -> None:
    watch = Watch(postgres_server.dsn(shop))
    assert watch.pass_()["dataset_update"] == []
    postgres_server.sql(shop, "INSERT INTO shop.events VALUES ('2026-02-01', 1)")
    assert watch.pass_()["dataset_update"] == [
        {"fact": "dataset_update", "id": "shop.shop.events/moved/2026-03-29T00:40:00Z", "asset": "dwh/shop.shop.events",
         "at": "2026-03-29T00:40:00Z", "data_through": None}
    ]  # fmt: skip
    postgres_server.sql(shop, "ANALYZE", "VACUUM shop.orders", "SELECT * FROM shop.events")
    assert watch.pass_()["dataset_update"] == []  # neither maintenance nor reading is a change
    postgres_server.sql(shop, "DELETE FROM shop.events")
    assert [fact["asset"] for fact in watch.pass_()["dataset_update"]] == ["dwh/shop.shop.events"]
    postgres_server.sql(shop, "DROP TABLE shop.events_1")
    assert watch.pass_()["dataset_update"] == []  # a partition less is no new data
    postgres_server.sql(shop, "CREATE TABLE shop.next AS SELECT 1 AS id", "DROP TABLE shop.orders",
                        "ALTER TABLE shop.next RENAME TO orders")  # fmt: skip
    assert [fact["asset"] for fact in watch.pass_()["dataset_update"]] == ["dwh/shop.shop.orders"]
    postgres_server.sql(shop, "SELECT pg_stat_reset()")
    assert watch.pass_()["dataset_update"] == []
    postgres_server.sql(shop, "INSERT INTO shop.orders VALUES (1)")
    assert [fact["asset"] for fact in watch.pass_()["dataset_update"]] == ["dwh/shop.shop.orders"]


def test_a_column_says_when_a_table_changed(postgres_server: Any, shop: str) -> None:
    columns = {"shop.orders": "updated_at", 'shop.Odd; "Name"': "day", "shop.events": "at"}
    watch = Watch(postgres_server.dsn(shop), freshness=columns, zone="Europe/Berlin")
    assert watch.pass_()["dataset_update"] == []  # all empty
    postgres_server.sql(shop, "INSERT INTO shop.orders VALUES (1, '2026-03-28T23:00:00Z'), (2, '2026-03-29T00:10:00Z')",
                        f"INSERT INTO {ODD} VALUES ('2026-03-29')",
                        "INSERT INTO shop.events VALUES ('2026-03-29T04:00:00', 1)")  # fmt: skip
    found = {fact["asset"]: (fact["at"], fact["data_through"]) for fact in watch.pass_()["dataset_update"]}
    assert found == {
        "dwh/shop.shop.orders": ("2026-03-29T00:10:00Z", "2026-03-29T00:10:00Z"),
        'dwh/shop.shop.Odd; "Name"': ("2026-03-29T00:40:00Z", "2026-03-28T23:00:00Z"),  # seen now; midnight in Berlin
        "dwh/shop.shop.events": ("2026-03-29T00:40:00Z", "2026-03-29T02:00:00Z"),  # of the future: landed by now
    }
    postgres_server.sql(shop, "UPDATE shop.orders SET id = 3")  # the column still says the same
    assert watch.pass_()["dataset_update"] == []
    assert watch.refused == []


def test_a_wrong_column_or_table_is_set_aside_and_the_rest_goes_on(postgres_server: Any, shop: str) -> None:
    columns = {"shop.orders": "updated", "shop.gone": "at", "shop.events": "n"}
    watch = Watch(postgres_server.dsn(shop), freshness=columns)
    assert len(watch.pass_()["asset"]) == 5
    places = [error.split(": ")[1] for error in watch.refused]
    assert places == ["shop.orders.updated", "shop.gone.at", "shop.events.n"]
    assert [line.ok for line in watch.source.check()] == [True, True, False, False, False]


def test_the_granted_rights_are_enough_and_less_is_said(postgres_server: Any, shop: str) -> None:
    postgres_server.sql(shop, "CREATE ROLE reader LOGIN", *[COUNT] * 3,
                        "INSERT INTO shop.orders VALUES (1, '2026-03-01T00:00:00Z')")  # fmt: skip
    watch = Watch(postgres_server.dsn(shop).replace("postgres@", "reader@"), freshness={"shop.orders": "updated_at"})
    with pytest.raises(PermissionMissing, match="GRANT pg_read_all_stats"):
        watch.pass_()
    postgres_server.sql(shop, "GRANT pg_read_all_stats TO reader")
    watch.pass_()
    assert ["GRANT USAGE ON SCHEMA shop, SELECT (updated_at)" in error for error in watch.refused] == [True]
    grants = "GRANT USAGE ON SCHEMA shop TO reader", "GRANT SELECT (updated_at) ON shop.orders TO reader"
    postgres_server.sql(shop, *grants)
    assert [fact["at"] for fact in watch.pass_()["dataset_update"]] == ["2026-03-01T00:00:00Z"]
    assert all(line.ok for line in watch.source.check())
    postgres_server.sql(shop, "DROP OWNED BY reader", "DROP ROLE reader")


def test_a_database_without_the_extension_still_tells_its_tables(postgres_server: Any) -> None:
    name = postgres_server.new_database("bare")
    postgres_server.sql(name, "CREATE TABLE t (n int)")
    watch = Watch(postgres_server.dsn(name))
    assert [fact["asset"] for fact in watch.pass_()["asset"]] == ["dwh/bare.public.t", "dwh/bare"]
    assert [(line.ok, line.what) for line in watch.source.check()][1] == (False, "pg_stat_statements: not read")
    with pytest.raises(PermissionMissing, match="shared_preload_libraries"):
        Watch(postgres_server.dsn(name), statements=True).pass_()
    off = Watch(postgres_server.dsn(name), statements=False)
    assert [fact["asset"] for fact in off.pass_()["asset"]] == ["dwh/bare.public.t"]


def test_a_locked_table_costs_its_size_alone(postgres_server: Any, shop: str) -> None:
    watch = Watch(postgres_server.dsn(shop))
    with psycopg.connect(postgres_server.dsn(shop)) as other:
        other.execute("LOCK TABLE shop.orders IN ACCESS EXCLUSIVE MODE")
        told = watch.pass_()
    assert len(told["asset"]) == 5
    assert told["meter"] == []
    assert len(watch.pass_()["meter"]) == 4  # made up for at the next pass


def session(dsn: str) -> Any:
    return opened(dsn, timedelta(seconds=0.2), timedelta(seconds=5), "UTC")


def test_the_session_only_reads_and_gives_up_in_time(
    postgres_server: Any, shop: str, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = postgres_server.dsn(shop)
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=nonsense")  # would refuse the connection if it were heard
    monkeypatch.setenv("PGPORT", str(free_port()))
    with session(dsn) as connection:
        assert connection.execute("SHOW application_name").fetchone() == ("tierline",)
    with pytest.raises(SourceError, match="read-only transaction"), session(dsn) as connection:
        connection.execute("CREATE TABLE shop.ours (n int)")
    with pytest.raises(RetriableError, match="statement timeout"), session(dsn) as connection:
        connection.execute("SELECT pg_sleep(60)")


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (("127.0.0.1", "nowhere.invalid"), RetriableError, "Check host"),
        (("/shop", "/nothing"), SourceError, "Check the names"),
        (("postgres@", "nobody_here@"), SourceError, "Check the names"),
        (("/shop", ""), SourceError, "names no dbname"),
        (("postgresql://", "s3cret stuff"), SourceError, "it cannot be read"),
    ],
)
def test_no_connection_is_one_clear_message(
    postgres_server: Any, shop: str, change: tuple[str, str], error: type[SourceError], said: str
) -> None:
    watch = Watch(postgres_server.dsn(shop).replace(*change))
    with pytest.raises(SourceError, match=said) as raised:
        watch.pass_()
    assert type(raised.value) is error
    assert "s3cret" not in str(raised.value)
    assert [line.ok for line in watch.source.check()] == [False]


def test_a_wrong_password_is_said_and_no_password_is_shown(postgres_server: Any, shop: str) -> None:
    postgres_server.sql(
        shop, "CREATE ROLE with_password LOGIN PASSWORD 'r1ght-one'", "GRANT pg_read_all_stats TO with_password"
    )
    for password, works in (("r1ght-one", True), ("wr0ng-one", False)):
        watch = Watch(postgres_server.dsn(shop).replace("postgres@", f"with_password:{password}@"))
        [connection, *_] = watch.source.check()
        assert connection.ok is works
    assert "password authentication failed" in connection.remedy
    assert "wr0ng-one" not in connection.remedy
    with pytest.raises(PermissionMissing):
        watch.pass_()
    postgres_server.sql(shop, "DROP OWNED BY with_password", "DROP ROLE with_password")
