"""Airflow 3, as a real 3.3.2 answered: what becomes of its records, and what happens where it misbehaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from collectors.base import Enumerated, Period, Raw, Source
from collectors.runner import Runner
from collectors.secrets import starred
from slo.errors import ConfigError, PermissionMissing, RetriableError, SourceError
from slo.store import Store

SPEC = Path(__file__).parents[3] / "../shared/specs/airflow/airflow-3.3.2-rest-v2.full.yaml"
Connect = Callable[..., Source]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda seconds: None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 't.db'}") as made:
        made.migrate()
        yield made


def history(now: datetime) -> Period:
    return Period(now - timedelta(days=30), now)


def facts(source: Source, period: Period, kind: str) -> list[dict[str, Any]]:
    """What a fetch tells of a kind, without the runner."""
    told = [fact for raw in source.fetch(period) if isinstance(raw, Raw) for fact in source.parse(raw)]
    return [fact for fact in told if fact["fact"] == kind]


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
    ("af/refilled", "success", "backfill", 1): 3,
    ("af/refilled", "failed", "backfill", 1): 1,
    ("af/by_hand", "success", "manual", 1): 1,
}
"""What the recorded platform's DAGs do, by hand (asset, state, trigger, tries)."""


@pytest.mark.parametrize("incremental", [False, True])
def test_runs_states_triggers_and_tries(three: Any, connect: Connect, now: datetime, incremental: bool) -> None:
    period = Period(now - timedelta(days=30), now, incremental=incremental, latest=incremental)
    runs = facts(connect(three), period, "run")
    assert Counter((run["asset"], run["state"], run["trigger"], run["tries"]) for run in runs) == EXPECTED
    assert len({run["id"] for run in runs}) == 57


def test_due_times_and_backfills(three: Any, connect: Connect, now: datetime) -> None:
    runs = {run["id"]: run for run in facts(connect(three), history(now), "run")}
    assert sorted(run["due_at"] for run in runs.values() if run["asset"] == "af/retries") == [
        "2026-11-19T00:00:00Z", "2026-11-19T12:00:00Z", "2026-11-20T00:00:00Z", "2026-11-20T12:00:00Z",
    ]  # fmt: skip
    refilled = runs["refilled/backfill__2026-11-09T00:00:00+00:00"]
    assert (refilled["backfill"], refilled["days_covered"], refilled["due_at"]) == ("refilled/1", 1.0, None)
    assert {run["due_at"] for run in runs.values() if run["trigger"] != "schedule"} == {None}


@pytest.mark.parametrize("cursors", [True, False])
def test_pages_are_read_to_the_end_by_cursor_or_offset(
    three: Any, connect: Connect, now: datetime, cursors: bool
) -> None:
    three.cap, three.cursors = 7, cursors
    runs = facts(connect(three), history(now), "run")
    assert Counter((run["asset"], run["state"], run["trigger"], run["tries"]) for run in runs) == EXPECTED
    pages = [query for query in three.queries("/dags/~/dagRuns") if "run_after_gte" in query]
    assert [query.get("cursor" if cursors else "offset", ["0"])[0] or "0" for query in pages] == [
        str(offset) for offset in range(0, 57, 7)
    ]


def test_a_row_that_comes_twice_counts_once(three: Any, connect: Connect, now: datetime) -> None:
    three.data["dag_runs"].append(three.data["dag_runs"][0])
    three.data["dag_runs"].insert(0, three.data["dag_runs"][9])
    three.counts_too_many = -2
    assert len(facts(connect(three), history(now), "run")) == 57


def test_fewer_records_than_the_server_counts_is_an_error(three: Any, connect: Connect, now: datetime) -> None:
    three.counts_too_many = 1
    with pytest.raises(RetriableError, match="dag_runs: Airflow counts 58 entries, but its pages held only 57"):
        facts(connect(three), history(now), "run")


