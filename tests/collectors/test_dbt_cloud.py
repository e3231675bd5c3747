"""dbt Cloud: what is asked of its API, in what order, and what is told of jobs and runs. Answers made by hand after its
documentation (tests/golden/dbt/cloud)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.base import Enumerated, Period, Raw
from collectors.dbt.cloud import run_fact, trigger_of
from collectors.dbt.settings import Cloud
from collectors.sources.dbt import DbtSettings, DbtSource
from slo.errors import PermissionMissing, SourceError

ROOT = "/api/v2/accounts/42"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATEST = Period(NOW - timedelta(days=1), NOW, latest=True)
EMPTY = {"data": []}


def source(**settings: Any) -> DbtSource:
    cloud = Cloud(host="ab123.us1.dbt.com/", account_id=42, token=SecretStr("canary"), **settings)
    return DbtSource("dbt", DbtSettings(cloud=cloud, requests_per_second=1000), lambda: NOW)


@pytest.fixture
def account(recorded: Any, golden: Callable[[str], Any]) -> Any:
    """The golden account: runs page by page, one run in flight."""

    def kept(name: str) -> Any:
        return golden(f"dbt/cloud/{name}.json")

    def runs(query: dict[str, str]) -> Any:
        listed = kept("flying" if "status__in" in query else "ended")["data"]
        return {"data": [run for run in listed if run["id"] > int(query["id__gt"])][:2]}

    recorded.answers = {
        f"{ROOT}/jobs/": kept("jobs"), f"{ROOT}/runs/": runs, f"{ROOT}/runs/9001/": kept("nightly"),
        f"{ROOT}/runs/9002/": kept("by_hand"), f"{ROOT}/runs/9001/artifacts/manifest.json": kept("project"),
        f"{ROOT}/runs/9001/artifacts/sources.json": kept("fresh"),
        f"{ROOT}/runs/9001/artifacts/run_results.json": kept("built"),
        f"{ROOT}/runs/9002/artifacts/manifest.json": (404, EMPTY),
        f"{ROOT}/runs/9002/artifacts/run_results.json": kept("broken"),
    }  # fmt: skip
    return recorded


def paths(account: Any) -> list[str]:
    return [path.removeprefix(f"{ROOT}/") for path, _, _ in account.asked]


def told(dbt: DbtSource, raws: list[Any]) -> list[dict[str, Any]]:
    return [fact for raw in raws if isinstance(raw, Raw) for fact in dbt.parse(raw)]


def test_runs_are_paged_by_number_and_their_steps_asked_one_by_one(account: Any) -> None:
    list(source().fetch(LATEST))
    ended = [query for path, query, _ in account.asked if path == f"{ROOT}/runs/" and "status__in" not in query]
    assert [query["id__gt"] for query in ended] == ["0", "9002", "9004"]
    assert {query["finished_at__range"] for query in ended} == {'["2026-11-19T12:00:00Z", "2026-11-20T13:00:00Z"]'}
    steps = [(path.split("runs/")[1], query) for path, query, _ in account.asked if "artifacts" in path and query]
    assert steps == [
        ("9002/artifacts/run_results.json", {"step": "4"}), ("9001/artifacts/sources.json", {"step": "4"}),
        ("9001/artifacts/run_results.json", {"step": "5"}),
    ]  # fmt: skip
    assert account.asked[0][2]["Authorization"] == "Token canary"


def test_a_second_pass_reads_no_artifact_again_and_forgets_nothing(account: Any) -> None:
    dbt = source()
    first = [raw for raw in dbt.fetch(LATEST) if isinstance(raw, Enumerated)]
    account.asked.clear()
    again = Period(NOW - timedelta(hours=8), NOW, incremental=True, latest=True)
    second = [raw for raw in dbt.fetch(again) if isinstance(raw, Enumerated)]
    assert paths(account) == ["jobs/", "runs/", "runs/", "runs/", "runs/", "runs/"]
    assert second == first
    assert {raw.kind: len(raw.ids) for raw in first} == {"asset": 6, "edge": 3}


def test_a_project_without_a_job_is_gone(account: Any, golden: Callable[[str], Any]) -> None:
    dbt = source()
    list(dbt.fetch(LATEST))
    jobs = golden("dbt/cloud/jobs.json")
    for job in jobs["data"]:
        job["project_id"] = 8
    account.answers[f"{ROOT}/jobs/"] = jobs
    listed = {raw.kind: raw.ids for raw in dbt.fetch(LATEST) if isinstance(raw, Enumerated)}
    assert listed == {"asset": frozenset({"dbt/Nightly", "dbt/On demand"}), "edge": frozenset()}


def test_a_run_that_was_in_flight_is_asked_for_until_it_ends_or_is_deleted(account: Any) -> None:
    dbt = source()
    list(dbt.fetch(LATEST))
    assert dbt.memory["in_flight"] == [9003]
    account.answers[f"{ROOT}/runs/"] = EMPTY
    account.answers[f"{ROOT}/runs/9003/"] = (404, EMPTY)
    assert told(dbt, list(dbt.fetch(LATEST)))[-1] == {"fact": "run", "id": "run/9003", "deleted": True}
    assert dbt.memory["in_flight"] == []


def test_what_tries_out_a_pull_request_and_other_environments_are_left_out(account: Any) -> None:
    runs = [fact["id"] for fact in told(source(), list(source().fetch(LATEST))) if fact["fact"] == "run"]
    assert runs == ["run/9001", "run/9002", "run/9003"]
    listed = [raw for raw in source(environment_ids=[12]).fetch(LATEST) if isinstance(raw, Enumerated)]
    assert [raw.ids for raw in listed] == [frozenset(), frozenset()]


def test_history_tells_runs_and_checks_but_no_register(account: Any) -> None:
    dbt = source()
    raws = list(dbt.fetch(Period(NOW - timedelta(days=31), NOW - timedelta(days=1))))
    assert {raw.kind for raw in raws} == {"cloud_run", "run_results", "sources"}
    assert dbt.memory == {}


@pytest.mark.parametrize(("cause", "expected"), [
    ("Scheduled", "schedule"), ("scheduled", "schedule"), ("Kicked off from UI by a person", "manual"),
    ("Triggered via API", "event"), ("Kicked off via API from Airflow", "event"), ("Triggered by another job", "event"),
    (None, None),
])  # fmt: skip
def test_what_started_a_run(cause: str | None, expected: str | None) -> None:
    assert trigger_of({"trigger": {"cause": cause}}) == expected


@pytest.mark.parametrize(("status", "ended", "expected"), [
    (1, None, "running"), (10, "2026-11-20 05:00:00+00:00", "success"), (20, "2026-11-20 05:00:00+00:00", "failed"),
    (30, "2026-11-20 05:00:00+00:00", "cancelled"), (77, None, "running"), (77, "2026-11-20 05:00:00Z", "cancelled"),
])  # fmt: skip
def test_states_also_those_nobody_knows_yet(status: int, ended: str | None, expected: str) -> None:
    assert run_fact({"id": 1, "status": status, "finished_at": ended}, "dbt/x")["state"] == expected


def test_jobs_that_came_and_went_while_being_listed_are_read_again(account: Any, golden: Callable[[str], Any]) -> None:
    jobs = golden("dbt/cloud/jobs.json")["data"]
    count = {"pagination": {"total_count": 3}}
    one_slipped_between_the_pages = [{"data": jobs[:2], "extra": count}, {"data": [], "extra": count}]
    answers = iter([*one_slipped_between_the_pages, {"data": jobs, "extra": count}])
    account.answers[f"{ROOT}/jobs/"] = lambda query: next(answers)
    listed = [raw for raw in source().fetch(LATEST) if isinstance(raw, Enumerated)]
    assert {"dbt/Nightly", "dbt/On demand"} <= listed[0].ids


def test_a_server_that_pages_otherwise_is_an_error(account: Any, golden: Callable[[str], Any]) -> None:
    account.answers[f"{ROOT}/runs/"] = golden("dbt/cloud/ended.json")
    with pytest.raises(SourceError, match="pages in another order than by id"):
        list(source().fetch(LATEST))


def test_a_refused_token_names_the_permission_set(account: Any) -> None:
    account.answers[f"{ROOT}/jobs/"] = (401, {"status": {"code": 401}})
    with pytest.raises(PermissionMissing, match="permission set Read-Only"):
        list(source().fetch(LATEST))


def test_check_names_what_works_and_the_environments_to_choose_from(account: Any) -> None:
    account.answers[f"{ROOT}/runs/9001/artifacts/manifest.json"] = (403, {"detail": "forbidden"})
    jobs, runs, artifacts = source().check()
    assert (jobs.ok, jobs.what) == (
        True, "jobs: 3 in 2 environments (11, 12); name those of production in environment_ids",
    )  # fmt: skip
    assert (runs.ok, runs.what) == (True, "runs: 3 ended in the last day")
    assert not artifacts.ok
    assert "Read-Only" in artifacts.remedy


@pytest.mark.parametrize(("place", "expected"), [
    ("https://ab123.us1.dbt.com/deploy/42/projects/7/jobs", {"host": "https://ab123.us1.dbt.com", "account_id": 42}),
    ("https://cloud.getdbt.com/accounts/9/", {"host": "https://cloud.getdbt.com", "account_id": 9}),
    ("https://cloud.getdbt.com/", None), ("https://dbt.example.com/deploy/42", None),
    ("https://notdbt.com/deploy/42", None),
])  # fmt: skip
def test_an_address_of_the_browser_is_known(place: str, expected: dict[str, Any] | None) -> None:
    assert DbtSource.recognises(place) == (expected and {"cloud": expected})
