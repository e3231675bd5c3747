"""A real Airflow 3 that really ran: what Tierline says of it equals its own metadata database, run for run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.peer

TRIGGERS = {"scheduled": "schedule", "asset_triggered": "event", "manual": "manual", "backfill": "backfill"}
GOOD, BAD = 30 + 3 + 4 + 2 + 2 + 3, 3
"""What the DAGs beside this file do, by hand: hourly_ok, daily_flaky, retries, nothing_to_do, partly_skipped, producer;
daily_flaky fails on its three even days. The consumer's runs come on top: one or more for three updates."""


def consumers(true: Any) -> int:
    return sum(name.startswith("consumer/") for name in true)


@pytest.fixture(scope="module")
def tierline(airflow3: Any) -> Any:
    airflow3.collect()
    return airflow3


def test_every_run_equals_the_metadata_database(tierline: Any, what_is_true: Callable[..., Any]) -> None:
    true, told = what_is_true(tierline.airflow), tierline.runs()
    assert set(told) == set(true)
    assert len(true) == 54 + consumers(true)
    for name, run in true.items():
        fact = told[name]
        assert fact.state == ("skipped" if run.state == "success" and run.only_skipped else run.state), name
        assert (fact.trigger, fact.tries) == (TRIGGERS[run.kind], run.tries), name
        assert (fact.due_at, fact.started_at, fact.ended_at) == (run.due, run.started, run.ended), name
        assert fact.asset == f"airflow/{name.split('/')[0]}"
    assert Counter(fact.state for fact in told.values()) == {"success": 48 + consumers(true), "failed": 4, "skipped": 2}


def test_backfills_name_their_backfill(tierline: Any) -> None:
    backfills = dict(
        tierline.airflow.sql("SELECT dag_id || '/' || run_id, backfill_id FROM dag_run WHERE backfill_id > 0")
    )
    told = {
        name: (run.backfill, run.days_covered) for name, run in tierline.runs().items() if run.trigger == "backfill"
    }
    assert told == {name: (f"refilled/{number}", 1.0) for name, number in backfills.items()}
    assert len(told) == 4


def test_the_success_rate_equals_plain_counting(
    tierline: Any, what_is_true: Callable[..., Any], count: Callable[..., tuple[int, int]]
) -> None:
    result, true = tierline.show(), what_is_true(tierline.airflow)
    good, bad = count(true, tierline.first)
    assert (good, bad) == (GOOD + consumers(true), BAD)
    assert (result["good"], result["bad"], result["unknown"]) == (good, bad, 0)
    assert result["value"] == pytest.approx(good / (good + bad), rel=1e-12)
    flaky = tierline.show(asset="airflow/daily_flaky")
    assert (flaky["good"], flaky["bad"]) == (3, 3)


def test_updates_of_datasets_equal_the_asset_events(tierline: Any) -> None:
    events = tierline.airflow.sql("SELECT id, timestamp FROM asset_event ORDER BY id")
    told = {update.id: update.at for update in tierline.store.read("dataset_update", {"asset": "s3://lake/orders"})}
    assert {name: at.replace(tzinfo=None).isoformat(" ") for name, at in told.items()} == {
        f"event/{number}": at for number, at in events
    }
    assert len(told) == 3


def test_a_dataset_lies_between_its_maker_and_its_reader(tierline: Any) -> None:
    edges = {(edge.upstream.split("/")[-1], edge.downstream.split("/")[-1]) for edge in tierline.store.read("edge")}
    assert edges == {("producer", "orders"), ("orders", "consumer")}


def test_every_right_is_there_and_every_file_parses(tierline: Any) -> None:
    findings = tierline.runner.sources["airflow"].check()
    assert [finding.what for finding in findings if not finding.ok] == []
    assert findings[-1].what == "import errors: none"


def test_what_is_known_of_the_dags(tierline: Any) -> None:
    assets = {asset.asset: asset for asset in tierline.store.read("asset")}
    assert len(assets) == 12
    berlin, paused = assets["airflow/berlin"], assets["airflow/paused"]
    assert (berlin.schedule, berlin.schedule_tz, berlin.paused) == ("30 6 * * 1-5", "Europe/Berlin", True)
    assert (paused.schedule, paused.paused) == ("0 * * * *", True)
    assert assets["airflow/hourly_ok"].schedule is None, "its end date has passed"
    tiers = {name: asset.tier for name, asset in assets.items() if asset.tier is not None}
    assert tiers == {"airflow/hourly_ok": 1, "airflow/daily_flaky": 2}
    assert (assets["airflow/daily_flaky"].owner, assets["airflow/nothing_to_do"].team) == ("core-data", "core")
    assert {asset.first_seen for asset in assets.values()} == {None}


def test_a_second_collect_changes_nothing(tierline: Any) -> None:
    kinds = ("run", "asset", "dataset_update", "edge")
    before, shown = [tierline.store.read(kind) for kind in kinds], tierline.show()
    record = tierline.collect()
    assert record.facts == 1, "coverage goes on to now"
    assert [tierline.store.read(kind) for kind in kinds] == before
    again = tierline.show()
    for part in ("value", "good", "bad", "unknown", "excluded", "series"):
        assert again[part] == shown[part], part


def test_a_run_cleared_and_rerun_changes_exactly_its_own_day(
    tierline: Any, what_is_true: Callable[..., Any], count: Callable[..., tuple[int, int]]
) -> None:
    airflow = tierline.airflow
    before, days = tierline.runs(), {point["day"]: point for point in tierline.show()["series"]}
    name = min(name for name, run in before.items() if name.startswith("daily_flaky/") and run.state == "failed")
    airflow.mended.touch()
    body = {"dry_run": False, "dag_run_id": name.split("/")[1], "only_failed": False, "reset_dag_runs": True}
    airflow.call("POST", "/api/v2/dags/daily_flaky/clearTaskInstances", body)
    airflow.wait(lambda: what_is_true(airflow)[name].state == "success", 120, "the cleared run does not end")
    tierline.collect()
    after = tierline.runs()
    assert [one for one in after if after[one] != before.get(one)] == [name]
    assert (before[name].state, after[name].state, after[name].tries) == ("failed", "success", 2)
    result = tierline.show()
    changed = [point["day"] for point in result["series"] if point != days[point["day"]]]
    assert changed == [before[name].due_at.date().isoformat()]
    true = what_is_true(airflow)
    assert (result["good"], result["bad"]) == count(true, tierline.first) == (GOOD + consumers(true) + 1, BAD - 1)
