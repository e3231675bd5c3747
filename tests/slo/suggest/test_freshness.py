"""How fresh a dataset could be promised to be, by landings written down by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.facts import Asset, DatasetUpdate
from slo.platform import Platform
from slo.store import Store
from slo.suggest import Given, shelf
from slo.view import View

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = date(2026, 10, 5)
"""A Monday."""


def landed(moments: Iterable[datetime], through: Any = None, asset: str = "t", **more: Any) -> list[DatasetUpdate]:
    return [
        DatasetUpdate(source="wh", id=f"{asset}/{at.isoformat()}", asset=asset, at=at, **more,
                      data_through=None if through is None else through(at)) for at in moments
    ]  # fmt: skip


def daily(
    days: int, clock: Any = lambda number: time(6, 10), skip: Any = lambda day: False, zone: str = "UTC"
) -> list[datetime]:
    dates = [FIRST + number * DAY for number in range(days)]
    return [datetime.combine(day, clock(n), ZoneInfo(zone)) for n, day in enumerate(dates) if not skip(day)]


def proposed(
    store: Store, updates: list[DatasetUpdate], platform: Platform | None = None, **told: Any
) -> list[dict[str, Any]]:
    table = Asset(source="wh", id="t", asset="t", kind="dataset", valid_from=NOON - 100 * DAY, **told)
    store.upsert([table, *updates])
    return shelf()["freshness"].rows(Given(View(store, platform or Platform(), NOON)))


def fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("max_age", "deadline", "days", "objective") if row[name] is not None}


def test_a_daily_landing_gives_a_deadline(store: Store) -> None:
    """Forty days, 06:10; on the first two only at 09:50 and 09:40. The 95th percentile of 40 values lies at rank 37.05
    of 0 to 39: 06:10 + 0.05 x (09:40 - 06:10) = 06:20:30, so by 06:30; 38 of 40 are 95 %."""
    (row,) = proposed(store, landed(daily(40, lambda n: time(9, 50 - 10 * n) if n < 2 else time(6, 10))))
    assert fields(row) == {"deadline": "06:30", "days": "daily", "objective": 0.95}
    assert row["reason"] == "It landed by 06:30 on 38 of 40 days; 95 % of its landings by 06:20."
    assert (row["asset"], row["evidence"], row["current"]) == ("t", 40, None)
    assert list(row) == list(shelf()["freshness"].columns)


def test_free_weekends_and_holidays_give_business_days_in_the_platforms_zone(store: Store) -> None:
    """28 days from a Monday on are 20 business days, one of them off: in Berlin, across the end of summer time."""
    off = date(2026, 10, 14)
    moments = daily(28, skip=lambda day: day.weekday() >= 5 or day == off, zone="Europe/Berlin")
    platform = Platform(timezone=ZoneInfo("Europe/Berlin"), holidays=frozenset({off}))
    (row,) = proposed(store, landed(moments), platform)
    assert fields(row) == {"deadline": "06:15", "days": "business", "objective": 0.99}
    assert row["reason"] == "It landed by 06:15 on 19 of 19 business days; 95 % of its landings by 06:10."


def test_a_deadline_is_only_proposed_where_the_data_reaches_the_day(store: Store) -> None:
    """Landing at 06:10 with data through 22:00 of the day before can keep no deadline: its age just before the next
    landing is 32 h 10 min; over a day it is rounded to half days, so at most 36 hours, kept all the time."""
    (row,) = proposed(store, landed(daily(20), through=lambda at: at - 8 * HOUR - timedelta(minutes=10)))
    assert fields(row) == {"max_age": "36h", "objective": 0.99}
    assert row["reason"] == (
        "In 95 % of 19 gaps its data grew no older than 32.2h; it was no older than 36h for 100.0 % of the time."
    )


def test_any_other_rhythm_gives_the_age_that_most_gaps_stay_under(store: Store) -> None:
    """Twenty gaps: nineteen of 2 h, one of 12 h. p95 of 20 values at rank 18.05: 2 h + 0.05 x 10 h = 2.5 h, so 3 h.
    Stale are 9 of 50 hours: fresh for 82 %, which keeps no usual objective."""
    ends = [n * 2 * HOUR for n in range(20)]
    moments = [NOON - 4 * DAY + gap for gap in (*ends, 38 * HOUR + 12 * HOUR)]
    (row,) = proposed(store, landed(moments))
    assert fields(row) == {"max_age": "3h"}
    assert row["reason"] == (
        "In 95 % of 20 gaps its data grew no older than 2.5h; it was no older than 3h for 82.0 % of the time."
    )
    assert row["evidence"] == 20


@pytest.mark.parametrize(
    ("minutes", "written"), [(7, "10m"), (55, "55m"), (61, "2h"), (23 * 60, "23h"), (25 * 60, "36h"), (50 * 60, "60h")]
)
def test_ages_are_rounded_up_to_what_people_say(store: Store, minutes: int, written: str) -> None:
    moments = [NOON - (n + 1) * timedelta(minutes=minutes) for n in range(12)]
    (row,) = proposed(store, landed(moments, through=lambda at: at))
    assert row["max_age"] == written


def test_what_is_promised_already_or_too_little_seen_is_left_alone(store: Store) -> None:
    few = landed(NOON - n * HOUR for n in range(10))
    assert proposed(store, few) == [], "ten landings are nine gaps"
    backfills = landed((NOON - (20 + n) * HOUR for n in range(30)), backfill=True)
    assert proposed(store, backfills) == []
    old = landed(NOON - 91 * DAY - n * HOUR for n in range(30))
    assert proposed(store, old) == []
    assert len(proposed(store, landed(NOON - (10 + n) * HOUR for n in range(5)))) == 1
    assert proposed(store, [], freshness={"max_age_seconds": 60}) == []
