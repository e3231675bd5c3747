"""First contact tells no lies: Airflow with 90 days of history and nothing configured but its address and a user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Source
from collectors.runner import Runner
from slo.engine import Engine
from slo.platform import Platform, SourceInfo
from slo.results import Query
from slo.store import Store

Connect = Callable[..., Source]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def dag(name: str, cron: str, planned: datetime, **more: Any) -> dict[str, Any]:
    tick = planned.isoformat().replace("+00:00", "Z")
    return {
        "dag_id": name, "is_paused": False, "is_stale": False, "description": None, "owners": ["airflow"], "tags": [],
        "timetable_summary": cron, "next_dagrun_run_after": tick, "next_dagrun_logical_date": tick, **more,
    }  # fmt: skip


def run(name: str, due: datetime, state: str = "success") -> dict[str, Any]:
    """A scheduled run that started on time and took a minute."""
    start, end, tick = ((due + gap).isoformat() for gap in (timedelta(seconds=5), timedelta(seconds=65), timedelta(0)))
    return {
        "dag_id": name, "dag_run_id": f"scheduled__{tick}", "run_type": "scheduled", "state": state, "run_after": tick,
        "logical_date": tick, "queued_at": start, "start_date": start, "end_date": end, "updated_at": end,
        "data_interval_start": tick, "data_interval_end": tick, "triggered_by": "timetable",
    }  # fmt: skip


def task(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "dag_id": row["dag_id"], "dag_run_id": row["dag_run_id"], "task_id": "t", "map_index": -1,
        "state": row["state"], "try_number": 1, "run_after": row["run_after"],
    }  # fmt: skip


def history(now: datetime) -> list[dict[str, Any]]:
    """``grew``: daily until two weeks ago, hourly since, one failure. ``slept``: daily, paused for the last 30 days."""
    midnight = now.replace(hour=0)
    grew = [run("grew", midnight - days * DAY) for days in range(14, 90)]
    grew += [run("grew", midnight - 13 * DAY + hours * HOUR) for hours in range(13 * 24 + now.hour + 1)]
    grew[80]["state"] = "failed"
    return grew + [run("slept", midnight - days * DAY) for days in range(30, 90)]


@dataclass
class Platform90:
    """Tierline on an Airflow of two DAGs, and a clock."""

    airflow: Any
    store: Store
    source: Source
    at: datetime

    def collect(self) -> None:
        assert Runner(self.store, [self.source], lambda: self.at).collect("af").ok

    def show(self, **more: Any) -> dict[str, Any]:
        info = SourceInfo("af", self.source.tells, self.source.settle, self.source.interval, "production")
        engine = Engine(self.store, Platform(sources=(info,)))
        engine.refresh(self.at)
        return engine.show("pipeline_success_rate", Query(**more), self.at)


@pytest.fixture
def fresh(three: Any, connect: Connect, now: datetime, tmp_path: Path) -> Iterator[Platform90]:
    runs = history(now)
    three.data.update(
        dags=[
            dag("grew", "0 * * * *", now + HOUR),
            dag("slept", "0 0 * * *", now.replace(hour=0) - 29 * DAY, is_paused=True),
        ],
        details={name: {"dag_id": name, "timezone": "UTC"} for name in ("grew", "slept")},
        dag_runs=runs, task_instances=[task(row) for row in runs], assets=[], asset_events=[], backfills=[],
    )  # fmt: skip
    with Store(f"sqlite:///{tmp_path / 't.db'}") as store:
        store.migrate()
        yield Platform90(three, store, connect(three), now)


def test_the_past_is_not_judged_by_todays_cron(fresh: Platform90) -> None:
    """By hand, in the last 28 days (today is one): 14 daily runs of days 14 to 27, 13 whole hourly days and 12 hours of
    today (noon's run starts in five seconds); the failure is the fifth hour of the first hourly day."""
    fresh.collect()
    result = fresh.show(window="28d", asset="af/grew")
    assert (result["good"], result["bad"], result["unknown"]) == (14 + 13 * 24 + 12 - 1, 1, 0)


def test_a_paused_dag_missed_nothing(fresh: Platform90) -> None:
    fresh.collect()
    result = fresh.show(window="28d", asset="af/slept")
    assert (result["value"], result["good"], result["bad"], result["status"]) == (None, 0, 0, "no data")
    earlier = fresh.show(window="90d", asset="af/slept")
    assert (earlier["good"], earlier["bad"]) == (60, 0)


def test_a_tier_set_the_day_after_holds_for_the_history(fresh: Platform90) -> None:
    fresh.collect()
    assert fresh.show(window="28d", tier=1)["value"] is None
    fresh.at += DAY
    fresh.airflow.data["dags"][0]["tags"] = [{"name": "tier:1"}]
    fresh.airflow.data["dags"][0]["next_dagrun_run_after"] = (fresh.at + HOUR).isoformat()
    fresh.collect()
    result = fresh.show(window="2026-11-20", tier=1)
    assert (result["good"], result["bad"], result["unknown"]) == (24, 0, 0)


def test_what_does_not_come_after_first_contact_is_missed(fresh: Platform90) -> None:
    """Nothing runs any more: from the first look on, every tick of the cron that was known is missed, once its grace of
    15 minutes is over. At 15:10 those of 13:00 and 14:00 are."""
    fresh.collect()
    fresh.at += timedelta(hours=3, minutes=10)
    fresh.collect()
    result = fresh.show(window="1d", asset="af/grew")
    assert (result["good"], result["bad"]) == (13, 2)
    assert fresh.show(window="1d", asset="af/slept")["bad"] == 0
