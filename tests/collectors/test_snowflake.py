"""Snowflake: parts that fail alone, what is read again, and facts worked out by hand. What the statements themselves
answer is tested in tests/peers/test_snowflake.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Enumerated, Finding, Period, Raw
from collectors.patience import hurried
from collectors.runner import Runner
from collectors.snowflake.api import SqlApi, StatementFailed
from collectors.snowflake.money import price
from collectors.snowflake.names import split, word
from collectors.snowflake.sql import literal, newest
from collectors.sources.snowflake import Snowflake
from slo.errors import FactError
from slo.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DENIED = (422, {"code": "002003", "sqlState": "02000", "message": "SQL compilation error:\nObject 'SNOWFLAKE."
                "ACCOUNT_USAGE.TASK_HISTORY' does not exist or not authorized.", "statementHandle": "h"})  # fmt: skip
COLUMNS = {
    "metering": "warehouse at compute cloud attributed", "tasks": "database_name schema_name name graph scheduled "
    "started completed tries failed cancelled succeeded origin", "queries": "workload at outcome bucket queries bytes",
    "tables": "database_name schema_name name type description altered",
    "tags": "tag value domain database_name schema_name name", "writes": "database_name schema_name name slot at",
    "schedules": "name database_name schema_name schedule predecessors state comment", "storage": "day bytes",
    "lineage": "upstream downstream", "freshness": "newest", "sizes": "database_name schema_name name bytes",
}  # fmt: skip
NUMBERS = ("bucket", "queries", "bytes", "graph", "tries", "failed", "cancelled", "succeeded")
TYPES = {"at": "timestamp_ltz", "slot": "timestamp_ltz", "scheduled": "timestamp_ltz", "altered": "timestamp_ltz",
         "started": "timestamp_ltz", "completed": "timestamp_ltz", "day": "date",
         **dict.fromkeys(NUMBERS, "fixed")}  # fmt: skip


class Account:
    """An account behind the SQL API: rows by part, as text; a tuple is a status with a body."""

    base = "https://acme.snowflakecomputing.com/"

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.asked: list[dict[str, Any]] = []

    def post(self, path: str, body: Any) -> Any:
        self.asked.append(body)
        part = body.get("parameters", {}).get("QUERY_TAG", "").removeprefix("tierline/")
        found = self.rows.get(part, self.rows.get("*", []))
        if isinstance(found, tuple):
            return found[1]
        columns = ["readable"] if part.startswith("check/") else COLUMNS[part].split()
        return result(f"h{len(self.asked)}", columns, found)

    def parts(self) -> list[str]:
        return [body["parameters"]["QUERY_TAG"].removeprefix("tierline/") for body in self.asked]

    def statement(self, part: str) -> str:
        """The last statement of a part."""
        return next(str(body["statement"]) for body in reversed(self.asked)
                    if body["parameters"]["QUERY_TAG"] == f"tierline/{part}")  # fmt: skip


def result(handle: str, columns: list[str], rows: list[list[str | None]], **more: Any) -> dict[str, Any]:
    told = [{"name": name.upper(), "type": TYPES.get(name, "text"), "scale": 0} for name in columns]
    return {"resultSetMetaData": {"rowType": told, "partitionInfo": [{"rowCount": len(rows)}], **more}, "data": rows,
            "code": "090001", "statementHandle": handle}  # fmt: skip


def settings(**given: Any) -> Any:
    return Snowflake.Settings.model_validate(
        {"url": "https://acme.snowflakecomputing.com", "token": "canary-token", "role": "TIERLINE", **given}
    )


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    made = Account()
    monkeypatch.setattr(Snowflake, "_api", lambda self: SqlApi(made, self.settings))  # type: ignore[arg-type]
    with hurried(lambda _: None):
        yield made


def source(*parts: str, **given: Any) -> Snowflake:
    return Snowflake("snow", settings(parts=list(parts), **given), lambda: NOW)


def read(one: Snowflake, start: datetime, end: datetime = NOW, **kind: bool) -> tuple[list[Any], list[str]]:
    """Facts (and listings) and problems of one fetch."""
    facts: list[Any] = []
    problems = []
    for item in one.fetch(Period(start, end, **{"latest": True, **kind})):
        if isinstance(item, Enumerated):
            facts.append(item)
            continue
        try:
            facts.extend(one.parse(item))
        except FactError as error:
            problems.append(str(error))
    one.memory = json.loads(json.dumps(one.memory))
    return facts, problems


def epoch(text: str) -> str:
    return f"{datetime.fromisoformat(text).timestamp():.9f}"


DAY_AGO = NOW - timedelta(days=1)
RUN = ["SHOP", "CORE", "NIGHTLY", "71", epoch("2026-11-19T02:00:00Z"), epoch("2026-11-19T02:00:01Z"),
       epoch("2026-11-19T02:05:00Z"), "1", "0", "0", "1", "SCHEDULE"]  # fmt: skip
TABLE = ["SHOP", "CORE", "ORDERS", "BASE TABLE", None, epoch("2026-11-20T00:00:00Z")]


@pytest.mark.parametrize(
    "given",
    [{"token": None}, {"user": "bot"}, {"token": None, "user": "bot"}, {"zone": "Mars/Base"},
     {"parts": ["queries", "x"]}, {"credit_price": -1},
     {"url": "acme.snowflakecomputing.com"}, {"currency": "euro"}, {"timeout": "0s"}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**given)


def test_one_part_that_fails_stops_no_other_and_is_told_with_its_grant(account: Account) -> None:
    account.rows = {"tasks": DENIED, "metering": [["ELT_WH", epoch("2026-11-19T00:00:00Z"), "1", "0", None]]}
    one = source("tasks", "metering", credit_price=2)
    facts, problems = read(one, DAY_AGO)
    assert [fact["amount"] for fact in facts if fact["fact"] == "meter"] == [2.0]
    assert problems == [
        "tasks: SQL compilation error: Object 'SNOWFLAKE.ACCOUNT_USAGE.TASK_HISTORY' does not exist or not authorized. "
        "(code 002003) GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE TIERLINE;"
    ]
    assert "run" not in one.tells  # so its coverage does not speak for runs
    assert "meter" in one.tells


def test_the_run_says_what_it_could_not_see(account: Account, tmp_path: Path) -> None:
    account.rows = {"tasks": DENIED}
    one = source("tasks", "metering", history_days=1)
    with Store(f"sqlite:///{tmp_path / 'tierline.db'}") as store:
        store.migrate()
        record = Runner(store, [one], lambda: NOW).collect(one)
        assert (record.ok, record.set_aside) == (True, 1)
        assert [coverage.kinds for coverage in store.read("coverage")] == [["meter"]]
        account.rows = {"tasks": [RUN]}
        again = Runner(store, [one], lambda: NOW + timedelta(hours=6)).collect(one)
        assert (again.ok, again.set_aside, store.counts()["run"]) == (True, 0, 1)
        assert [coverage.kinds for coverage in store.read("coverage")] == [["meter", "run"]]


def test_tables_alone_make_nothing_else_observed(account: Account, tmp_path: Path) -> None:
    account.rows = {"tasks": DENIED}
    one = source("tasks", "tables", history_days=1)
    with Store(f"sqlite:///{tmp_path / 'tierline.db'}") as store:
        store.migrate()
        assert Runner(store, [one], lambda: NOW).collect(one).ok
        assert [coverage.kinds for coverage in store.read("coverage")] == [["asset"]]


def test_what_was_missed_is_read_once_the_grant_is_there(account: Account) -> None:
    account.rows = {"tasks": DENIED}
    one = source("tasks", "metering")
    read(one, DAY_AGO)
    read(one, NOW - timedelta(days=40), DAY_AGO, latest=False)
    account.rows = {"tasks": [RUN]}
    facts, problems = read(one, NOW - timedelta(hours=12), incremental=True)
    first, second = (body["statement"] for body in account.asked[-2:])  # forty days and more, 32 at a time
    assert "completed_time >= '2026-10-11T00:00:00Z'::TIMESTAMP_LTZ AND completed_time < '2026-11-12T00" in first
    assert "completed_time >= '2026-11-12T00:00:00Z'::TIMESTAMP_LTZ AND completed_time < '2026-11-21T00" in second
    assert "start_time >= '2026-11-20T00:00:00Z'::TIMESTAMP_LTZ" in account.statement("metering")
    assert {fact["id"] for fact in facts if fact["fact"] == "run"} == {"task/shop.core.nightly/71"}
    assert (problems, one.memory["missed"], "run" in one.tells) == ([], {}, True)


def test_a_pass_that_sees_nothing_at_all_has_failed(account: Account) -> None:
    account.rows = {"*": DENIED}
    with pytest.raises(StatementFailed, match="not authorized"):
        read(source("tasks", "metering"), DAY_AGO)


def test_a_day_is_read_again_until_its_sums_are_final(account: Account) -> None:
    """Told as provisional at half past five, six hours before the end of settling: the next pass must read it again."""
    account.rows = {"storage": [["20776", "1"]]}  # 19 November
    one = source("storage")
    one.now = lambda: datetime(2026, 11, 20, 5, 30, tzinfo=UTC)
    facts, _ = read(one, datetime(2026, 11, 19, 5, 30, tzinfo=UTC), one.now())
    assert [(fact["at"], fact["provisional"]) for fact in facts] == [("2026-11-19T00:00:00Z", True)]
    one.now = lambda: datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
    facts, _ = read(one, datetime(2026, 11, 19, 17, 30, tzinfo=UTC), one.now(), incremental=True)
    assert "usage_date >= '2026-11-19'::DATE AND usage_date < '2026-11-21'::DATE" in account.statement("storage")
    assert [fact["provisional"] for fact in facts] == [False]


def test_history_asks_for_no_registers(account: Account) -> None:
    one = source("metering", "tables", "tags", "schedules", "sizes", "lineage", "freshness", freshness={"a.b.c": "d"})
    assert read(one, NOW - timedelta(days=30), DAY_AGO, latest=False) == ([], [])
    assert account.parts() == ["metering"]


def test_lineage_goes_back_thirty_days_at_first(account: Account) -> None:
    one = source("lineage")
    read(one, DAY_AGO)
    assert "a.query_start_time >= '2026-10-21T00:00:00Z'::TIMESTAMP_LTZ" in account.statement("lineage")
    read(one, NOW - timedelta(hours=12), incremental=True)
    assert "a.query_start_time >= '2026-11-20T00:00:00Z'::TIMESTAMP_LTZ" in account.statement("lineage")


def test_sizes_are_read_once_a_day(account: Account) -> None:
    one = source("sizes", "metering")
    read(one, DAY_AGO)
    read(one, DAY_AGO, incremental=True)
    one.now = lambda: NOW + timedelta(days=1)
    read(one, NOW, NOW + timedelta(days=1), incremental=True)
    assert account.parts().count("sizes") == 2


def test_the_listing_keeps_warehouses_and_tasks_that_were_seen_in_five_weeks(account: Account) -> None:
    account.rows = {"tables": [TABLE], "metering": [["ELT_WH", epoch("2026-11-19T00:00:00Z"), "1", "0", None],
                    ["OLD_WH", epoch("2026-10-01T00:00:00Z"), "1", "0", None]], "tasks": [RUN]}  # fmt: skip
    one = source("tables", "metering", "tasks")
    listing = read(one, DAY_AGO)[0][-1]
    names = {"shop.core.orders", "elt_wh", "task/shop.core.nightly"}
    assert listing == Enumerated("asset", frozenset(f"snowflake://acme/{name}" for name in names))
    account.rows = {"tables": [TABLE]}
    assert read(one, DAY_AGO, incremental=True)[0][-1] == listing


def test_without_its_tables_no_listing_is_complete(account: Account) -> None:
    account.rows = {"tables": DENIED, "metering": []}
    assert read(source("tables", "metering"), DAY_AGO)[0] == []


def test_a_table_is_not_told_without_tags_that_it_was_told_with(account: Account) -> None:
    account.rows = {"tables": [TABLE], "tags": [["TIER", "1", "TABLE", "SHOP", "CORE", "ORDERS"]]}
    one = source("tables", "tags", tags={"tier": "tier"})
    assert read(one, DAY_AGO)[0][0]["tier"] == 1
    account.rows["tags"] = DENIED
    facts, problems = read(one, DAY_AGO, incremental=True)
    assert facts == [Enumerated("asset", frozenset({"snowflake://acme/shop.core.orders"}))]
    assert len(problems) == 1


def test_a_task_is_not_told_without_the_schedule_that_it_was_told_with(account: Account) -> None:
    account.rows = {"schedules": [["NIGHTLY", "SHOP", "CORE", "USING CRON 0 2 * * * UTC", "[]", "started", None]],
                    "tasks": [RUN]}  # fmt: skip
    one = source("schedules", "tasks")
    assert [fact.get("schedule") for fact in read(one, DAY_AGO)[0]] == ["0 2 * * *", None, None]
    account.rows["schedules"] = DENIED
    assert [fact["fact"] for fact in read(one, DAY_AGO, incremental=True)[0]] == ["run"]


@pytest.mark.parametrize(("value", "tier"), [("1", 1), ("Tier-2", 2), ("T3", 3), ("p0", 0), ("gold", 0), ("GOLD", 0)])
def test_a_tags_value_is_a_tier(account: Account, value: str, tier: int) -> None:
    account.rows = {"tables": [TABLE], "tags": [["TIER", value, "TABLE", "SHOP", "CORE", "ORDERS"]]}
    facts, _ = read(source("tables", "tags", tags={"tier": "Tier"}, tiers={"Gold": 0}), DAY_AGO)
    assert facts[0]["tier"] == tier


def test_a_value_that_is_no_tier_is_told_and_the_table_all_the_same(account: Account) -> None:
    account.rows = {"tables": [TABLE], "tags": [["TIER", "silver", "TABLE", "SHOP", "CORE", "ORDERS"]]}
    one = source("tables", "tags", tags={"tier": "tier"})
    raw = next(item for item in one.fetch(Period(DAY_AGO, NOW, latest=True)) if isinstance(item, Raw))
    facts = one.parse(raw)
    assert next(facts)["tags"] == ["tier=silver"]
    with pytest.raises(FactError, match=r"shop\.core\.orders: the tag tier says 'silver', which is no tier; add it"):
        next(facts)


def test_tables_are_chosen_by_globs(account: Account) -> None:
    others = [["SHOP", "SCRATCH", "TMP", "BASE TABLE", None, None], ["TEST", "CORE", "X", "BASE TABLE", None, None]]
    account.rows = {"tables": [TABLE, *others]}
    facts, _ = read(source("tables", databases=["shop"], exclude=["*.scratch.*"]), DAY_AGO)
    assert [fact["asset"] for fact in facts[:-1]] == ["snowflake://acme/shop.core.orders"]


def test_a_glob_declares_the_column_of_every_table_it_fits(account: Account) -> None:
    account.rows = {"tables": [TABLE, ["SHOP", "CORE", "Lines", "VIEW", None, None]], "freshness": [[None]]}
    one = source("tables", "freshness", freshness={"shop.core.*": "loaded_at", "shop.gone.t": "x"})
    _, problems = read(one, DAY_AGO)
    assert [body["statement"] for body in account.asked[1:]] == [
        'SELECT MAX("LOADED_AT") AS newest FROM "SHOP"."CORE"."ORDERS"',
        'SELECT MAX("LOADED_AT") AS newest FROM "SHOP"."CORE"."Lines"',
    ]
    assert problems == ["freshness: shop.gone.t: there is no such table among those read; write database.schema.table"]


def test_a_column_that_holds_no_time_is_told(account: Account) -> None:
    account.rows = {"freshness": [["blue"]]}
    _, problems = read(source("freshness", freshness={"shop.core.orders": "colour"}), DAY_AGO)
    assert problems == ["freshness: shop.core.orders.colour holds 'blue'; it takes a column of dates or times"]


def test_tags_that_make_a_workload_of_every_query_are_refused(account: Account) -> None:
    at = epoch("2026-11-19T00:00:00Z")
    account.rows = {"queries": [[f"run {number}", at, "success", "1", "1", "0"] for number in range(1001)]}
    _, problems = read(source("queries", "metering", group_by="tag"), DAY_AGO)
    assert problems[0].startswith("queries: 1001 workloads, more than 1000: query tags that differ")


@pytest.mark.parametrize(
    ("origin", "counts", "told"),
    [("SCHEDULE", "001", ("success", "schedule")), ("TRIGGER", "011", ("cancelled", "event")),
     ("EXECUTE_TASK", "111", ("failed", "manual")), ("MANUAL RETRY", "000", ("skipped", "manual")),
     ("SOMETHING NEW", "001", ("success", None))],
)  # fmt: skip
def test_a_graphs_state_and_trigger(account: Account, origin: str, counts: str, told: tuple[str, str | None]) -> None:
    account.rows = {"tasks": [[*RUN[:8], *counts, origin]]}
    run = read(source("tasks"), DAY_AGO)[0][1]
    assert (run["state"], run["trigger"]) == told
    assert run["due_at"] == ("2026-11-19T02:00:00Z" if told[1] == "schedule" else None)


def test_prices_hold_from_their_day() -> None:
    prices = {date(2026, 1, 1): 3.0, date(2026, 7, 1): 2.8}
    days = [date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1)]
    assert [price(prices, day) for day in days] == [None, Decimal("3.0"), Decimal("2.8")]
    assert (price(None, days[0]), price(2.5, days[0])) == (None, Decimal("2.5"))


def test_without_a_price_no_cost_is_told_or_promised(account: Account) -> None:
    account.rows = {"metering": [["ELT_WH", epoch("2026-11-19T00:00:00Z"), "1", "0", "0.5"]]}
    one = source("metering", "services")
    assert [fact.get("meter") for fact in read(one, DAY_AGO)[0]] == [None, "busy_seconds", "provisioned_seconds"]
    assert "cost" not in one.tells["meter"]
    assert "cost" in Snowflake.tells["meter"]
    assert account.parts() == ["metering"]


@pytest.mark.parametrize(
    ("told", "name"),
    [("SHOP.CORE.ORDERS", ("SHOP", "CORE", "ORDERS")), ('A."b.c"."d""e"', ("A", "b.c", 'd"e')), ("STAGE", None),
     (None, None)],
)  # fmt: skip
def test_an_objects_name_in_its_parts(told: str | None, name: tuple[str, ...] | None) -> None:
    assert split(told) == name


def test_words_of_the_settings_stay_words_in_sql() -> None:
    assert (word("ORDERS"), word("Orders")) == ("orders", "Orders")
    assert literal("it's \\ here") == "'it''s \\\\ here'"
    assert newest(("A", "b c", 'd"e'), '"Sent"').sql == 'SELECT MAX("Sent") AS newest FROM "A"."b c"."d""e"'


def test_the_check_names_each_view_its_grant_and_the_cost(account: Account) -> None:
    account.rows = {"check/tasks": DENIED, "check/metering": [["1"]], "check/own_cost": DENIED}
    found = source("metering", "tasks").check()
    assert found[0] == Finding(True, "metering: snowflake.account_usage.warehouse_metering_history")
    assert (found[1].ok, found[1].remedy) == (False, "GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE TIERLINE;")
    assert found[2].what == "cost: not told, for credit_price is not set"
    assert (found[3].ok, found[3].what[:10]) == (False, "own cost: ")


def test_access_history_says_which_edition_it_needs(account: Account) -> None:
    account.rows = {"*": DENIED}
    (found, *_) = source("lineage").check()
    assert found.remedy == (
        "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE TIERLINE; ACCESS_HISTORY needs Enterprise Edition; "
        "without it leave this part out."
    )


@pytest.mark.parametrize(
    ("place", "known"),
    [("https://myorg-acme.snowflakecomputing.com/console", {"url": "https://myorg-acme.snowflakecomputing.com"}),
     ("https://snowflakecomputing.com.example", None), ("/data/bills", None)],
)  # fmt: skip
def test_an_account_is_recognised_by_its_address(place: str, known: dict[str, str] | None) -> None:
    assert Snowflake.recognises(place) == known


def test_names_begin_with_the_account_unless_told_otherwise() -> None:
    named: Callable[..., str] = lambda **given: Snowflake("snow", settings(**given), lambda: NOW).asset("x")  # noqa: E731
    assert named() == "snowflake://acme/x"
    assert named(url="https://MyOrg-Acme.privatelink.snowflakecomputing.com") == "snowflake://myorg-acme.privatelink/x"
    assert named(account="acme2") == "snowflake://acme2/x"
    assert named(namespace="wh") == "wh/x"