def test_first_tries_are_not_read_one_by_one_in_history(three: Any, connect: Connect, now: datetime) -> None:
    facts(connect(three), history(now), "run")
    first, second = three.queries("/dags/~/dagRuns/~/taskInstances")
    assert first["try_number"] == [str(number) for number in range(2, 51)]
    assert second["state"] == ["skipped"]


def test_the_present_is_told_complete(three: Any, connect: Connect, now: datetime) -> None:
    latest = Period(now - timedelta(days=1), now, latest=True)
    source = connect(three, namespace="prod")
    listing = [item for item in source.fetch(latest) if isinstance(item, Enumerated)]
    names = (
        "berlin", "by_hand", "consumer", "daily_flaky", "hourly_ok", "nothing_to_do", "partly_skipped", "paused",
        "producer", "refilled", "retries",
    )  # fmt: skip
    assert listing == [
        Enumerated("edge", frozenset({"prod/producer -> s3://lake/orders", "s3://lake/orders -> prod/consumer"})),
        Enumerated("asset", frozenset({*(f"prod/{name}" for name in names), "s3://lake/orders"})),
    ]
    assets = {fact["asset"]: fact for fact in facts(source, latest, "asset")}
    told = {name: (assets[f"prod/{name}"]["schedule"], assets[f"prod/{name}"]["paused"]) for name in names}
    assert told["paused"] == ("0 * * * *", True)
    assert told["hourly_ok"] == (None, False), "its end date has passed: no run is promised"
    assert assets["prod/hourly_ok"]["tier"] == 1
    assert assets["prod/daily_flaky"]["owner"] == "core-data"
    assert assets["s3://lake/orders"] == {"fact": "asset", "asset": "s3://lake/orders", "kind": "dataset"}


def test_zones_are_asked_once_and_again_when_the_schedule_changes(three: Any, connect: Connect, now: datetime) -> None:
    source = connect(three, datasets=False)
    latest = Period(now - timedelta(days=1), now, latest=True)
    list(source.fetch(latest))
    asked = len(three.queries("/dags/paused/details"))
    list(source.fetch(latest))
    assert (asked, len(three.queries("/dags/paused/details"))) == (1, 1)
    next(dag for dag in three.data["dags"] if dag["dag_id"] == "paused")["timetable_summary"] = "5 * * * *"
    list(source.fetch(latest))
    assert len(three.queries("/dags/paused/details")) == 2


def test_updates_of_datasets(three: Any, connect: Connect, now: datetime) -> None:
    updates = facts(connect(three), history(now), "dataset_update")
    assert [(one["id"], one["asset"], one["backfill"]) for one in updates] == [
        (f"event/{number}", "s3://lake/orders", False) for number in (1, 2, 3)
    ]
    assert facts(connect(three, datasets=False), history(now), "dataset_update") == []


def test_patterns_choose_dags(three: Any, connect: Connect, now: datetime) -> None:
    source = connect(three, dags=["re*", "hourly_ok"], exclude=["refilled"])
    assert {run["asset"] for run in facts(source, history(now), "run")} == {"af/hourly_ok", "af/retries"}


def test_without_tasks_there_are_no_tries(three: Any, connect: Connect, now: datetime) -> None:
    runs = facts(connect(three, tasks=False), history(now), "run")
    assert {run["tries"] for run in runs} == {None}
    assert Counter(run["state"] for run in runs) == {"success": 53, "failed": 4}
    assert three.queries("/dags/~/dagRuns/~/taskInstances") == []


