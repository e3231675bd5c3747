"""The demo's systems answer in their vendors' shapes, page as they page, and refuse as they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
import yaml

from tierline.demo.platform import Servers, start_servers
from tierline.demo.servers.airflow import PASSWORD, TOKEN, USER
from tierline.demo.servers.alertmanager import active, deliveries
from tierline.demo.world import World

SPEC = Path(__file__).parents[3] / "../shared/specs/airflow/airflow-3.3.2-rest-v2.full.yaml"
WEEK = {"run_after_gte": "2026-11-10T00:00:00Z", "run_after_lt": "2026-11-17T00:00:00Z", "order_by": "id"}


@pytest.fixture(scope="module")
def servers(small: World, now: datetime) -> Iterator[Servers]:
    running = start_servers(small, lambda: now)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def airflow(servers: Servers) -> Iterator[Any]:
    """GET of a path below /api/v2, with the token, as JSON."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        yield lambda path, **query: session.get(f"{servers.urls['airflow-prod']}/api/v2{path}", params=query).json()


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip(f"{SPEC.name} is not here: Airflow's own OpenAPI file")
    loaded: dict[str, Any] = yaml.load(SPEC.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


@pytest.mark.parametrize(
    ("path", "query", "schema"),
    [
        ("/version", {}, "VersionInfo"), ("/dags", {}, "DAGCollectionResponse"),
        ("/dags/orders_invoices_load_000", {}, "DAGResponse"),
        ("/dags/orders_invoices_load_000/details", {}, "DAGDetailsResponse"),
        ("/dags/~/dagRuns", WEEK, "DAGRunCollectionResponse"),
        ("/dags/~/dagRuns", {**WEEK, "cursor": ""}, "DAGRunCollectionResponse"),
        ("/dags/~/dagRuns/~/taskInstances", WEEK, "TaskInstanceCollectionResponse"),
        ("/assets", {}, "AssetCollectionResponse"), ("/assets/events", {}, "AssetEventCollectionResponse"),
        ("/backfills", {}, "BackfillCollectionResponse"), ("/importErrors", {}, "ImportErrorCollectionResponse"),
        ("/monitor/health", {}, "HealthInfoResponse"),
    ],
)  # fmt: skip
def test_answers_fit_airflows_own_specification(
    airflow: Any, spec: dict[str, Any], path: str, query: dict[str, Any], schema: str
) -> None:
    answer = airflow(path, **query)
    jsonschema.validate(answer, {"$ref": f"#/components/schemas/{schema}", "components": spec["components"]})


def test_every_run_of_a_week_comes_by_cursor_and_by_offset(airflow: Any, small: World, now: datetime) -> None:
    start, end = datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)
    due = [(run.due or (run.earlier or (run.started,))[0], run) for run in small.runs() if run.seen(now)]
    wanted = {(run.pipeline.dag_id, run.run_id) for moment, run in due if start <= moment < end}
    assert len(wanted) > 200
    found, cursor = [], ""
    while cursor is not None:
        answer = airflow("/dags/~/dagRuns", **WEEK, limit=1000, cursor=cursor)
        assert len(answer["dag_runs"]) <= 100
        found += answer["dag_runs"]
        cursor = answer["next_cursor"]
    assert {(run["dag_id"], run["dag_run_id"]) for run in found} == wanted and len(found) == len(wanted)
    second = airflow("/dags/~/dagRuns", **WEEK, limit=100, offset=100)
    assert (second["total_entries"], second["dag_runs"]) == (len(wanted), found[100:200])


