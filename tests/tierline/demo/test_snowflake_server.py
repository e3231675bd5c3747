"""The demo's Snowflake: its SQL API's shapes, and the world's own query times through the real collector."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from collectors.base import Enumerated, Period
from collectors.sources.snowflake import Snowflake
from tierline.demo.servers import snowflake
from tierline.demo.servers.base import Server
from tierline.demo.servers.snowflake import TOKEN, SnowflakeSite
from tierline.demo.world import World

DAYS = [datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, tzinfo=UTC)]


@pytest.fixture
def url(small: World, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(snowflake, "PARTITION", 100)  # so that there are several
    server = Server(SnowflakeSite(small, lambda: now), 0)
    yield server.url
    server.stop()


def submit(url: str, part: str, token: str = TOKEN) -> requests.Response:
    body = {"statement": "SELECT 1", "parameters": {"QUERY_TAG": f"tierline/{part}"}}
    return requests.post(f"{url}/api/v2/statements", json=body, headers={"Authorization": f"Bearer {token}"})


def test_the_collector_reads_the_worlds_own_query_times_and_volume(url: str, small: World, now: datetime) -> None:
    given = {"url": url, "account": "acme", "token": TOKEN, "group_by": "tag", "parts": ["queries"]}
    one = Snowflake("snow", Snowflake.Settings.model_validate(given), lambda: now)
    raws = [raw for raw in one.fetch(Period(DAYS[0], DAYS[1] + timedelta(hours=1))) if not isinstance(raw, Enumerated)]
    facts = [fact for raw in raws for fact in one.parse(raw)]
    told = {(fact["asset"], fact["at"], fact["outcome"]): {int(at): count for at, count in fact["buckets"].items()}
            for fact in facts if fact["fact"] == "distribution"}  # fmt: skip
    true = {(one.workload.name, f"{one.day:%Y-%m-%dT%H:%M:%SZ}", one.outcome): one.buckets
            for day in DAYS for one in small.money.queries(day.date())}  # fmt: skip
    loads = {("snowflake://acme/loads", f"{day:%Y-%m-%dT%H:%M:%SZ}", "success"): {207: 48} for day in DAYS}
    assert told == true | loads
    volume = {fact["at"]: fact["amount"] for fact in facts if fact.get("meter") == "bytes" and fact["amount"]}
    terabytes = {f"{day:%Y-%m-%dT%H:%M:%SZ}": small.money.terabytes(day.date()) for day in DAYS}
    assert volume == {at: pytest.approx(amount * 1e12) for at, amount in terabytes.items()}


def test_days_that_are_not_over_are_not_there(url: str, now: datetime) -> None:
    given = {"url": url, "token": TOKEN, "group_by": "tag", "parts": ["queries"]}
    one = Snowflake("snow", Snowflake.Settings.model_validate(given), lambda: now)
    assert list(one.fetch(Period(now, now + timedelta(days=1)))) == []


def test_it_refuses_as_snowflake_refuses(url: str) -> None:
    assert submit(url, "queries", token="wrong").status_code == 401
    refused = submit(url, "tasks")
    assert (refused.status_code, refused.json()["code"]) == (422, "002003")
    gone = requests.get(f"{url}/api/v2/statements/none", headers={"Authorization": f"Bearer {TOKEN}"})
    assert gone.status_code == 404
