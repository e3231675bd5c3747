"""Airbyte: jobs as runs, pages that move, tokens that live for minutes. Answers made by hand after the vendor's
OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from collectors.base import Period, Raw
from collectors.sources.airbyte import Airbyte, AirbyteSettings, duration
from slo.errors import PermissionMissing, RetriableError

SPEC = Path(__file__).parents[2] / "../shared/specs/airbyte/airbyte-api.subset.json"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LATEST = Period(NOW - DAY, NOW, latest=True)
EMPTY = {"next": "", "data": []}


def source(**settings: Any) -> Airbyte:
    own = {"url": "https://airbyte.example/api/public/v1", "requests_per_second": 1000, **settings}
    return Airbyte("airbyte", AirbyteSettings(**own), lambda: NOW)


def job(number: int, status: str = "succeeded", **more: Any) -> dict[str, Any]:
    start = {"startTime": "2026-11-20T06:00:00Z", "lastUpdatedAt": "2026-11-20T06:10:00Z"}
    return {"jobId": number, "status": status, "jobType": "sync", "connectionId": "c1", **start, **more}


@pytest.fixture
def server(recorded: Any) -> Any:
    recorded.answers = {"/api/public/v1/connections": EMPTY, "/api/public/v1/jobs": EMPTY}
    return recorded


def queries(server: Any) -> list[dict[str, str]]:
    return [query for path, query, _ in server.asked if path.endswith("/jobs")]


def runs(airbyte: Airbyte, period: Period = LATEST) -> list[dict[str, Any]]:
    raws = [raw for raw in airbyte.fetch(period) if isinstance(raw, Raw) and raw.kind != "connection"]
    return [fact for raw in raws for fact in airbyte.parse(raw)]


@pytest.mark.parametrize(("period", "expected"), [
    (Period(NOW - DAY, NOW, incremental=True, latest=True), {"updatedAtStart": "2026-11-19T12:00:00Z"}),
    (LATEST, {"createdAtStart": "2026-11-19T12:00:00Z"}),
    (Period(NOW - 8 * DAY, NOW - DAY),
     {"createdAtStart": "2026-11-12T12:00:00Z", "createdAtEnd": "2026-11-19T12:00:00Z"}),
])  # fmt: skip
def test_what_is_asked_of_a_period(server: Any, period: Period, expected: dict[str, str]) -> None:
    runs(source(), period)
    more = {"jobType": "sync", "orderBy": "createdAt|ASC", "limit": "100", "offset": "0"}
    assert queries(server) == [{**more, **expected}]


def paged(jobs: list[dict[str, Any]], size: int, change: Callable[[int], None]) -> Any:
    """A server with ``size`` jobs a page; ``change`` happens after the page it is told."""
    asked = [0]

    def answer(query: dict[str, str]) -> Any:
        offset = int(query["offset"])
        page = {"data": jobs[offset : offset + size], "next": "more" if offset + size < len(jobs) else ""}
        asked[0] += 1
        change(asked[0])
        return page

    return answer


def test_pages_overlap_by_one_record(server: Any) -> None:
    server.answers["/api/public/v1/jobs"] = paged([job(number) for number in range(1, 8)], 3, lambda page: None)
    assert [run["id"] for run in runs(source())] == [f"job/{number}" for number in range(1, 8)]
    assert [query["offset"] for query in queries(server)] == ["0", "2", "4"]


def test_a_record_that_vanishes_while_pages_are_turned_loses_none(server: Any) -> None:
    """Without the overlap, job 4 would move onto the page that was already read."""
    jobs = [job(number) for number in range(1, 8)]
    server.answers["/api/public/v1/jobs"] = paged(jobs, 3, lambda page: jobs.remove(jobs[0]) if page == 1 else None)
    assert [run["id"] for run in runs(source())] == [f"job/{number}" for number in range(2, 8)]


def test_a_record_that_comes_in_between_doubles_none(server: Any) -> None:
    jobs = [job(number) for number in range(1, 8)]
    server.answers["/api/public/v1/jobs"] = paged(jobs, 3, lambda page: jobs.insert(0, job(99)) if page == 1 else None)
    assert sorted(run["id"] for run in runs(source())) == [f"job/{number}" for number in range(1, 8)]


def test_a_listing_that_never_stands_still_is_an_error(server: Any) -> None:
    pages = iter(range(100))
    answer = {"next": "more"}
    server.answers["/api/public/v1/jobs"] = lambda query: {**answer, "data": [job(next(pages)), job(next(pages))]}
    with pytest.raises(RetriableError, match="kept moving"):
        runs(source())


def test_a_job_in_flight_is_asked_for_until_it_ends_or_is_gone(server: Any) -> None:
    airbyte = source()
    server.answers["/api/public/v1/jobs"] = {"next": "", "data": [job(1, "running"), job(2, "incomplete"), job(3)]}
    runs(airbyte)
    assert airbyte.memory["in_flight"] == [1, 2]
    server.answers["/api/public/v1/jobs"] = EMPTY
    server.answers["/api/public/v1/jobs/1"] = job(1, duration="PT10M")
    server.answers["/api/public/v1/jobs/2"] = (404, {"message": "gone"})
    gone, ended = runs(airbyte)
    assert gone == {"fact": "run", "id": "job/2", "deleted": True}
    assert (ended["id"], ended["state"], ended["ended_at"]) == ("job/1", "success", NOW.replace(hour=6, minute=10))
    assert airbyte.memory["in_flight"] == []


@pytest.mark.parametrize(("status", "more", "expected"), [
    ("pending", {}, ("running", None)), ("failed", {"duration": "PT5M"}, ("failed", "06:05:00")),
    ("cancelled", {}, ("cancelled", "06:10:00")), ("dreaming", {}, ("running", None)),
    ("dreaming", {"duration": "PT1S"}, ("cancelled", "06:00:01")),
])  # fmt: skip
def test_states_and_ends(server: Any, status: str, more: dict[str, Any], expected: tuple[str, str | None]) -> None:
    server.answers["/api/public/v1/jobs"] = {"next": "", "data": [job(1, status, **more)]}
    (run,) = runs(source())
    assert (run["state"], run["ended_at"] and f"{run['ended_at']:%H:%M:%S}") == expected


@pytest.mark.parametrize(("text", "seconds"), [
    ("PT8H6M12S", 29_172), ("P1DT2H", 93_600), ("PT0.5S", 0.5), ("PT5M", 300), ("P", None), ("8h", None), (None, None),
])  # fmt: skip
def test_durations(text: str | None, seconds: float | None) -> None:
    assert duration(text) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(("schedule", "expected"), [
    ({"scheduleType": "cron", "cronExpression": "0 0 6 ? * MON-FRI"}, ("0 6 * * 1-5", "UTC", None)),
    ({"scheduleType": "basic", "basicTiming": "Every 6 HOURS"}, ("@every 360m", None, 21_600.0)),
    ({"scheduleType": "basic", "basicTiming": "sometimes"}, (None, None, None)),
    ({"scheduleType": "manual"}, (None, None, None)), (None, (None, None, None)),
])  # fmt: skip
def test_schedules(schedule: Any, expected: tuple[str | None, str | None, float | None]) -> None:
    connection = {"connectionId": "c1", "name": "n", "workspaceId": "w", "status": "active", "schedule": schedule}
    (asset,) = source().parse(Raw("connection", connection, {"asset": "airbyte/n"}))
    assert (asset.get("schedule"), asset.get("schedule_tz"), asset.get("grace_seconds")) == expected
    assert asset["url"] == "https://airbyte.example/workspaces/w/connections/c1"


def test_a_token_is_fetched_and_renewed_in_the_middle(server: Any) -> None:
    tokens = iter(["canary-1", "canary-2"])
    server.answers["/api/public/v1/applications/token"] = lambda query: {"access_token": next(tokens)}
    states = iter([(401, {}), EMPTY, (401, {}), EMPTY])
    server.answers["/api/public/v1/connections"] = lambda query: next(states)
    server.answers["/api/public/v1/jobs"] = lambda query: next(states)
    runs(source(client_id="reader", client_secret=SecretStr("canary-secret")))
    assert [(path.rsplit("/", 1)[1], headers.get("Authorization")) for path, _, headers in server.asked] == [
        ("connections", None), ("token", None), ("connections", "Bearer canary-1"), ("jobs", "Bearer canary-1"),
        ("token", None), ("jobs", "Bearer canary-2"),
    ]  # fmt: skip


def test_a_missing_right_names_the_role(server: Any) -> None:
    server.answers["/api/public/v1/applications/token"] = {"access_token": "canary-1"}
    server.answers["/api/public/v1/jobs"] = (403, {"message": "Not allowed"})
    airbyte = source(client_id="reader", client_secret=SecretStr("canary-secret"))
    with pytest.raises(PermissionMissing, match="Workspace Reader"):
        runs(airbyte)
    connections, jobs = airbyte.check()
    assert (connections.ok, connections.what, jobs.ok) == (True, "connections: 0 read", False)


def test_settings_that_do_not_fit_together() -> None:
    with pytest.raises(ValidationError, match="client_id and client_secret belong together"):
        AirbyteSettings(client_id="x")
    with pytest.raises(ValidationError, match="either client_id"):
        AirbyteSettings(client_id="x", client_secret=SecretStr("y"), username="u", password=SecretStr("p"))


@pytest.mark.skipif(not SPEC.exists(), reason="the vendor's OpenAPI description is not here (../shared/specs)")
def test_every_parameter_is_in_the_vendors_own_description(server: Any) -> None:
    paths = json.loads(SPEC.read_text(encoding="utf-8"))["paths"]
    airbyte = source(workspaces=["w1", "w2"])
    for period in (LATEST, Period(NOW - DAY, NOW, incremental=True, latest=True), Period(NOW - 8 * DAY, NOW - DAY)):
        runs(airbyte, period)
    for path, query, _ in server.asked:
        known = {parameter["name"] for parameter in paths[path.removeprefix("/api/public/v1")]["get"]["parameters"]}
        assert set(query) <= known, path
    assert len(server.asked) == 6
