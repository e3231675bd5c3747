"""Filters, order, limits; and that the large reads go by an index."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from slo.facts import Incident, Run
from slo.store import Store

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def runs(store: Store) -> list[Run]:
    """Six runs an hour apart, of three assets, the last without any place in time."""
    facts = [
        Run(
            source="st"[n % 2], id=f"r{n}", asset=f"a{n % 3}", state="failed" if n == 2 else "success",
            due_at=T + n * HOUR if n < 5 else None, ended_at=T + n * HOUR + HOUR if n % 2 else None,
            backfill="b" if n == 3 else None, tries=n,
        )
        for n in range(6)
    ]  # fmt: skip
    store.upsert(reversed(facts))
    return facts


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "501234"),
        ({"placed_at": (T + HOUR, T + 3 * HOUR)}, "12"),
        ({"placed_at": (None, T + HOUR)}, "0"),
        ({"placed_at": (T + 4 * HOUR, None)}, "4"),
        ({"placed_at": (None, None)}, "01234"),
        ({"placed_at": None}, "5"),
        ({"asset": "a1"}, "14"),
        ({"asset": {"a0", "a2"}}, "5023"),
        ({"asset": ["a0", "nobody"]}, "03"),
        ({"asset": "nobody"}, ""),
        ({"asset": set()}, ""),
        ({"source": "t"}, "513"),
        ({"source": {"s", "t"}}, "501234"),
        ({"source": "nobody"}, ""),
        ({"state": "failed"}, "2"),
        ({"state": {"failed", "missed"}}, "2"),
        ({"backfill": "b"}, "3"),
        ({"backfill": None}, "50124"),
        ({"backfill": {"b", None}}, "501234"),
        ({"ended_at": (T + 2 * HOUR, T + 6 * HOUR)}, "13"),
        ({"ended_at": None}, "024"),
        ({"tries": (2, 4)}, "23"),
        ({"tries": 4}, "4"),
        ({"id": {"r1", "r4"}}, "14"),
        ({"asset": "a1", "placed_at": (T, T + 2 * HOUR)}, "1"),
        ({"due_at": T + HOUR}, "1"),
    ],
)
def test_filters(store: Store, runs: list[Run], where: dict, expected: str):
    assert [fact.id for fact in store.read("run", where)] == [f"r{n}" for n in expected]


def test_a_filter_takes_any_offset(store: Store, runs: list[Run]):
    from datetime import timezone

    berlin = (T + HOUR).astimezone(timezone(timedelta(hours=2)))
    assert [fact.id for fact in store.read("run", {"placed_at": (berlin, berlin + HOUR)})] == ["r1"]


def test_order_and_limit(store: Store, runs: list[Run]):
    assert [fact.id for fact in store.read("run", descending=True, limit=2)] == ["r4", "r3"]
    assert [fact.id for fact in store.read("run", limit=2)] == ["r5", "r0"]
    assert [fact.id for fact in store.read("run", order_by="ended_at")] == ["r0", "r2", "r4", "r1", "r3", "r5"]
    assert [fact.id for fact in store.read("run", order_by="state")] == ["r2", "r0", "r4", "r1", "r3", "r5"]


def test_more_values_than_a_driver_takes(store: Store, runs: list[Run]):
    many = {f"r{n}" for n in range(3, 100_000)}
    assert [fact.id for fact in store.read("run", {"id": many})] == ["r5", "r3", "r4"]


def test_a_field_that_is_none_is_told(store: Store):
    with pytest.raises(ValueError, match=r"run\.colour: no such field"):
        store.read("run", {"colour": "red"})
    with pytest.raises(ValueError, match=r"incident\.assets: lists and objects"):
        store.read("incident", {"assets": "a"})


def test_incidents_by_cause(store: Store):
    store.upsert(
        [Incident(source="s", id=str(n), started_at=T + n * HOUR, cause=cause) for n, cause in enumerate("aba")]
    )
    assert [fact.id for fact in store.read("incident", {"cause": "a"})] == ["0", "2"]


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"placed_at": (T, T + HOUR)}, "ix_fact_run_placed"),
        ({"asset": "a1", "placed_at": (T, T + HOUR)}, "ix_fact_run_asset"),
        ({"asset": {"a1", "a2"}, "placed_at": (T, T + HOUR)}, "ix_fact_run_asset"),
        ({"source": "s", "id": "r1"}, "ix_fact_run_identity"),
        ({"source": "s", "id": {"r1", "r2"}}, "ix_fact_run_identity"),
        ({"backfill": "b"}, "ix_fact_run_backfill"),
        ({"backfill": {"b", "c"}}, "ix_fact_run_backfill"),
        ({"ended_at": (T, T + HOUR)}, "ix_fact_run_ended_at"),
    ],
)
def test_a_read_goes_by_its_index(place, store: Store, runs: list[Run], where: dict, index: str):
    """Asked of SQLite's planner, which has no statistics to lean on; PostgreSQL's weighs the size of the table."""
    if place.kind != "sqlite":
        pytest.skip("PostgreSQL scans six rows, whatever the index")
    asked: list[tuple[str, tuple]] = []
    event.listen(store._engine, "before_cursor_execute", lambda c, cur, sql, args, *_: asked.append((sql, args)))
    store.read("run", where)
    sql, args = asked[-1]
    with store._engine.connect() as connection:
        plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", args))
    assert f"USING INDEX {index} (" in plan, plan