def test_what_is_later_than_the_clock_has_not_happened(small: World) -> None:
    clock = datetime(2026, 11, 12, 3, 7, tzinfo=UTC)
    servers = start_servers(small, lambda: clock)
    try:
        head = {"Authorization": f"Bearer {TOKEN}"}
        url = f"{servers.urls['airflow-prod']}/api/v2/dags/~/dagRuns"
        runs = requests.get(url, headers=head, params={"start_date_gte": "2026-11-12T00:00:00Z"}).json()["dag_runs"]
    finally:
        servers.stop()
    assert runs
    assert all(datetime.fromisoformat(run["start_date"]) <= clock for run in runs)
    assert all((run["end_date"] is None) == (run["state"] == "running") for run in runs)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"run_after_gte": "zzz"}, 422), ({"run_after_gte": "2026-11-10T00:00:00"}, 500), ({"state": "odd"}, 422),
        ({"order_by": "odd"}, 400),
    ],
)  # fmt: skip
def test_wrong_questions_are_refused_as_airflow_refuses(servers: Servers, query: dict[str, str], status: int) -> None:
    url = f"{servers.urls['airflow-prod']}/api/v2/dags/~/dagRuns"
    assert requests.get(url, headers={"Authorization": f"Bearer {TOKEN}"}, params=query).status_code == status


def test_the_token(servers: Servers) -> None:
    url = servers.urls["airflow-prod"]
    assert requests.get(f"{url}/api/v2/dags").status_code == 401
    assert requests.get(f"{url}/api/v2/dags", headers={"Authorization": "Bearer old"}).status_code == 403
    given = requests.post(f"{url}/auth/token", json={"username": USER, "password": PASSWORD})
    assert (given.status_code, given.json()) == (201, {"access_token": TOKEN})
    assert requests.post(f"{url}/auth/token", json={"username": USER, "password": "x"}).status_code == 401


def test_a_run_that_only_skipped_is_a_success_to_airflow(airflow: Any, small: World, now: datetime) -> None:
    skipped = next(run for run in small.runs() if run.state == "skipped")
    base = f"/dags/{skipped.pipeline.dag_id}/dagRuns/{skipped.run_id}"
    assert airflow(base)["state"] == "success"
    assert [task["state"] for task in airflow(f"{base}/taskInstances")["task_instances"]] == ["skipped"]


def test_tries_of_a_retried_run(airflow: Any, small: World) -> None:
    run = next(run for run in small.runs() if run.tries == 2 and run.state == "success")
    tries = airflow(f"/dags/{run.pipeline.dag_id}/dagRuns/{run.run_id}/taskInstances/load/tries")["task_instances"]
    assert [(one["try_number"], one["state"]) for one in tries] == [(1, "failed"), (2, "success")]


def test_alertmanager_lists_what_is_active(servers: Servers, small: World, now: datetime) -> None:
    listed = requests.get(f"{servers.urls['alertmanager']}/api/v2/alerts").json()
    assert [alert["labels"]["asset"] for alert in listed] == [alert.thing.name for alert in active(small, now)]
    assert len({alert["fingerprint"] for alert in listed}) == 4
    assert {alert["status"]["state"] for alert in listed} == {"active"}


def test_webhook_deliveries_say_what_fires_and_what_has_ended(small: World) -> None:
    bodies = list(deliveries(small.alerts, size=20))
    assert {body["version"] for body in bodies} == {"4"}
    told = [alert for body in bodies for alert in body["alerts"]]
    assert len(told) == len(small.alerts)
    assert {alert["endsAt"] for alert in told if alert["status"] == "firing"} == {"0001-01-01T00:00:00Z"}


def test_prometheus_counts_good_and_all_and_refuses_too_many_points(servers: Servers) -> None:
    url = f"{servers.urls['prometheus']}/api/v1/query_range"
    span = {"start": "1794700800", "end": "1794787200", "step": "3600"}  # 2026-11-15 to 2026-11-16
    series = [
        requests.get(url, params={**span, "query": query}).json()["data"]["result"][0]["values"]
        for query in ('sum(increase(x{code!~"5.."}[1h]))', "sum(increase(x[1h]))")
    ]
    good, total = ([int(text) for _, text in values] for values in series)
    assert len(good) == len(total) == 25
    assert all(0 < one <= all_ for one, all_ in zip(good, total, strict=True))
    assert sum(good) / sum(total) > 0.99
    refused = requests.get(url, params={**span, "step": "1", "query": "x"})
    assert refused.status_code == 400 and "11,000 points" in refused.json()["error"]
