"""The demo's PagerDuty: read by the real collector, it tells the world's incidents and alerts, and nothing to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from collectors.base import Period, Raw
from collectors.sources.pagerduty import PagerDuty
from tierline.demo.delivery import ON_GITHUB
from tierline.demo.platform import demo_settings
from tierline.demo.servers import pagerduty
from tierline.demo.servers.base import Server
from tierline.demo.world import World

HEADERS = {"Authorization": f"Token token={pagerduty.TOKEN}"}


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture(scope="module")
def server(small: World, clock: Clock) -> Iterator[Server]:
    made = Server(pagerduty.PagerDutySite(small, clock))
    yield made
    made.stop()


def collected(server: Server, small: World, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Kind -> facts of the whole world, as the demo's own settings read it."""
    urls = defaultdict(lambda: "http://127.0.0.1:1", pagerduty=server.url)
    told = demo_settings(Path("demo"), urls, "sqlite://", 400)["sources"]["pagerduty"]
    settings = {name: value for name, value in told.items() if name != "type"} | {"token": pagerduty.TOKEN}
    source = PagerDuty("pagerduty", PagerDuty.Settings.model_validate(settings), lambda: at)
    found: dict[str, list[dict[str, Any]]] = {}
    for raw in source.fetch(Period(small.start - timedelta(days=1), at, latest=True)):
        for fact in source.parse(raw) if isinstance(raw, Raw) else ():
            found.setdefault(fact["fact"], []).append(fact)
    return found


def test_every_incident_is_told_as_it_happened(server: Server, small: World, now: datetime) -> None:
    told = {fact["id"]: fact for fact in collected(server, small, now)["incident"]}
    known = {one.key: one for one in small.incidents if one.detected <= now}
    assert set(told) == set(known)
    for key, one in known.items():
        fact = told[key]
        assert (moment(fact["started_at"]), moment(fact["detected_at"])) == (one.started, one.detected)
        assert (fact["severity"], fact["class"], fact["cause"]) == (one.severity, one.sort, one.cause)
        assert (fact["assets"], fact["found_by"]) == ([thing.name for thing in one.things], one.found_by)
        assert fact["duplicate_of"] == (f"INC-{one.duplicate_of:04d}" if one.duplicate_of else None)
        if one.duplicate_of is None:
            spans = fact["spans"] or [[fact["started_at"], fact["resolved_at"]]]
            assert [(moment(start), moment(end)) for start, end in spans] == one.spans


def test_every_alert_is_told_with_what_people_said_of_it(server: Server, small: World, now: datetime) -> None:
    told = {fact["id"]: fact for fact in collected(server, small, now)["alert"]}
    assert set(told) == {alert.key for alert in small.alerts if alert.paged and alert.fired <= now}
    for alert in small.alerts:
        if alert.paged and alert.fired <= now - timedelta(hours=1) and not alert.key.endswith("-again"):
            fact = told[alert.key]
            assert (fact["asset"], fact["rule"], fact["dedup_key"]) == (alert.thing.name, alert.rule, alert.dedup)
            assert (fact["label"], fact["incident"]) == (alert.label, alert.incident.key if alert.incident else None)
            if alert.resolved is None or alert.resolved <= now:
                assert moment(fact["acknowledged_at"]) == alert.acknowledged
                assert moment(fact["resolved_at"]) == alert.resolved


def test_incidents_name_the_change_as_its_source_will(server: Server, small: World, now: datetime) -> None:
    changes = {fact["change"] for fact in collected(server, small, now)["incident"] if fact.get("change")}
    broken = [one.deployment for one in small.incidents if one.deployment and one.detected <= now]
    kept = {f"{one.team}-repo/{one.tag}" for one in broken if one.team not in ON_GITHUB}
    assert kept < changes and len(changes) == len(broken)
    assert {change.rsplit("/", 1)[0] for change in changes - kept} == {
        f"github/acme/{one.team}/deployments" for one in broken if one.team in ON_GITHUB
    }


def test_nothing_is_told_that_is_still_to_come(server: Server, small: World, clock: Clock, now: datetime) -> None:
    clock.at = datetime(2026, 11, 10, 12, tzinfo=UTC)
    try:
        told = collected(server, small, clock.at)
    finally:
        clock.at = now
    facts = [*told["incident"], *told["alert"]]
    moments = [moment(value) for fact in facts for name, value in fact.items() if name.endswith("_at") and value]
    assert moments and max(moments) <= datetime(2026, 11, 10, 12, tzinfo=UTC)  # type: ignore[type-var]


def test_it_refuses_as_pagerduty_does(server: Server) -> None:
    def status(path: str, **headers: str) -> int:
        return requests.get(server.url + path, headers=headers or HEADERS, timeout=10).status_code

    assert status("/incidents?date_range=all", Authorization="Token token=other") == 401
    assert status("/incidents?date_range=all&limit=100&offset=9950") == 400
    assert status("/incidents/PNONE") == 404


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
