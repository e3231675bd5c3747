"""SLOs on the reading of sources, worked out by hand; and what an incomplete source holds back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.alerting.blind import spots
from slo.engine import Engine, Query
from slo.evidence.health import Health, readings_of
from slo.platform import Objectives, Platform, SourceInfo
from slo.store import Store
from slo.targets import load_targets
from slo.view import View
from tests.slo.tellings import fact, run

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = SourceInfo("airflow", {"run": ("asset", "state", "due_at")}, interval=HOUR)
"""Fresh for three hours and five minutes after a success."""


def passed(store: Store, before: timedelta, ok: bool = True, **counts: int) -> None:
    store.add_source_run("airflow", NOON - before, NOON - before, ok, 0, 0, None if ok else "refused", **counts)


def health(store: Store, **promised: float) -> Health:
    source = SourceInfo("airflow", SOURCE.tells, interval=HOUR, objectives=Objectives(**promised))
    read = readings_of(store, (source,), NOON)["airflow"].health
    assert read is not None
    return read


def test_time_without_a_fresh_success_burns_the_budget(store: Store) -> None:
    """Read 100 hours ago, 90 hours ago, and now: gaps of 10 and 90 hours, of which 3:05 each are fresh still. 93:50
    of 100 hours are stale, where 50 are allowed."""
    for hours in (100, 90, 0):
        passed(store, hours * HOUR)
    fresh = health(store, fresh=0.5).objectives["fresh"]
    stale = (10 + 90) * 3600 - 2 * (3 * 3600 + 300)
    assert (fresh.total, fresh.bad) == (360_000, stale) == (360_000, 337_800)
    assert fresh.value == pytest.approx(22_200 / 360_000)
    assert fresh.remaining == pytest.approx(1 - 337_800 / 180_000)


def test_a_source_that_never_succeeded_is_stale_once_its_time_is_over(store: Store) -> None:
    """Tried 10 hours ago for the first time: 6:55 stale. And one that succeeded at its second try, 5 hours later, was
    stale for 1:55 before, and for as long since."""
    passed(store, 10 * HOUR, ok=False)
    assert health(store).objectives["fresh"].bad == 6 * 3600 + 55 * 60
    passed(store, 5 * HOUR)
    assert health(store).objectives["fresh"].bad == 2 * (3600 + 55 * 60)


def stands(store: Store) -> dict[str, Any]:
    return readings_of(store, (SOURCE,), NOON)["airflow"].as_result()


def test_a_source_that_was_never_read_is_yet_to_begin(store: Store) -> None:
    none = ("last_success", "last_attempt", "duration", "error", "blind", "health")
    assert stands(store) == {
        "name": "airflow", "ok": False, "stale": False, "awaited": True, "facts": 0, "set_aside": 0, "errors": 0,
        **dict.fromkeys(none),
    }  # fmt: skip


def test_a_source_stands_as_its_newest_passes_say(store: Store) -> None:
    """What began after noon is not known at noon."""
    passed(store, 2 * HOUR, ok=False)
    store.add_source_run("airflow", NOON - HOUR, NOON - HOUR / 2, True, 7, 2, None)
    passed(store, -HOUR, ok=False)
    told = stands(store)
    assert told.pop("health")["objectives"]["passes"]["total"] == 2
    assert told == {
        "name": "airflow", "ok": True, "blind": None, "stale": False, "awaited": False,
        "last_success": NOON - HOUR / 2, "last_attempt": NOON - HOUR, "duration": 1800.0, "facts": 7,
        "set_aside": 2, "errors": 1, "error": None,
    }  # fmt: skip


@pytest.mark.parametrize("tried", [False, True])
def test_a_source_is_stale_when_the_objective_says_so_never_before(store: Store, tried: bool) -> None:
    """Three intervals of an hour and five minutes after its last success: at that very instant nothing is blind yet,
    and no second of the budget is spent; a microsecond later both are. A failed pass makes it failing, not earlier."""
    limit, later = 3 * HOUR + timedelta(minutes=5), timedelta(microseconds=1)
    passed(store, limit)
    if tried:
        passed(store, HOUR, ok=False)
    for now, blind, bad in ((NOON, None, 0), (NOON + later, "failing" if tried else "stale", 1e-6)):
        one = readings_of(store, (SOURCE,), now)["airflow"]
        assert one.health is not None
        told = one.as_result()
        assert (told["blind"], told["stale"], told["awaited"]) == (blind, blind is not None, blind is not None)
        assert told["ok"] is not tried
        assert one.health.objectives["fresh"].bad == bad


@pytest.mark.parametrize("before", [timedelta(days=3), timedelta(days=40)])
def test_the_last_success_is_known_however_many_passes_failed_since(store: Store, before: timedelta) -> None:
    """Sixty failures, more than are looked at, after a success within the period, and one before it."""
    passed(store, before + HOUR, ok=False)
    passed(store, before)
    for number in range(60):
        passed(store, (60 - number) * timedelta(minutes=5), ok=False)
    one = readings_of(store, (SOURCE,), NOON)["airflow"]
    assert (one.last_success, one.since, one.blind) == (NOON - before, NOON - before, "failing")
    assert one.as_result()["errors"] == 50
    (spot,) = spots(View(store, Platform(sources=(SOURCE,)), NOON), NOON, (0, 1))
    assert (spot.what, spot.since) == ("failing", NOON - before)


def test_one_that_never_succeeded_is_failing_since_its_first_pass(store: Store) -> None:
    for number in range(60):
        passed(store, 5 * HOUR - number * timedelta(minutes=5), ok=False)
    one = readings_of(store, (SOURCE,), NOON)["airflow"]
    assert (one.last_success, one.since, one.blind) == (None, NOON - 5 * HOUR, "failing")


def test_a_source_that_is_incomplete_and_behind_is_one_blind_spot(store: Store) -> None:
    passed(store, 9 * DAY, lag=60, told=10, taken=10)
    passed(store, HOUR, lag=90_000, told=10, taken=9)
    found = spots(View(store, Platform(sources=(SOURCE,)), NOON), NOON, (0, 1))
    assert health(store).far_behind
    assert [(one.source, one.what) for one in found] == [("airflow", "incomplete")]


def test_failed_passes_are_a_share_of_the_passes_of_28_days(store: Store) -> None:
    """One of 29 days ago does not count. Of 20 two failed, one of them in the last day; 5 % of 20 are one: overspent by
    one."""
    passed(store, 29 * DAY, ok=False)
    for number in range(20):
        passed(store, (20 - number) * HOUR + (DAY if number < 10 else 0 * DAY), ok=number not in (3, 15))
    read = health(store)
    assert (read.objectives["passes"].total, read.objectives["passes"].bad) == (20, 2)
    assert read.objectives["passes"].remaining == -1
    assert (read.day_passes, read.day_failed) == (10, 1)


def test_what_it_counts_and_what_came(store: Store) -> None:
    """1,000 and 999 of 1,000: 99.95 % over both; the newest pass has 99.9 %, which is enough, with 998 it is not."""
    passed(store, 3 * HOUR, told=1000, taken=1000)
    passed(store, 2 * HOUR, told=1000, taken=999)
    passed(store, HOUR)
    read = health(store)
    assert (read.objectives["complete"].value, read.objectives["complete"].remaining) == (0.9995, 0.5)
    assert (read.told, read.taken, read.complete, read.complete_until) == (1000, 999, True, None)
    passed(store, timedelta(0), told=1000, taken=998)
    read = health(store)
    assert (read.told, read.taken, read.complete, read.complete_until) == (1000, 998, False, NOON - 2 * HOUR)
    assert health(store, complete=0.99).complete


def test_a_source_that_counts_nothing_promises_nothing_of_it(store: Store) -> None:
    passed(store, HOUR)
    assert set(health(store).objectives) == {"fresh", "passes"}
    assert health(store).complete


@pytest.mark.parametrize(
    ("days", "lag", "far"), [(9, 20 * 3600, False), (9, 20 * 3600 + 1, True), (7, 30 * 3600, False)]
)
def test_far_behind_is_twice_what_was_usual(store: Store, days: int, lag: int, far: bool) -> None:
    """At most 10 hours in the days before the last; of less than eight days nobody knows what is usual. The last
    pass was an hour ago, so an hour is added to what it lay behind then."""
    passed(store, days * DAY, lag=10 * 3600)
    passed(store, 2 * DAY, lag=60)
    passed(store, 2 * HOUR, lag=90_000)
    passed(store, HOUR, lag=lag - 3600)
    read = health(store)
    assert (read.lag, read.usual_lag, read.far_behind) == (lag, 10 * 3600, far)
    found = spots(View(store, Platform(sources=(SOURCE,)), NOON), NOON, (0, 1))
    assert [one.what for one in found] == (["behind"] if far else [])
    if far:
        assert found[0].says == (
            "The newest that source airflow told is of 2026-11-29 15:59 UTC, 20 hours ago; in the four weeks before it "
            "was 10 hours at most; no KPIs rest on it."
        )


def test_what_an_incomplete_source_told_cannot_be_met(store: Store) -> None:
    """A source whose last complete pass was at noon on the 9th: the week that ended on the 8th had settled; the next
    one is held back, and says why. A complete pass lets go of it."""
    monday = datetime(2026, 11, 2, tzinfo=UTC)
    runs = [run(f"{week}-{n}", "etl/a", monday + week * 7 * DAY + n * HOUR, source="airflow") for week in (0, 1)
            for n in range(100)]  # fmt: skip
    seen = fact("coverage", "c", source="airflow", kinds=["run"], start=monday, end=NOON)
    store.upsert([*runs, seen])
    engine = Engine(store, Platform(sources=(SOURCE,)), load_targets())
    passed(store, 21 * DAY, told=100, taken=100)
    passed(store, HOUR, told=1100, taken=1090)

    def shown(window: str) -> tuple[str, list[str]]:
        asked = Query(window=window, profile="associate_platform")
        result = engine.show("pipeline_success_rate", asked, NOON)
        return result["status"], result["caveats"]

    assert shown("2026-W45") == ("met", [])
    assert shown("2026-W46") == ("provisional", ["airflow counts 1,100 records, and 1,090 of them came"])
    (spot,) = spots(View(store, Platform(sources=(SOURCE,)), NOON), NOON, (0, 1))
    assert (spot.what, spot.since) == ("incomplete", NOON - 21 * DAY)
    assert "pipeline_success_rate" in spot.kpis
    passed(store, timedelta(0), told=1100, taken=1100)
    assert shown("2026-W46") == ("met", [])
