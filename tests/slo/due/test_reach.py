"""Facts that come late: what they decide is worked out anew, however far ahead it lies. Each is told in two lots with a
look between, and gives what the same facts give at once, and what a hand gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import Fact
from slo.marks import update_marks
from slo.platform import Platform
from slo.store import ChangeRow, Store
from slo.targets import load_targets
from slo.view import View
from tests.slo.tellings import fact

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
        return found[0]  # type: ignore[no-any-return]

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
