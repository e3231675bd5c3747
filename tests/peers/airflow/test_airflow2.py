"""A real Airflow 2 that really ran, through its API v1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.peer, pytest.mark.full]

TRIGGERS = {"scheduled": "schedule", "dataset_triggered": "event", "manual": "manual"}


def consumers(true: Any) -> int:
    return sum(name.startswith("consumer/") for name in true)


@pytest.fixture(scope="module")
def tierline(airflow2: Any) -> Any:
    airflow2.collect()
    return airflow2


def test_every_run_equals_the_metadata_database(tierline: Any, what_is_true: Callable[..., Any]) -> None:
    true, told = what_is_true(tierline.airflow), tierline.runs()
    assert set(told) == set(true)
    assert len(true) == 50 + consumers(true)
    for name, run in true.items():
        fact = told[name]
        assert fact.state == ("skipped" if run.state == "success" and run.only_skipped else run.state), name
        assert (fact.trigger, fact.tries) == (TRIGGERS[run.kind], run.tries), name
        assert (fact.due_at, fact.started_at, fact.ended_at) == (run.due, run.started, run.ended), name
    assert Counter(fact.state for fact in told.values()) == {"success": 45 + consumers(true), "failed": 3, "skipped": 2}


def test_the_success_rate_equals_plain_counting(
    tierline: Any, what_is_true: Callable[..., Any], count: Callable[..., tuple[int, int]]
) -> None:
    result, true = tierline.show(), what_is_true(tierline.airflow)
    good, bad = count(true, tierline.first)
    assert (result["good"], result["bad"], result["unknown"]) == (good, bad, 0) == (44 + consumers(true), 3, 0)
    assert result["value"] == pytest.approx(good / (good + bad), rel=1e-12)


def test_schedules_updates_and_a_second_collect(tierline: Any) -> None:
    kinds = ("run", "asset", "dataset_update", "edge")
    before = [tierline.store.read(kind) for kind in kinds]
    assert tierline.collect().facts == 1, "coverage goes on to now"
    assert [tierline.store.read(kind) for kind in kinds] == before
    assets = {asset.asset: asset for asset in before[1]}
    assert (assets["airflow/berlin"].schedule, assets["airflow/berlin"].schedule_tz) == (
        "30 6 * * 1-5",
        "Europe/Berlin",
    )
    assert len(before[3]) == 2, "producer to orders, orders to consumer"
    assert len(before[2]) == tierline.airflow.sql("SELECT count(*) FROM dataset_event")[0][0] == 3
