"""The sources page and one source's own: objectives, what came of its own count, passes, what rests on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.digest import compose
from dashboards.exporter import Exporter
from dashboards.pages import sources
from dashboards.reading.reader import Ask
from slo.evidence.health import Health, Kept
from tests.dashboards.exposition import parsed
from tests.dashboards.layouts import said

SINCE = datetime(2026, 10, 24, 8, 15, tzinfo=UTC)
"""Twenty-eight days before the fake snapshot."""


def read(**other: Any) -> dict[str, Any]:
    """25 of 1,000 passes failed where 5 % may: half is left. An hour of 100 was not fresh where 1 % may: nothing is."""
    objectives = {"fresh": Kept(0.99, 360_000, 3_600), "passes": Kept(0.95, 1000, 25)}
    told: dict[str, Any] = {"told": None, "taken": None, "complete": True, "complete_until": None}
    lag = {"lag": 7_200.0, "usual_lag": 3_600, "far_behind": False}
    return Health(since=SINCE, objectives=objectives, day_passes=288, day_failed=2, **lag | told | other).as_result()


def reader(fake: Any, **health: Any) -> Any:
    known = fake.FakeReader()
    first, *others = known.snapshot().sources
    return fake.FakeReader(
        replace(known.snapshot(), sources=[{**first, "health": read(**health)}, *others]),
        {"passes.passes": [
            {"started": fake.AS_OF - timedelta(minutes=2), "ended": fake.AS_OF - timedelta(minutes=1), "ok": False,
             "facts": 0, "set_aside": 0, "told": 1100, "taken": 1090, "lag": 3_700, "error": "airflow-prod: HTTP 503"},
        ], "resting.resting": {"airflow-prod": {"kpis": [("mttr", "Time to restore")], "held": [], "dated": True,
                                                "newest": fake.AS_OF, "seen": None}}},
    )  # fmt: skip


def test_each_source_tells_its_emptiest_budget_and_its_failures_of_the_last_day(fake: Any) -> None:
    words = said(sources.render(reader(fake), Ask()))
    assert "0 % read in time" in words
    assert "2 of 288" in words
    assert "not told" in words


@pytest.mark.parametrize(
    ("health", "state"),
    [
        ({}, "ok"), ({"told": 1100, "taken": 1090, "complete": False}, "incomplete"), ({"far_behind": True}, "behind"),
    ],
)  # fmt: skip
def test_a_source_that_is_read_and_does_not_tell_all_needs_a_look(fake: Any, health: Any, state: str) -> None:
    known = reader(fake, **health)
    snapshot = known.snapshot()
    assert sources.state(snapshot.sources[0]) == state
    blind = parsed(Exporter(lambda: snapshot).text())["tierline_blind"]
    own = {dict(labels)["what"] for labels in blind if dict(labels)["source"] == "airflow-prod"}
    assert own == ({state} - {"ok"})
    told = [line for line in compose(snapshot, None, "http://tierline.example")["sources"] if "airflow-prod" in line]
    says = {"incomplete": "counts more records than came of it", "behind": "tells only what is older than usual"}
    assert told == ([f"✕ airflow-prod {says[state]}"] if state in says else [])


def test_one_sources_page_tells_objectives_passes_and_what_rests_on_it(fake: Any) -> None:
    page = sources.render(reader(fake, told=1100, taken=1090, complete=False), Ask(), "airflow-prod")
    words = said(page)
    assert words.startswith("airflow-prod counts more records than came of it Of what it counts")
    assert "read in time 99.0 % 99.0 % 0 % 60 min of 4 days 4 h" in words
    assert "passes that succeed 95.0 % 97.5 % 50.0 % 25 of 1,000 passes" in words
    assert "Of what it counts, 1,090 of 1,100 records came in the newest pass." in words
    assert "The newest that it told is 2 h old; in the four weeks before the last day it was 60 min at most." in words
    assert "Time to restore" in words
    assert "failed 1 min 0 0 1,090 of 1,100 61 min airflow-prod: HTTP 503" in words


def test_objectives_completeness_and_lag_are_series(fake: Any) -> None:
    snapshot = reader(fake, told=1000, taken=995, complete=False).snapshot()
    found = parsed(Exporter(lambda: snapshot).text())
    own = (("source", "airflow-prod"),)
    assert found["tierline_source_completeness_ratio"] == {own: 0.995}
    assert found["tierline_source_lag_seconds"] == {own: 7200}
    for name, fresh, passes in (("", 0.99, 0.95), ("_kept", 0.99, 0.975), ("_budget_remaining", 0.0, 0.5)):
        family = "tierline_source_objective" + (f"{name}_ratio" if name else "_ratio")
        assert {dict(labels)["objective"]: value for labels, value in found[family].items()} == {
            "fresh": fresh, "passes": passes,
        }  # fmt: skip
