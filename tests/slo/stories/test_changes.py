"""What is otherwise than a day before, on a small invented platform."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine
from slo.facts import Fact
from slo.platform import Platform
from slo.results import Query
from slo.store import Store
from slo.stories.changes import changes
from slo.targets import load_targets
from tests.slo.tellings import fact, run

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
WEDNESDAY = MONDAY + timedelta(days=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def engine(store: Store) -> Engine:
    return Engine(store, Platform(), load_targets())


def told(engine: Engine, facts: list[Fact], **asked: Any) -> dict[str, Any]:
    engine.store.upsert(facts)
    found: dict[str, Any] = engine.tell(changes, Query(**asked), WEDNESDAY)
    return found


def deployed(key: str, at: datetime, state: str = "succeeded", **more: Any) -> Fact:
    return fact("change", key, kind="deployment", at=at, state=state, asset="a", team="core", **more)


def test_deployments_of_the_last_day_the_newest_first(engine: Engine) -> None:
    facts = [
        fact("asset", "a", asset="a", kind="pipeline", tier=1, team="core"),
        deployed("old", WEDNESDAY - 25 * HOUR),
        deployed("one", WEDNESDAY - 23 * HOUR),
        deployed("two", WEDNESDAY - 2 * HOUR, "rolled_back"),
        deployed("three", WEDNESDAY - HOUR, failure="hotfix"),
        deployed("test", WEDNESDAY - HOUR, environment="staging"),
    ]
    found = told(engine, facts)["deployments"]
    assert (found["n"], found["failed"]) == (3, 2)
    assert [(one["at"], one["state"]) for one in found["lines"]] == [
        (WEDNESDAY - HOUR, "failed"), (WEDNESDAY - 2 * HOUR, "rolled_back"), (WEDNESDAY - 23 * HOUR, "succeeded"),
    ]  # fmt: skip
    assert told(engine, [], team="web")["deployments"]["n"] == 0


def test_an_asset_that_moved_to_another_tier(engine: Engine) -> None:
    def version(key: str, asset: str, since: datetime, tier: int | None) -> Fact:
        return fact("asset", key, asset=asset, kind="dataset", tier=tier, team="core", valid_from=since)

    facts = [
        version("a1", "a", MONDAY, 2), version("a2", "a", WEDNESDAY - HOUR, 1),
        version("b1", "b", MONDAY, 2), version("b2", "b", MONDAY + HOUR, 1),
        version("c1", "c", WEDNESDAY - HOUR, 0),
    ]  # fmt: skip
    assert told(engine, facts)["tiers"] == [{"asset": "a", "team": "core", "before": 2, "now": 1}]
    assert told(engine, [], tier=2)["tiers"] == [{"asset": "a", "team": "core", "before": 2, "now": 1}]
    assert told(engine, [], tier=3)["tiers"] == []


def test_a_status_that_turned_since_the_window_that_ended_a_day_earlier(engine: Engine) -> None:
    """100 of 100 on Monday; 90 of 100 on Tuesday make 190 of 200. The profile promises 98 to 99.5 %."""
    facts: list[Fact] = [fact("asset", "a", asset="a", kind="pipeline", tier=1)]
    for day, bad in ((0, 0), (1, 10)):
        start = MONDAY + timedelta(days=day)
        facts += [
            run(f"{day}.{n}", "a", start + n * timedelta(minutes=5), "failed" if n < bad else "success", 1)
            for n in range(100)
        ]
    found = told(engine, facts, profile="associate_platform")["statuses"]
    assert found == [
        {"kpi": "pipeline_success_rate", "title": "Pipeline success rate", "before": "met", "now": "missed",
         "value": 0.95, "value_before": 1.0}
    ]  # fmt: skip
    assert told(engine, [], profile="associate_platform", window="2026-11")["statuses"] == []
