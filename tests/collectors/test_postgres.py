"""The postgres source on two recorded looks at PostgreSQL 15.18, a moment apart, and on made-up counters."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import sql

from collectors.base import Enumerated, Period, Raw
from collectors.postgres.changes import calls, moved, remembered
from collectors.postgres.reading import Newest, Question, Snapshot, _statement
from collectors.sources.postgres import Postgres
from slo import interchange
from slo.errors import FactError

NOW = datetime(2026, 11, 21, 11, 5, tzinfo=UTC)
ORDERS, LINES = "dwh/shop.public.orders", "dwh/shop.public.lines"


def snapshot(recorded: dict[str, Any]) -> Snapshot:
    """A recorded look."""
    moments = {name: recorded[name] and datetime.fromisoformat(recorded[name])
               for name in ("at", "statements_reset", "tables_reset")}  # fmt: skip
    newest = {name: Newest(one["value"] and datetime.fromisoformat(one["value"]), one["whole_day"], one["error"])
              for name, one in recorded["newest"].items()}  # fmt: skip
    return Snapshot(**{**recorded, **moments, "newest": newest})


@pytest.fixture
def looks(golden: Any) -> list[Snapshot]:
    return [snapshot(golden(f"postgres/{name}.json")) for name in ("first", "second")]


class Replayed(Postgres):
    """The source with recorded looks in the place of a server."""

    looks: list[Snapshot]

    def _look(self, sizes: bool) -> Snapshot:
        seen = self.looks.pop(0)
        return seen if sizes else replace(seen, sizes=None)


def source(looks: list[Snapshot], **settings: Any) -> Replayed:
    made = Postgres.Settings.model_validate({"dsn": "postgresql://u@h/shop", **settings})
    one = Replayed("dwh", made, lambda: NOW)
    one.looks = list(looks)
    return one


def told(one: Replayed, minutes: float = 0) -> list[dict[str, Any]]:
    """The facts of a pass so many minutes after NOW; what is set aside is left out."""
    one.now = lambda: NOW + timedelta(minutes=minutes)
    one.memory = json.loads(json.dumps(one.memory))  # as the store keeps it
    found = []
    for raw in one.fetch(Period(NOW, one.now(), incremental=True, latest=True)):
        if isinstance(raw, Raw) and not (raw.kind == "update" and raw.data["error"]):
            found += list(one.parse(raw))
    return found


def test_a_first_look_tells_what_stands_there_and_no_queries(looks: list[Snapshot]) -> None:
    assert told(source(looks, workloads=[{"name": "bi", "query": "orders o", "team": "analytics"}])) == [
        {"fact": "asset", "asset": LINES, "kind": "dataset"},
        {"fact": "asset", "asset": ORDERS, "kind": "dataset", "description": "All orders"},
        {"fact": "asset", "asset": "dwh/shop", "kind": "workload"},
        {"fact": "asset", "asset": "dwh/bi", "kind": "workload", "team": "analytics"},
        {"fact": "meter", "id": "shop.public.lines/2026-11-21/stored_bytes", "asset": LINES, "meter": "stored_bytes",
         "amount": 65536, "at": "2026-11-21T11:05:00Z"},
        {"fact": "meter", "id": "shop.public.orders/2026-11-21/stored_bytes", "asset": ORDERS, "meter": "stored_bytes",
         "amount": 8192, "at": "2026-11-21T11:05:00Z"},
        {"fact": "dataset_update", "id": "shop.public.orders/2026-11-21T07:00:00Z", "asset": ORDERS,
         "at": "2026-11-21T07:00:00Z", "data_through": "2026-11-21T07:00:00Z"},
    ]  # fmt: skip


def test_a_second_look_tells_what_happened_between(looks: list[Snapshot]) -> None:
    one = source(looks)
    told(one)
    facts_ = [fact for fact in told(one, 5) if fact["fact"] != "asset"]
    span = {"at": "2026-11-21T11:05:00Z", "until": "2026-11-21T11:10:00Z"}
    shape = {"metric": "query_seconds", "outcome": "success", "gamma": 1.02, "zero": 0}
    assert facts_ == [
        # 7 - 3 calls in 0.400362 - 0.180848 ms: a mean of 54.88 us, and 1.02^-496 < 0.00005488 <= 1.02^-495
        {"fact": "meter", "id": "shop/2026-11-21T11:05:00Z/queries", "asset": "dwh/shop", **span, "meter": "queries",
         "amount": 4},
        {"fact": "distribution", "id": "shop/2026-11-21T11:05:00Z/query_seconds", "asset": "dwh/shop", **span, **shape,
         "buckets": {"-495": 4}},
        {"fact": "meter", "id": "bi/2026-11-21T11:05:00Z/queries", "asset": "dwh/bi", **span, "meter": "queries",
         "amount": 2},
        {"fact": "distribution", "id": "bi/2026-11-21T11:05:00Z/query_seconds", "asset": "dwh/bi", **span, **shape,
         "buckets": {"-615": 2}},
        {"fact": "dataset_update", "id": "shop.public.orders/2026-11-21T08:10:00Z", "asset": ORDERS,
         "at": "2026-11-21T08:10:00Z", "data_through": "2026-11-21T08:10:00Z"},
    ]  # fmt: skip  # lines changed too, but its own column was named (wrongly), so its counters are not asked
    for fact in facts_:
        assert interchange.unknown_fields(fact) == []
        interchange.parse({**fact, "source": "dwh"})


def test_a_third_look_that_saw_nothing_new_tells_nothing_new(looks: list[Snapshot]) -> None:
    one = source([*looks, looks[1]])
    told(one)
    told(one, 5)
    assert {fact["fact"] for fact in told(one, 10)} == {"asset"}


def test_counters_tell_a_change_where_no_column_is_named(looks: list[Snapshot]) -> None:
    one = source([replace(seen, newest={}) for seen in looks], exclude=["*.orders"])
    assert [fact for fact in told(one) if fact["fact"] == "dataset_update"] == []
    assert [fact for fact in told(one, 5) if fact["fact"] == "dataset_update"] == [
        {"fact": "dataset_update", "id": "shop.public.lines/moved/2026-11-21T11:10:00Z", "asset": LINES,
         "at": "2026-11-21T11:10:00Z", "data_through": None},
    ]  # fmt: skip


def test_a_pass_that_was_not_kept_is_told_again_under_the_same_ids(looks: list[Snapshot]) -> None:
    one = source([looks[0], looks[1], looks[1]])
    told(one)
    kept = one.memory
    ids = {fact["id"] for fact in told(one, 5) if fact["fact"] in ("meter", "distribution")}
    one.memory = kept  # the store was lost before the memory was kept
    again = [fact for fact in told(one, 10) if fact["fact"] in ("meter", "distribution")]
    assert {fact["id"] for fact in again} == ids
    assert {fact["until"] for fact in again} == {"2026-11-21T11:15:00Z"}


def test_another_database_is_another_story(looks: list[Snapshot]) -> None:
    one = source([looks[0], replace(looks[1], place="standby:5432/shop")])
    told(one)
    assert not [fact for fact in told(one, 5) if fact["fact"] == "distribution"]


def test_what_the_settings_leave_out_is_not_enumerated(looks: list[Snapshot]) -> None:
    [listing] = [item for item in source(looks, tables=["public.o*"], statements=False).fetch(
        Period(NOW, NOW, latest=True)) if isinstance(item, Enumerated)]  # fmt: skip
    assert listing == Enumerated("asset", frozenset({ORDERS}))
    assert list(source(looks).fetch(Period(NOW, NOW))) == []  # there is no history to ask for


def test_a_column_that_cannot_be_read_is_set_aside_with_its_reason(looks: list[Snapshot]) -> None:
    one = source(looks)
    [wrong] = [raw for raw in one.fetch(Period(NOW, NOW, latest=True))
               if isinstance(raw, Raw) and raw.kind == "update" and raw.data["error"]]  # fmt: skip
    with pytest.raises(FactError, match=r"freshness: public\.lines\.n: cannot cast type integer"):
        list(one.parse(wrong))


@pytest.mark.parametrize(
    ("value", "whole_day", "at"),
    [
        ("2026-11-21T11:04:59.9Z", False, "2026-11-21T11:04:59.900000Z"),
        ("2026-11-21T11:05:00.1Z", False, "2026-11-21T11:05:00Z"),  # a clock ahead, or rows of the future
        ("2026-11-21T00:00:00Z", True, "2026-11-21T11:05:00Z"),  # a date says nothing about the hour it landed
    ],
)
def test_when_a_change_landed(looks: list[Snapshot], value: str, whole_day: bool, at: str) -> None:
    newest = {"public.orders": Newest(datetime.fromisoformat(value), whole_day)}
    [update] = [fact for fact in told(source([replace(looks[0], newest=newest)])) if fact["fact"] == "dataset_update"]
    assert update["at"] == at
    assert interchange.instant(update["data_through"]) == datetime.fromisoformat(value)


# -- counters that only count up, on made-up figures

T = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
FIRST = Snapshot(
    place="h:1/d", database="d", version="15.1", at=T, statements={"1/10": [None, 10, 1000.0, None]},
    statements_reset=T - timedelta(days=9), tables={"s.t": [7, "s", None, 100]}, tables_reset=None, sizes=None,
    newest={},
)  # fmt: skip
BEFORE = remembered({}, FIRST, "2026-11-21T11:00:00Z", "2026-11-21")


def later(**changes: Any) -> Snapshot:
    return replace(FIRST, at=T + timedelta(minutes=5), **changes)


def statements(*row: Any, key: str = "1/10", **changes: Any) -> Any:
    return calls(BEFORE, later(statements={key: [None, *row]}, **changes))


def test_calls_are_the_growth_and_their_mean() -> None:
    assert statements(14, 3000.0, None) == {None: [(4, 0.5)]}
    assert statements(10, 1000.0, None) == {}
    assert statements(4, 1000.0, None, key="2/10") == {None: [(4, 0.25)]}
    assert statements(11, 1000.0, None) == {None: [(1, 0.0)]}
    assert calls({}, FIRST) == calls(BEFORE, later(statements=None)) == {}


def test_a_statement_that_began_anew_counts_what_it_holds() -> None:
    assert statements(4, 800.0, None) == {None: [(4, 0.2)]}  # it was dropped for want of space, and came back
    assert statements(12, 750.0, None) == {None: [(12, 0.0625)]}  # more calls, less time: it began anew as well
    with_since = remembered({}, replace(FIRST, statements={"1/10": [None, 10, 1000.0, "a"]}), "x", "y")
    again = later(statements={"1/10": [None, 20, 2000.0, "b"]})  # PostgreSQL 17 says so itself
    assert calls(with_since, again) == {None: [(20, 0.1)]}


def test_a_reset_counts_since_then_and_another_server_not_at_all() -> None:
    assert statements(20, 2000.0, None, statements_reset=T + timedelta(minutes=1)) == {None: [(20, 0.1)]}
    assert statements(20, 2000.0, None, statements_reset=T - timedelta(days=2)) == {}
    assert statements(20, 2000.0, None, statements_reset=None) == {}


@pytest.mark.parametrize(
    ("row", "changes", "expected"),
    [
        ([7, "s", None, 100], {}, []),
        ([7, "s", None, 101], {}, ["s.t"]),
        ([7, "s", None, 90], {}, []),
        ([8, "s", None, 90], {}, ["s.t"]),
        ([8, "s", None, 0], {}, []),
        ([7, "s", None, 90], {"tables_reset": T + timedelta(minutes=1)}, ["s.t"]),
        ([7, "s", None, 0], {"tables_reset": T + timedelta(minutes=1)}, []),
        ([7, "s", None, 900], {"tables_reset": T - timedelta(days=1)}, []),
    ],
)
def test_a_table_moved(row: list[Any], changes: dict[str, Any], expected: list[str]) -> None:
    assert list(moved(BEFORE, later(tables={"s.t": row}, **changes))) == expected
    assert list(moved({}, later(tables={"s.t": row}))) == []


def test_a_table_that_was_not_there_and_holds_rows_was_written() -> None:
    assert list(moved(BEFORE, later(tables={"s.new": [9, "s", None, 1], "s.empty": [10, "s", None, 0]}))) == ["s.new"]


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ({"total_time"}, ("s.total_time", "NULL::timestamptz", "AND true")),
        ({"total_exec_time"}, ("s.total_exec_time", "NULL::timestamptz", "AND true")),
        ({"total_exec_time", "toplevel"}, ("s.total_exec_time", "NULL::timestamptz", "AND s.toplevel")),
        ({"total_exec_time", "toplevel", "stats_since"}, ("s.total_exec_time", "s.stats_since", "AND s.toplevel")),
    ],
)
def test_every_version_s_columns(columns: set[str], parts: tuple[str, ...]) -> None:
    text = _statement(sql.Identifier("public", "pg_stat_statements"), columns, Question()).as_string(None)
    unquoted = text.replace('"', "")
    assert [part in unquoted for part in parts] == [True] * 3
