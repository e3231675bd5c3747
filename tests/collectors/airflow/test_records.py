"""Airflow's records as facts, one by one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from collectors.airflow import records

TAGS = records.Tags(
    re.compile(r"(?i)tier[ :=_-]?([0-3])"), re.compile(r"(?i)team[ :=_-](.+)"), re.compile(r"(?i)domain[ :=_-](.+)"),
    {"gold": 0},
)  # fmt: skip


def run(**more: Any) -> dict[str, Any]:
    return {
        "dag_id": "d", "dag_run_id": "scheduled__2026-11-20T00:00:00+00:00", "run_type": "scheduled",
        "state": "success", "run_after": "2026-11-20T00:00:00Z", "start_date": "2026-11-20T00:00:05Z",
        "end_date": "2026-11-20T00:01:00Z", "queued_at": "2026-11-20T00:00:01Z", "logical_date": "2026-11-20T00:00:00Z",
        **more,
    }  # fmt: skip


def test_a_run() -> None:
    assert records.run_fact(run(), "af/d", "https://a", {"tries": 2}) == {
        "fact": "run",
        "id": "d/scheduled__2026-11-20T00:00:00+00:00",
        "asset": "af/d",
        "url": "https://a/dags/d/runs/scheduled__2026-11-20T00%3A00%3A00%2B00%3A00",
        "state": "success",
        "trigger": "schedule",
        "due_at": "2026-11-20T00:00:00Z",
        "started_at": "2026-11-20T00:00:05Z",
        "ended_at": "2026-11-20T00:01:00Z",
        "tries": 2,
        "backfill": None,
        "days_covered": None,
    }


@pytest.mark.parametrize(
    ("state", "end", "skipped", "told"),
    [
        ("queued", None, False, "running"),
        ("running", None, False, "running"),
        ("success", "e", False, "success"),
        ("success", "e", True, "skipped"),
        ("failed", "e", True, "failed"),
        ("vanished", "e", False, "cancelled"),
        ("restarting", None, False, "running"),
    ],
)
def test_states_and_words_a_newer_server_invents(state: str, end: str | None, skipped: bool, told: str) -> None:
    assert records.run_state(run(state=state, end_date=end), skipped) == told


@pytest.mark.parametrize(
    ("kind", "trigger", "due"),
    [
        ("scheduled", "schedule", "2026-11-20T00:00:00Z"),
        ("asset_triggered", "event", None),
        ("dataset_triggered", "event", None),
        ("asset_materialization", "event", None),
        ("manual", "manual", None),
        ("operator_triggered", "manual", None),
        ("backfill", "backfill", None),
        ("by_the_moon", None, None),
    ],
)
def test_only_a_scheduled_run_was_due(kind: str, trigger: str | None, due: str | None) -> None:
    fact = records.run_fact(run(run_type=kind), "af/d", "", {})
    assert (fact["trigger"], fact["due_at"]) == (trigger, due)


def test_in_airflow_2_a_run_is_due_at_the_end_of_its_interval() -> None:
    old = run(data_interval_end="2026-11-21T00:00:00+00:00")
    del old["run_after"]
    assert records.due_at(old) == "2026-11-21T00:00:00+00:00"
    assert records.run_url(old, "https://a").startswith("https://a/dags/d/grid?dag_run_id=scheduled__")


def backfill(number: int, created: str, first: str, last: str) -> dict[str, Any]:
    dates = {"created_at": created, "from_date": first, "to_date": last}
    return {"id": number, **{key: f"{value}T00:00:00Z" for key, value in dates.items()}}


def test_a_backfill_run_belongs_to_the_newest_backfill_made_before_it_that_covers_it() -> None:
    made = [
        backfill(1, "2026-11-18", "2026-11-01", "2026-11-30"),
        backfill(2, "2026-11-19", "2026-11-10", "2026-11-20"),
        backfill(3, "2026-11-21", "2026-11-01", "2026-11-30"),
        backfill(4, "2026-11-19", "2026-11-01", "2026-11-05"),
    ]
    assert records.backfill_id(run(), made) == "d/2"
    assert records.backfill_id(run(), []) == "d"
    assert records.run_fact(run(run_type="backfill"), "af/d", "", {"backfills": made})["backfill"] == "d/2"


@pytest.mark.parametrize(
    ("start", "end", "dag", "days"),
    [
        ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", {}, 1.0),
        ("2026-11-20T00:00:00Z", "2026-11-20T06:00:00Z", {}, 0.25),
        ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z", {}, None),
        ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z", {"timetable_summary": "0 0 * * *"}, 1.0),
        ("2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z",
         {"timetable_summary": "0 0 * * *", "timezone": "Europe/Berlin"}, 25 / 24),
        (None, None, {"timetable_summary": "0 0 * * *"}, None),
    ],
)  # fmt: skip
def test_days_a_run_fills(start: str | None, end: str | None, dag: dict[str, Any], days: float | None) -> None:
    assert records.days_covered(run(data_interval_start=start, data_interval_end=end), dag) == days


@pytest.mark.parametrize(
    ("tasks", "told"),
    [
        ([("success", 1), ("success", 3)], (3, False)),
        ([("skipped", 0), ("skipped", 1)], (1, True)),
        ([("skipped", 0), ("removed", 0)], (None, True)),
        ([("skipped", 0), ("success", 1)], (1, False)),
        ([(None, 0), ("skipped", 0)], (None, False)),
        ([], (None, False)),
    ],
)
def test_tries_and_runs_that_only_skipped(tasks: list[tuple[str | None, int]], told: tuple[int | None, bool]) -> None:
    assert records.attempts([{"state": state, "try_number": number} for state, number in tasks]) == told


def dag(**more: Any) -> dict[str, Any]:
    return {
        "dag_id": "d", "is_paused": False, "is_stale": False, "description": "Orders", "owners": ["airflow"],
        "tags": [], "timetable_summary": "0 6 * * *", "next_dagrun_run_after": "2026-11-22T06:00:00Z",
        "next_dagrun_logical_date": "2026-11-22T06:00:00Z", **more,
    }  # fmt: skip


def test_a_dag() -> None:
    tags = [{"name": name} for name in ("tier:2", "gold", "team:core data", "Domain-sales", "x")]
    assert records.dag_fact(dag(owners=["bi", "airflow"], tags=tags), "af/d", "https://a", ["UTC"], TAGS) == {
        "fact": "asset",
        "asset": "af/d",
        "kind": "pipeline",
        "url": "https://a/dags/d",
        "description": "Orders",
        "tags": ["Domain-sales", "gold", "team:core data", "tier:2", "x"],
        "tier": 0,
        "owner": "bi",
        "team": "core data",
        "domain": "sales",
        "schedule": "0 6 * * *",
        "schedule_tz": "UTC",
        "paused": False,
        "retired": None,
    }


@pytest.mark.parametrize(
    ("owners", "owner"),
    [
        (["airflow"], None),
        ([], None),
        (["ada@example.com", "core"], "core"),
        (["ada@example.com", "airflow"], "ada@example.com"),
        (["ml", "bi"], "bi"),
    ],
)
def test_the_default_owner_is_nobody_and_a_team_goes_first(owners: list[str], owner: str | None) -> None:
    fact = records.dag_fact(dag(owners=owners), "af/d", "", [], TAGS)
    assert (fact["owner"], fact["team"]) == (owner, owner)


@pytest.mark.parametrize("tag", ["tier:1", "tier-1", "tier_1", "tier1", "Tier 1", "TIER=1"])
def test_tier_tags(tag: str) -> None:
    assert TAGS.tier_of([tag]) == 1


@pytest.mark.parametrize("tag", ["tier:4", "frontier1", "tier:10", "tiers", "1"])
def test_what_is_no_tier_tag(tag: str) -> None:
    assert TAGS.tier_of([tag]) is None


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"timetable_summary": "@daily", "next_dagrun_run_after": "2026-11-22T00:00:00Z"}, ("0 0 * * *", "UTC")),
        ({"timetable_summary": "Asset"}, (None, None)),
        ({"timetable_summary": None}, (None, None)),
        ({"timetable_summary": "1 day, 0:00:00"}, (None, None)),
        ({"timetable_summary": "Asset or 0 6 * * *"}, (None, None)),
        ({"timetable_summary": "0 6 * * *, 0 18 * * *"}, (None, None)),
        ({"timetable_summary": "At every full moon"}, (None, None)),
        ({"timetable_summary": "61 6 * * *"}, (None, None)),
        ({"next_dagrun_run_after": None, "next_dagrun_logical_date": None}, (None, None)),
        ({"next_dagrun_run_after": None}, ("0 6 * * *", "UTC")),
        ({"next_dagrun_run_after": "2026-11-22T05:30:00Z"}, (None, None)),
        ({"schedule_interval": {"__type": "CronExpression", "value": "0 6 * * *"}}, ("0 6 * * *", "UTC")),
        ({"schedule_interval": {"__type": "TimeDelta", "days": 1}}, (None, None)),
    ],
)
def test_a_schedule_is_told_only_where_it_is_a_cron_in_force(
    more: dict[str, Any], told: tuple[str | None, str | None]
) -> None:
    assert records.schedule_of(dag(**more), []) == told


@pytest.mark.parametrize(
    ("zone", "planned", "told"),
    [
        ("Europe/Berlin", "2026-11-23T05:00:00Z", ("0 6 * * *", "Europe/Berlin")),
        ("Europe/Berlin", "2026-07-01T04:00:00Z", ("0 6 * * *", "Europe/Berlin")),
        ("Europe/Berlin", "2026-11-23T06:00:00Z", ("0 6 * * *", "UTC")),
        ("Europe/Berlin", "2026-11-23T07:00:00Z", (None, None)),
        ("Mars/Olympus", "2026-11-23T06:00:00Z", ("0 6 * * *", "UTC")),
    ],
)
def test_the_zone_is_checked_against_the_run_planned_next(
    zone: str, planned: str, told: tuple[str | None, str | None]
) -> None:
    assert records.schedule_of(dag(next_dagrun_run_after=planned), [zone]) == told


def test_a_dag_that_left_the_folder_is_retired() -> None:
    assert records.retired({"is_stale": True}) is True
    assert records.retired({"is_active": False}) is True
    assert records.retired({"is_active": True}) is None


@pytest.mark.parametrize(
    ("uri", "name", "asset"),
    [
        ("s3://lake/orders/", "orders", "s3://lake/orders"),
        ("orders", None, "af/orders"),
        (None, "orders", "af/orders"),
    ],
)
def test_a_dataset_goes_by_its_uri(uri: str | None, name: str | None, asset: str) -> None:
    assert records.dataset_name(uri, name, "af/{}".format) == asset


@pytest.mark.parametrize(
    ("run_id", "backfill"), [("backfill__2026-11-01T00:00:00+00:00", True), ("manual__x", False), (None, None)]
)
def test_an_update_by_a_backfill_says_so(run_id: str | None, backfill: bool | None) -> None:
    event = {"id": 7, "timestamp": "2026-11-20T00:00:00Z", "source_run_id": run_id}
    assert records.update_fact(event, "s3://lake/orders") == {
        "fact": "dataset_update",
        "id": "event/7",
        "asset": "s3://lake/orders",
        "at": "2026-11-20T00:00:00Z",
        "data_through": None,
        "backfill": backfill,
    }


@pytest.mark.parametrize(
    ("extra", "through"),
    [
        ({"data_through": "2026-11-20T01:00:00+01:00"}, "2026-11-20T00:00:00+00:00"),
        ({"data_through": "2026-11-20T01:00:00"}, None),
        ({"data_through": 7}, None),
        ({}, None),
        (None, None),
    ],
)
def test_how_far_data_reach_is_told_where_the_task_wrote_it(extra: Any, through: str | None) -> None:
    assert records.data_through(extra) == through
