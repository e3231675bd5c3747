"""Facts that come late: what they decide is worked out anew, however far ahead it lies. Each is told in two lots with a
look between, and gives what the same facts give at once, and what a hand gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import Fact
from slo.kpis.freshness_slo_attainment import FreshnessSloAttainment
from slo.marks import span_marks, update_marks
from slo.platform import Platform
from slo.store import ChangeRow, Store
from slo.targets import load_targets
from slo.view import View
from tests.slo.tellings import fact, run

DAY, HOUR = 86_400, 3600
Judged = Callable[..., tuple[float, float, float]]


def june(day: int, hour: float = 0) -> datetime:
    return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


@pytest.fixture
def judged(store: Store, fresh: Callable[..., Store]) -> Judged:
    """(good, bad, unknown) of June as of an instant, of two lots with a look between: the same as all at once."""

    def ask(kpi: str, first: list[Fact], second: list[Fact], now: datetime, **asked: Any) -> tuple[float, float, float]:
        found = []
        store.upsert(first)
        made = Engine(store, Platform(), load_targets())
        made.show(kpi, Query(window="2026-06"), now)
        store.upsert(second)
        for one in (made, Engine(fresh([*first, *second]), Platform(), load_targets())):
            shown = one.show(kpi, Query(**{"window": "2026-06", **asked}), now)
            found.append((shown["good"], shown["bad"], shown["unknown"]))
        assert found[0] == found[1]
        return found[0]

    return ask


def dataset(**freshness: Any) -> Fact:
    return fact("asset", "d", asset="d", kind="dataset", valid_from=june(1), freshness=freshness)


def update(key: str, at: datetime, **more: Any) -> Fact:
    return fact("dataset_update", key, asset="d", at=at, **more)


# An update under a delivery deadline


def test_a_late_update_reaches_the_next_deadline_though_others_land_before(judged: Judged) -> None:
    """Due at 07:00 each day. Of 1 June only a backfill of old data had landed, then an update on 2 June 06:30; the real
    one of 1 June 06:00 is told late: fresh from the first deadline to 3 June, 41 hours."""
    first = [
        dataset(deadline="07:00", days="daily"),
        update("2", june(1, 8), data_through=datetime(2026, 5, 20, tzinfo=UTC), backfill=True),
        update("3", june(2, 6.5), data_through=june(2, 6)),
    ]
    second = [update("1", june(1, 6), data_through=june(1, 6))]
    assert judged("freshness_slo_attainment", first, second, june(3)) == (41 * HOUR, 0, 0)


def test_a_late_update_of_a_friday_reaches_the_monday(judged: Judged) -> None:
    """Business days. Nothing before Friday 5 June 06:00: stale from Monday 07:00 until then, 95 hours. That update is
    told late; with the one of Monday 8 June 06:30 all is fresh from then on, 90 hours up to 9 June."""
    first = [
        dataset(deadline="07:00", days="business"),
        update("2", june(5, 9), data_through=datetime(2026, 5, 20, tzinfo=UTC)),
        update("3", june(8, 6.5), data_through=june(8, 6)),
    ]
    second = [update("1", june(5, 6), data_through=june(5, 6))]
    assert judged("freshness_slo_attainment", first, second, june(9)) == (90 * HOUR, 95 * HOUR, 0)


def test_a_correction_of_how_new_the_data_is_reaches_as_far(judged: Judged) -> None:
    """Two updates of 1 June hold old data; of the first it is said later that it was new: fresh until the deadline of
    2 June, 24 hours, then stale for 17."""
    old = datetime(2026, 5, 30, tzinfo=UTC)
    rule = dataset(deadline="07:00", days="daily")
    first = [rule, update("1", june(1, 6), data_through=old), update("2", june(1, 7.5), data_through=old)]
    second = [fact(
        "correction", "c", target_fact="dataset_update", target_source="import", target_id="1", reason="seen by hand",
        at=june(2), set={"data_through": june(1, 6).isoformat()},
    )]  # fmt: skip
    assert judged("freshness_slo_attainment", first, second, june(3)) == (24 * HOUR, 17 * HOUR, 0)


def test_data_of_days_to_come_reaches_their_deadlines(judged: Judged) -> None:
    """Told late: an update of 1 June with data up to 3 June is on time for three deliveries of three."""
    rule = dataset(deadline="07:00", days="daily")
    first = [rule, update("2", june(1, 8), data_through=datetime(2026, 5, 20, tzinfo=UTC))]
    second = [update("1", june(1, 6), data_through=june(3))]
    assert judged("dataset_sla_attainment", first, second, june(3, 12)) == (1, 0, 0)


def test_a_backfill_that_does_not_tell_its_age_ends_no_reach(judged: Judged) -> None:
    """At most a day old. The update of 1 June is told late: fresh for a day, stale until that of 10 June. The backfill
    of 2 June says nothing of its data."""
    first = [dataset(max_age_seconds=DAY), update("2", june(2), backfill=True), update("3", june(10))]
    assert judged("freshness_slo_attainment", first, [update("1", june(1))], june(11)) == (2 * DAY, 8 * DAY, 0)


def test_an_update_reaches_no_further_than_it_decides(store: Store) -> None:
    """Told late, with others before and after: of 1 June up to the deadline of 2 June, of Friday up to Monday."""
    store.upsert(
        [dataset(deadline="07:00", days="business"), *(update(f"{day}", june(day, 6)) for day in range(1, 12))]
    )
    view = View(store, Platform(), june(12))
    found = []
    for day in (1, 5):
        change = ChangeRow(1, update("late", june(day, 5)), None)
        found += [(mark.asset, mark.first.day, mark.last and mark.last.day) for mark in update_marks([change], view)]
    assert found == [("d", 1, 2), ("d", 5, 8)]


# A stretch of watching over a deadline


def watched(key: str, start: datetime, end: datetime) -> Fact:
    return fact("coverage", key, start=start, end=end)


def test_a_hole_over_a_deadline_filled_later_reaches_the_next(judged: Judged) -> None:
    """Business days, nothing ever comes. The hole of Friday 5 June 06:00 to 08:00 is told late: stale from 1 June 07:00
    to 9 June without a gap, 185 hours."""
    first = [
        dataset(deadline="07:00", days="business"), watched("1", june(1), june(5, 6)),
        watched("2", june(5, 8), june(30)),
    ]  # fmt: skip
    hole = [watched("3", june(5, 6), june(5, 8))]
    assert judged("freshness_slo_attainment", first, hole, june(9)) == (0, 185 * HOUR, 0)


def test_watching_that_is_extended_over_a_deadline_reaches_the_next(judged: Judged) -> None:
    """Daily at 07:00; that of 2 June does not come, that of 3 June does at 06:00. Not watched from 2 June 06:30 to
    noon at first: then known to be stale until 3 June 07:00, and fresh for 17 hours."""
    first = [
        dataset(deadline="07:00", days="daily"), update("1", june(1, 6)), update("3", june(3, 6)),
        watched("1", june(1), june(2, 6.5)), watched("2", june(2, 12), june(30)),
    ]  # fmt: skip
    more, asked = [watched("1", june(1), june(2, 12))], {"window": "2026-06-03"}
    assert judged("freshness_slo_attainment", first, more, june(4), **asked) == (17 * HOUR, 7 * HOUR, 0)


def test_watching_between_deadlines_reaches_its_own_days(store: Store) -> None:
    """Extended by a quarter of an hour: of Friday noon Friday alone, over the deadline of Friday up to Monday's."""
    store.upsert([dataset(deadline="07:00", days="business")])
    view, kpi = View(store, Platform(), june(12)), FreshnessSloAttainment()
    found = []
    for hour in (12, 6.9):
        change = ChangeRow(1, watched("1", june(1), june(5, hour + 0.25)), watched("1", june(1), june(5, hour)))
        marks = [mark for mark in span_marks(kpi, [change], view) if mark.asset == "d"]
        found += [(mark.first.day, mark.last and mark.last.day) for mark in marks]
    assert found == [(5, 5), (5, 8)]


