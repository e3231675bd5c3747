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
from dashboards.wording.sources import age, counts, state
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


def reader(fake: Any, blind: str | None = None, **health: Any) -> Any:
    known = fake.FakeReader()
    first, *others = known.snapshot().sources
    return fake.FakeReader(
        replace(known.snapshot(), sources=[{**first, "blind": blind, "health": read(**health)}, *others]),
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
    ("source", "word", "says"),
    [
        ({}, "ok", None), ({"blind": "incomplete"}, "incomplete", "counts more records than came of it"),
        ({"blind": "behind"}, "behind", "tells only what is older than usual"),
        ({"blind": "stale"}, "stale", "has not been read for longer than it should"),
        ({"blind": "failing", "ok": False, "error": "HTTP {503}"}, "failing", "could not be read: HTTP {503}"),
        ({"ok": False, "error": "HTTP 503"}, "retrying", "could not be read the last time: HTTP 503"),
        ({"ok": False, "last_attempt": None, "last_success": None}, "not read yet", None),
    ],
)  # fmt: skip
def test_a_sources_state_is_one_word_on_the_page_and_in_the_digest(
    fake: Any, source: Any, word: str, says: str | None
) -> None:
    """One failed pass of a source that is fresh hides nothing: it is tried again."""
    known = reader(fake).snapshot()
    snapshot = replace(known, sources=[{**known.sources[0], **source}])
    assert state(snapshot.sources[0]) == word
    assert counts(snapshot.sources) == f"1 {word}"
    assert f" {word} airflow-prod" in said(sources.render(fake.FakeReader(snapshot, {"resting.resting": {}}), Ask()))
    told = compose(snapshot, None, "http://tierline.example")["sources"]
    assert told == ([] if says is None else [f"✕ airflow-prod {says}"])


def test_an_address_of_no_source_says_so_and_leads_back(fake: Any) -> None:
    words = said(sources.render(fake.FakeReader(), Ask(), "nope"))
    assert "nope" in words and "No source has this name." in words and "Every source" in words
    assert "up to date" not in words


def test_an_age_is_said_in_whole_minutes_that_are_over(fake: Any) -> None:
    ages = [age({"last_success": fake.AS_OF - timedelta(seconds=one)}, fake.AS_OF) for one in (-1, 59, 119, 7_259)]
    assert ages == ["< 1 min", "< 1 min", "1 min", "2 h"]


def test_one_sources_page_tells_objectives_passes_and_what_rests_on_it(fake: Any) -> None:
    page = sources.render(reader(fake, "incomplete", told=1100, taken=1090, complete=False), Ask(), "airflow-prod")
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
