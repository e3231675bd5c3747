"""Airflow 2, as a real 2.11.2 answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from collectors.airflow.listing import LIMIT
from collectors.base import Period, Raw, Source
from collectors.runner import Runner
from slo.store import Store

SPEC = Path(__file__).parents[3] / "../shared/specs/airflow/airflow-2.11.0-rest-v1.full.yaml"
Connect = Callable[..., Source]
EXPECTED = {
    ("af/hourly_ok", "success", "schedule", 1): 30,
    ("af/daily_flaky", "success", "schedule", 1): 3,
    ("af/daily_flaky", "failed", "schedule", 1): 3,
    ("af/retries", "success", "schedule", 2): 4,
    ("af/nothing_to_do", "success", "schedule", 1): 2,
    ("af/nothing_to_do", "skipped", "schedule", 1): 2,
    ("af/partly_skipped", "success", "schedule", 1): 2,
    ("af/producer", "success", "schedule", 1): 3,
    ("af/consumer", "success", "event", 1): 3,
}
"""What the recorded platform's DAGs do, by hand (asset, state, trigger, tries)."""


def facts(source: Source, period: Period, kind: str) -> list[dict[str, Any]]:
    told = [fact for raw in source.fetch(period) if isinstance(raw, Raw) for fact in source.parse(raw)]
    return [fact for fact in told if fact["fact"] == kind]


@pytest.mark.parametrize("cap", [100, 7])
@pytest.mark.parametrize("latest", [False, True])
def test_runs_states_triggers_and_tries(two: Any, connect: Connect, now: datetime, latest: bool, cap: int) -> None:
    two.cap = cap
    period = Period(now - timedelta(days=30), now, incremental=latest, latest=latest)
    runs = facts(connect(two), period, "run")
    assert Counter((run["asset"], run["state"], run["trigger"], run["tries"]) for run in runs) == EXPECTED


def test_a_run_is_due_at_the_end_of_its_interval(two: Any, connect: Connect, now: datetime) -> None:
    runs = facts(connect(two), Period(now - timedelta(days=30), now), "run")
    due = sorted(datetime.fromisoformat(run["due_at"]).isoformat() for run in runs if run["asset"] == "af/producer")
    assert due == ["2026-11-19T00:00:00+00:00", "2026-11-20T00:00:00+00:00", "2026-11-21T00:00:00+00:00"]
    assert {run["due_at"] for run in runs if run["trigger"] == "event"} == {None}


def test_zones_come_from_the_settings_since_the_server_calls_all_utc(two: Any, connect: Connect, now: datetime) -> None:
    latest = Period(now - timedelta(days=1), now, latest=True)
    zones: list[tuple[list[str], Any]] = [
        ([], (None, None)),
        (["America/New_York", "Europe/Berlin"], ("30 6 * * 1-5", "Europe/Berlin")),
    ]
    for given, told in zones:
        assets = {fact["asset"]: fact for fact in facts(connect(two, timezones=given), latest, "asset")}
        assert (assets["af/berlin"]["schedule"], assets["af/berlin"]["schedule_tz"]) == told
        assert assets["af/paused"]["schedule"] == "0 * * * *"


def test_check_tells_of_schedules_in_no_known_zone(two: Any, connect: Connect) -> None:
    assert connect(two).check()[2].what == (
        "schedules: 1 of 2 crons fit no known zone (berlin): no run of theirs is expected. "
        "Set timezones to the zones they are in"
    )
    assert connect(two, timezones=["Europe/Berlin"]).check()[2].what == "schedules: 2 crons, each in a known zone"


def test_updates_are_read_newest_first_down_to_the_start(two: Any, connect: Connect, now: datetime) -> None:
    newest = two.data["dataset_events"][-1]
    two.data["dataset_events"] = [
        {**newest, "id": number, "timestamp": f"2026-11-{number // 24 + 1:02}T{number % 24:02}:00:00+00:00"}
        for number in range(20 * 24)
    ]
    period = Period(datetime.fromisoformat("2026-11-15T00:00:00Z"), datetime.fromisoformat("2026-11-16T00:00:00Z"))
    updates = facts(connect(two), period, "dataset_update")
    assert sorted(one["id"] for one in updates) == sorted(f"event/{number}" for number in range(14 * 24, 15 * 24))
    assert updates[0]["asset"] == "s3://lake/orders"
    assert [query["offset"] for query in two.queries("/datasets/events")] == [["0"], [str(LIMIT)]]


def test_a_second_pass_changes_nothing(two: Any, connect: Connect, now: datetime, tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 't.db'}") as store:
        store.migrate()
        runner = Runner(store, [connect(two)], lambda: now)
        runner.collect("af")
        before = [store.read(kind) for kind in ("run", "asset", "dataset_update", "coverage")]
        assert [len(facts) for facts in before] == [52, 12, 3, 1]
        record = runner.collect("af")
        assert (record.ok, record.facts) == (True, 0)
        assert [store.read(kind) for kind in ("run", "asset", "dataset_update", "coverage")] == before


def test_a_deleted_run_is_no_error(two: Any, connect: Connect, now: datetime) -> None:
    source = connect(two)
    source.memory["in_flight"] = [["by_hand", "manual__gone"]]
    latest = Period(now, now, incremental=True, latest=True)
    assert {"fact": "run", "id": "by_hand/manual__gone", "deleted": True} in facts(source, latest, "run")


def test_every_parameter_is_in_the_vendors_own_specification(two: Any, connect: Connect, now: datetime) -> None:
    """Airflow 2 answers 400 to a parameter it doesn't know."""
    if not SPEC.exists():
        pytest.skip("the vendor's specification is not here")
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    source = connect(two)
    for incremental in (False, True):
        list(source.fetch(Period(now - timedelta(days=1), now, incremental=incremental, latest=True)))
    for method, path, query, body in two.asked:
        if not path.startswith("/api/v1"):
            continue
        template = re.sub("/dags/[^~/]+/", "/dags/{dag_id}/", path.removeprefix("/api/v1"))
        template = "/dags/{dag_id}/dagRuns" if template == "/dags/~/dagRuns" else template
        operation = spec["paths"][template]
        listed = operation.get("parameters", []) + operation[method.lower()].get("parameters", [])
        assert set(query) <= {_resolved(spec, one)["name"] for one in listed}, path
        if body:
            assert set(body) <= set(spec["components"]["schemas"]["ListTaskInstanceForm"]["properties"])


def _resolved(spec: Any, parameter: Any) -> Any:
    return spec["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]] if "$ref" in parameter else parameter