def _run(replay: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(run for run in replay.data["dag_runs"] if run["dag_run_id"].startswith(name))
    return found


def test_a_run_in_flight_is_read_until_it_settles_however_old(
    three: Any, connect: Connect, store: Store, now: datetime
) -> None:
    """No ``updated_at`` helps here: the run starts and ends long before the watermark's overlap."""
    row = _run(three, "manual__")
    row.update(state="running", end_date=None, run_after="2026-11-01T00:00:00Z", updated_at="2026-11-01T00:00:00Z")
    source = connect(three)
    runner = Runner(store, [source], lambda: now)
    runner.collect("af")
    key = f"by_hand/{row['dag_run_id']}"
    assert store.source_state("af")["memory"]["in_flight"] == [key.split("/")]
    row.update(state="success", end_date="2026-11-01T05:00:00Z")
    runner.collect("af")
    assert [run.state for run in store.read("run", {"asset": "af/by_hand"})] == ["success"]  # type: ignore[attr-defined]
    assert store.source_state("af")["memory"]["in_flight"] == []


def test_a_run_in_flight_that_was_deleted_is_told_as_gone(
    three: Any, connect: Connect, store: Store, now: datetime
) -> None:
    row = _run(three, "manual__")
    row.update(state="queued", start_date=None, end_date=None)
    runner = Runner(store, [connect(three)], lambda: now)
    runner.collect("af")
    assert [run.state for run in store.read("run", {"asset": "af/by_hand"})] == ["running"]  # type: ignore[attr-defined]
    three.data["dag_runs"].remove(row)
    assert runner.collect("af").ok
    assert store.read("run", {"asset": "af/by_hand"}) == []


def test_a_cleared_run_replaces_what_it_was(three: Any, connect: Connect, store: Store, now: datetime) -> None:
    source = connect(three)
    clock = [now]
    runner = Runner(store, [source], lambda: clock[0])
    runner.collect("af")
    row = next(run for run in three.data["dag_runs"] if (run["dag_id"], run["state"]) == ("daily_flaky", "failed"))
    again = {"updated_at": "2026-11-21T12:30:00Z", "start_date": "2026-11-21T12:29:00Z"}
    row.update(state="success", end_date="2026-11-21T12:30:00Z", **again)
    for task in three.data["task_instances"]:
        if (task["dag_id"], task["dag_run_id"]) == ("daily_flaky", row["dag_run_id"]):
            task.update(state="success", try_number=2)
    clock[0] = now + timedelta(hours=1)
    before = {run.id: run for run in store.read("run")}
    record = runner.collect("af")
    after = {run.id: run for run in store.read("run")}
    changed = [name for name in after if after[name] != before.get(name)]
    assert changed == [f"daily_flaky/{row['dag_run_id']}"]
    assert (after[changed[0]].state, after[changed[0]].tries) == ("success", 2)  # type: ignore[attr-defined]
    assert record.facts == 2, "that run, and coverage up to now"


def test_an_expired_token_is_renewed_once(three: Any, connect: Connect, now: datetime) -> None:
    for status in (401, 403):
        source = connect(three)
        three.tokens.clear()
        source.check()
        three.refuses = [status]
        assert len(facts(source, history(now), "run")) == 57
        assert len(three.tokens) == 2
    assert starred("jwt-number-2") == "***"


def test_a_refused_right_is_named(three: Any, connect: Connect, now: datetime) -> None:
    three.forbidden = "assets/events"
    with pytest.raises(PermissionMissing, match=r"HTTP 403.*the role Viewer"):
        facts(connect(three), history(now), "run")
    findings = [(finding.ok, finding.what.split(":")[0]) for finding in connect(three).check()]
    assert findings == [
        (True, "version"), (True, "DAGs"), (True, "schedules"), (True, "DAG runs"), (True, "task instances"),
        (False, "datasets and their events"), (True, "import errors"),
    ]  # fmt: skip
    assert connect(three).check()[5].remedy == (
        'Grant "can read on Assets (Airflow 2: Datasets)" (the role Viewer has it), or set datasets: false'
    )


def test_a_wrong_password_is_said_without_the_password(three: Any, connect: Connect) -> None:
    (finding, *_) = connect(three, password="not-the-password").check()
    assert not finding.ok
    assert finding.what == (
        f'version: {three.url}/auth/token: HTTP 401, {{"detail": "Invalid credentials"}}. Check username and password.'
    )


def test_no_airflow_at_the_url_is_said(three: Any, connect: Connect) -> None:
    (finding, *_) = connect(three, url=f"{three.url}/elsewhere").check()
    assert f"{three.url}/elsewhere/: neither an Airflow 3 (/api/v2) nor an Airflow 2 (/api/v1) answers" in finding.what


def test_a_word_of_a_newer_server_is_no_error(three: Any, connect: Connect, now: datetime) -> None:
    _run(three, "manual__").update(state="shelved", run_type="by_the_moon", triggered_by="moon")
    (run,) = [run for run in facts(connect(three), history(now), "run") if run["asset"] == "af/by_hand"]
    assert (run["state"], run["trigger"]) == ("cancelled", None)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"token": "t0k3n"}, "give either a token, or username and password"),
        ({"password": None}, "username and password belong together"),
        ({"tier_tag": "tier"}, "a pattern with exactly one group"),
        ({"team_tag": "("}, "sources.af.team_tag: Value error, not a pattern"),
        ({"timezones": ["Berlin"]}, "'Berlin' is not a time zone; write one such as Europe/Berlin"),
        ({"version": 4}, "sources.af.version: "),
        ({"urls": "x"}, "sources.af.urls: Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_named(three: Any, connect: Connect, more: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        connect(three, **more)
    assert says in str(caught.value)


def test_first_contact_tells_no_lies(three: Any, connect: Connect, store: Store, now: datetime) -> None:
    """90 days of history, nothing configured but address and user: today's schedule is known from today on, history was
    observed, nothing is invented."""
    runner = Runner(store, [connect(three)], lambda: now)
    assert runner.collect("af").ok
    versions: list[Any] = store.read("asset")
    assert {version.valid_from for version in versions} == {now}
    assert {version.first_seen for version in versions} == {None}
    assert len(versions) == 12
    (coverage,) = store.read("coverage")
    assert (coverage.start, coverage.end) == (now - timedelta(days=90), now)  # type: ignore[attr-defined]
    assert Counter(run.state for run in store.read("run")) == {"success": 51, "skipped": 2, "failed": 4}  # type: ignore[attr-defined]
    assert store.set_asides() == []


def test_every_parameter_is_in_the_vendors_own_specification(
    three: Any, connect: Connect, store: Store, now: datetime
) -> None:
    if not SPEC.exists():
        pytest.skip("the vendor's specification is not here")
    paths = yaml.safe_load(SPEC.read_text(encoding="utf-8"))["paths"]
    runner = Runner(store, [connect(three)], lambda: now)
    runner.collect("af")
    runner.collect("af")
    for method, path, query, _ in three.asked:
        if path == "/auth/token":
            continue
        template = path.replace("/~/", "/{dag_id}/", 1).replace("/~/", "/{dag_run_id}/", 1)
        if template.endswith("/details"):
            template = "/api/v2/dags/{dag_id}/details"
        known = {parameter["name"] for parameter in paths[template][method.lower()].get("parameters", [])}
        assert set(query) <= known, path


def test_times_are_sent_with_their_zone(three: Any, connect: Connect) -> None:
    since = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    list(connect(three).fetch(Period(since, since + timedelta(hours=1))))
    asked = three.queries("/dags/~/dagRuns")[0]
    assert (asked["run_after_gte"], asked["run_after_lt"]) == (
        ["2026-10-25T00:30:00.000000Z"],
        ["2026-10-25T01:30:00.000000Z"],
    )


def test_a_broken_answer_is_one_clear_error(three: Any, connect: Connect, now: datetime) -> None:
    source = connect(three, version=3)
    three.refuses = [502] * 20
    with pytest.raises(SourceError, match=r"/api/v2/dags/~/dagRuns\?.*HTTP 502"):
        facts(source, history(now), "run")
