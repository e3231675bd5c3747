"""The snowflake source against fakesnow, which runs Snowflake's SQL on DuckDB: the ACCOUNT_USAGE views are tables of a
few rows (snowflake/seed.sql), so that what every statement must answer is worked out by hand. Between them stands the
SQL API's own protocol (snowflake/front.py): statements that run on, and results in partitions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Enumerated, Period, Raw
from collectors.patience import hurried
from collectors.sources.snowflake import Snowflake
from slo.errors import FactError

pytestmark = pytest.mark.peer
HERE = Path(__file__).parent / "snowflake"
PEERS = Path(os.environ.get("PEERS_DIR") or Path(__file__).parents[2] / ".peers")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FROM = datetime(2026, 11, 19, tzinfo=UTC)
DAY, NEXT = "2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"


@pytest.fixture(scope="module")
def account(module_processes: Any, program: Callable[..., str], free_port: Any, is_up: Any, wait_until: Any) -> str:
    """The address of an account that holds the seed."""
    python = program("fakesnow", str(PEERS / "fakesnow" / ".venv" / "bin")).removesuffix("fakesnow") + "python"
    port = free_port()
    module_processes.start("fakesnow", [python, str(HERE / "front.py"), str(port), str(HERE / "seed.sql")])
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: is_up(url), f"fakesnow answers; it said {module_processes.log('fakesnow')}")
    return url


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with hurried(lambda _: None):
        yield


def source(account: str, *parts: str, **settings: Any) -> Snowflake:
    given = {"url": account, "account": "acme", "token": "canary-token", "parts": list(parts), "role": "TIERLINE"}
    return Snowflake("snow", Snowflake.Settings.model_validate({**given, **settings}), lambda: NOW)


def told(one: Snowflake, start: datetime = FROM) -> list[dict[str, Any]]:
    """The facts of a first pass, without what is the same in many."""
    raws = (raw for raw in one.fetch(Period(start, NOW, latest=True)) if isinstance(raw, Raw))
    found = [fact for raw in raws for fact in one.parse(raw)]
    return [{name: value for name, value in fact.items() if name not in ("tz", "gamma", "metric")} for fact in found]


def by_id(facts: list[dict[str, Any]], *fields: str) -> dict[str, Any]:
    """id -> the fields, of all facts but assets."""
    return {fact["id"]: tuple(fact.get(name) for name in fields) for fact in facts if fact["fact"] != "asset"}


def test_metering_is_cost_and_the_share_of_compute_that_queries_used(account: str) -> None:
    prices = {"2026-01-01": 3, "2026-11-20": 2.5}
    facts = told(source(account, "metering", credit_price=prices, currency="EUR"))
    assert by_id(facts, "amount", "at", "until", "currency", "provisional") == {
        "elt_wh/2026-11-19/cost": (6.36, DAY, NEXT, "EUR", False),  # (1.5 + 0.5 + 0.1 + 0.02) x 3
        "elt_wh/2026-11-19/busy_seconds": (3600.0, DAY, NEXT, None, False),  # 0.9 + 0.1 credits
        "elt_wh/2026-11-19/provisioned_seconds": (7200.0, DAY, NEXT, None, False),
        "elt_wh/2026-11-20/cost": (3.125, NEXT, "2026-11-21T00:00:00Z", "EUR", True),  # 1.25 x 2.5
        "elt_wh/2026-11-20/busy_seconds": (2700.0, NEXT, "2026-11-21T00:00:00Z", None, True),
        "elt_wh/2026-11-20/provisioned_seconds": (3600.0, NEXT, "2026-11-21T00:00:00Z", None, True),
        "adaptive/2026-11-20/cost": (5.0, NEXT, "2026-11-21T00:00:00Z", "EUR", True),  # nothing is attributed there
    }
    assert {fact["asset"]: fact["kind"] for fact in facts if fact["fact"] == "asset"} == {
        "snowflake://acme/elt_wh": "warehouse", "snowflake://acme/adaptive": "warehouse",
    }  # fmt: skip


def test_cost_by_the_hour(account: str) -> None:
    facts = told(source(account, "metering", credit_price=1, cost_period="hour"))
    assert by_id([fact for fact in facts if fact.get("meter") == "cost"], "amount", "until") == {
        "elt_wh/2026-11-19T22/cost": (1.6, "2026-11-19T23:00:00Z"), "elt_wh/2026-11-19T23/cost": (0.52, NEXT),
        "elt_wh/2026-11-20T00/cost": (1.25, "2026-11-20T01:00:00Z"),
        "adaptive/2026-11-20T05/cost": (2.0, "2026-11-20T06:00:00Z"),
    }  # fmt: skip


def test_services_cost_what_is_billed_and_the_rebate_comes_off_the_warehouses(account: str) -> None:
    facts = told(source(account, "services", credit_price=3))
    assert by_id(facts, "amount", "asset") == {
        "serverless_task/2026-11-19/cost": (1.2, "snowflake://acme/serverless_task"),
        "cloud_services_adjustment/2026-11-19/cost": (-0.15, "snowflake://acme/cloud_services_adjustment"),
    }


def test_storage_is_bytes_and_a_thirtieth_of_novembers_price(account: str) -> None:
    facts = told(source(account, "storage", storage_price=23))
    assert by_id(facts, "meter", "amount") == {
        "storage/2026-11-19/cost": ("cost", pytest.approx(4 * 23 / 30)),  # four terabytes
        "storage/2026-11-19/stored_bytes": ("stored_bytes", float(4 * 2**40)),
    }


def test_sizes_hold_every_version_of_a_table_that_is_still_stored(account: str) -> None:
    assert by_id(told(source(account, "sizes")), "amount", "at", "until") == {
        "shop.core.orders/2026-11-20/stored_bytes": (130.0, NEXT, "2026-11-21T00:00:00Z")
    }


BOARDS = {"name": "boards", "tag": "board_*", "user": "a??", "tier": 0, "team": "bi"}


def test_queries_come_grouped_by_workload_day_outcome_and_bucket(account: str) -> None:
    facts = told(source(account, "queries", workloads=[BOARDS]))
    assert by_id([fact for fact in facts if fact["fact"] == "meter"], "amount") == {
        "boards/2026-11-19/queries": (4.0,), "boards/2026-11-19/bytes": (1200.0,),
        "bi_wh/2026-11-19/queries": (1.0,), "bi_wh/2026-11-19/bytes": (1.0,),  # "boards" is no board_*
        "elt_wh/2026-11-19/queries": (3.0,), "elt_wh/2026-11-19/bytes": (12000.0,),
    }  # fmt: skip
    assert by_id([fact for fact in facts if fact["fact"] == "distribution"], "outcome", "zero", "buckets") == {
        "boards/2026-11-19/query_seconds/success": ("success", 0, {"0": 1, "21": 1}),  # 1 s; 1.02^20 < 1.5 < 1.02^21
        "boards/2026-11-19/query_seconds/cached": ("cached", 1, {}),
        "boards/2026-11-19/query_seconds/failed": ("failed", 0, {"-81": 1}),  # 0.2 s
        "bi_wh/2026-11-19/query_seconds/success": ("success", 0, {"117": 1}),  # 10 s
        "elt_wh/2026-11-19/query_seconds/success": ("success", 0, {"207": 3}),  # a minute each
    }
    assert {"fact": "asset", "asset": "snowflake://acme/boards", "kind": "workload", "tier": 0, "team": "bi"} in facts
    assert "ANN" not in str(facts)


@pytest.mark.parametrize(
    ("group_by", "names"),
    [("tag", {"board_sales", "Board_churn", "boards", "no tag"}), ("role", {"bi", "elt"}), ("none", {"queries"})],
)
def test_workloads_by_what_is_asked(account: str, group_by: str, names: set[str]) -> None:
    facts = told(source(account, "queries", group_by=group_by))
    assert {fact["asset"].removeprefix("snowflake://acme/") for fact in facts} == names
    assert sum(fact["amount"] for fact in facts if fact.get("meter") == "queries") == 8


def test_tables_bear_their_own_tags_before_their_schemas_and_databases(account: str) -> None:
    one = source(account, "tables", "tags", tags={"tier": "data_tier", "team": "TEAM"})
    *raws, listing = one.fetch(Period(FROM, NOW, latest=True))
    assets = {fact["asset"].removeprefix("snowflake://acme/"): fact for raw in raws if isinstance(raw, Raw)
              for fact in one.parse(raw)}  # fmt: skip
    assert {name: (fact.get("tier"), fact.get("team"), fact.get("description")) for name, fact in assets.items()} == {
        "shop.core.orders": (0, "commerce", "All orders"), "shop.core.Mixed Case": (2, "commerce", None),
        "shop.raw.events": (2, None, None),
    }  # fmt: skip
    assert assets["shop.core.orders"]["tags"] == ["data_tier=0", "team=commerce"]
    assert listing == Enumerated("asset", frozenset(f"snowflake://acme/{name}" for name in assets))


@pytest.mark.parametrize(
    ("column", "at", "through"),
    [
        ("loaded_at", "2026-11-20T04:30:00.250000Z", "2026-11-20T04:30:00.250000Z"),  # half past five in Berlin
        ("day", "2026-11-20T12:00:00Z", "2026-11-19T23:00:00Z"),  # a whole day counts from when it was seen
        ('"Sent"', "2026-11-20T04:00:00Z", "2026-11-20T04:00:00Z"),
    ],
)
def test_freshness_by_a_declared_column(account: str, column: str, at: str, through: str) -> None:
    one = source(account, "freshness", freshness={"shop.core.orders": column}, zone="Europe/Berlin")
    (fact,) = told(one)
    assert (fact["asset"], fact["at"], fact["data_through"]) == ("snowflake://acme/shop.core.orders", at, through)


def test_a_column_that_is_not_there_is_told_with_its_table(account: str) -> None:
    one = source(account, "freshness", freshness={"shop.core.orders": "nope"})
    (raw,) = one.fetch(Period(FROM, NOW, latest=True))
    assert isinstance(raw, Raw)
    with pytest.raises(FactError, match=r"freshness: shop\.core\.orders\.nope: .*NOPE.* \(code 002043\)"):
        list(one.parse(raw))


def test_writes_by_the_hour_and_a_declared_column_knows_better(account: str) -> None:
    facts = told(source(account, "writes"))
    assert by_id(facts, "at", "data_through") == {
        "shop.core.orders/written/2026-11-19T07:00:00Z": ("2026-11-19T07:00:00Z", None),
        "shop.core.Mixed Case/written/2026-11-19T08:00:00Z": ("2026-11-19T08:00:00Z", None),  # the hour before: no rows
    }
    declared = source(account, "writes", "freshness", freshness={"shop.core.orders": "loaded_at"})
    assert "shop.core.orders/written/2026-11-19T07:00:00Z" not in by_id(told(declared))


def test_writes_of_access_history_are_the_last_of_five_minutes_that_changed_rows(account: str) -> None:
    assert by_id(told(source(account, "writes", writes="access")), "at") == {
        "shop.core.orders/written/2026-11-19T06:00:00Z": ("2026-11-19T06:04:30Z",),  # 06:06 changed none
        "shop.core.Mixed Case/written/2026-11-19T06:00:00Z": ("2026-11-19T06:04:30Z",),
    }


def test_last_altered_is_a_last_resort_and_never_says_how_far_the_data_reaches(account: str) -> None:
    facts = told(source(account, "tables", "writes", writes="last_altered"))
    assert by_id(facts, "at", "data_through") == {
        f"shop.core.{name}/altered/2026-11-20T04:00:00Z": ("2026-11-20T04:00:00Z", None)
        for name in ("orders", "Mixed Case")
    }


def test_a_run_is_a_task_graph_and_its_last_attempts_decide(account: str) -> None:
    facts = told(source(account, "tasks"))
    assert by_id(facts, "state", "trigger", "due_at", "started_at", "ended_at", "tries") == {
        "task/shop.core.nightly/71": ("success", "schedule", "2026-11-19T02:00:00Z", "2026-11-19T02:00:01Z",
                                      "2026-11-19T02:25:00Z", 2),
        "task/shop.core.nightly/72": ("failed", "schedule", "2026-11-20T02:00:00Z", "2026-11-20T02:00:01Z",
                                      "2026-11-20T02:09:00Z", 1),
        "task/shop.core.on_data/73": ("skipped", "event", None, "2026-11-20T03:00:00Z", "2026-11-20T03:00:02Z", 1),
    }  # fmt: skip


def test_only_a_graphs_first_task_has_a_schedule(account: str) -> None:
    nightly = {"schedule": "0 3 * * *", "schedule_tz": "Europe/Berlin", "description": "The nightly load"}
    assert told(source(account, "schedules")) == [
        {"fact": "asset", "asset": "snowflake://acme/task/shop.core.nightly", "kind": "pipeline", "paused": False,
         **nightly},
        {"fact": "asset", "asset": "snowflake://acme/task/shop.core.on_data", "kind": "pipeline", "paused": True},
    ]  # fmt: skip


def test_lineage_joins_what_one_query_read_and_wrote(account: str) -> None:
    assert set(by_id(told(source(account, "lineage")))) == {
        "shop.raw.events->shop.core.orders", "shop.core.orders->shop.core.Mixed Case",
    }  # fmt: skip


def test_nothing_lies_outside_of_the_period(account: str) -> None:
    one = source(account, "metering", "services", "storage", "queries", "writes", "tasks", credit_price=1)
    early = Period(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    assert list(one.fetch(early)) == []


def test_the_check_tells_every_view_and_what_tierline_itself_costs(account: str) -> None:
    one = source(account, "metering", "tasks", "schedules", credit_price=2.5)
    assert [(finding.ok, finding.what) for finding in one.check()] == [
        (True, "metering: snowflake.account_usage.warehouse_metering_history"),
        (True, "schedules: SHOW TASKS"),
        (True, "tasks: snowflake.account_usage.task_history"),
        (True, "own cost: 2 statements, 0.010 credits, 0.02 USD in 30 days"),  # 0.004 + 0.006; 0.025 to the even cent
    ]