# Since when a source is seen


def daily(**more: Any) -> Fact:
    return fact("asset", "p", asset="p", kind="pipeline", schedule="0 6 * * *", **more)


def test_the_first_that_a_source_says_of_its_watching_reaches_its_history(judged: Judged) -> None:
    """Slots of 1 to 14 June at 06:00, one run; then it is said that 5 to 9 June were watched: five missed, the run, and
    eight that nobody knows of."""
    first = [daily(valid_from=june(1)), run("12", "p", june(12, 6))]
    assert judged("pipeline_success_rate", first, [watched("1", june(5), june(10))], june(15)) == (1, 5, 8)


def test_the_first_watching_reaches_the_seconds_of_a_dataset(judged: Judged) -> None:
    """Stale since 1 June 01:00; of the 14 days five were watched."""
    first = [dataset(max_age_seconds=HOUR), update("1", june(1))]
    found = judged("freshness_slo_attainment", first, [watched("1", june(5), june(10))], june(15))
    assert found == (0, 5 * DAY, 9 * DAY)


def test_the_only_watching_taken_back_reaches_its_history(judged: Judged) -> None:
    """A source that says nothing of its watching is seen for ever: thirteen slots are missed."""
    first = [daily(valid_from=june(1)), run("12", "p", june(12, 6)), watched("1", june(5), june(10))]
    gone = [fact("coverage", "1", deleted=True)]
    assert judged("pipeline_success_rate", first, gone, june(15)) == (1, 13, 0)


def test_an_older_fact_of_its_source_reaches_what_is_seen_by_it(judged: Judged) -> None:
    """A schedule since ever and a run of 10 June; then a run of another pipeline on 3 June 06:00: seen from then on, so
    of the slots up to 14 June eleven are missed; those of 1 and 2 June nobody knows of."""
    first, second = [daily(), run("10", "p", june(10, 6))], [run("3", "other", june(3, 6))]
    assert judged("pipeline_success_rate", first, second, june(15), asset="p") == (1, 11, 2)
