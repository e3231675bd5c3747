"""Ticks, by hand; Berlin goes from +02:00 to +01:00 on 25 October 2026 and back on 28 March 2027."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tierline.demo.chance import day_bounds, local
from tierline.demo.clock import following_tick, period, ticks

CHANGES = (date(2026, 10, 25), date(2027, 3, 28))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "day", "expected"),
    [
        ("30 4 * * *", date(2026, 11, 20), ["2026-11-20T03:30"]),
        ("30 4 * * *", date(2026, 7, 1), ["2026-07-01T02:30"]),
        ("30 2 * * *", date(2027, 3, 28), ["2027-03-28T01:00"]),  # 02:30 is skipped: the next real instant
        ("30 2 * * *", date(2026, 10, 25), ["2026-10-25T00:30"]),  # 02:30 comes twice: the first
        ("5 3 * * 1-5", date(2026, 11, 21), []),  # a Saturday
        ("5 3 * * 6", date(2026, 11, 21), ["2026-11-21T02:05"]),
        ("5 3 * * 0", date(2026, 11, 22), ["2026-11-22T02:05"]),
        ("10 */12 * * *", date(2026, 11, 20), ["2026-11-19T23:10", "2026-11-20T11:10"]),
    ],
)
def test_ticks_of_a_day(cron: str, day: date, expected: list[str]) -> None:
    assert list(ticks(cron, day)) == [utc(text) for text in expected]


@pytest.mark.parametrize(
    ("cron", "day", "count"),
    [
        ("7 * * * *", date(2026, 10, 25), 25), ("7 * * * *", date(2027, 3, 28), 23),
        ("*/15 * * * *", date(2026, 10, 25), 100), ("0 */4 * * *", date(2026, 10, 25), 6),
    ],
)  # fmt: skip
def test_every_real_hour_has_its_tick(cron: str, day: date, count: int) -> None:
    assert len(set(ticks(cron, day))) == count


def test_the_next_tick_of_a_weekly_schedule() -> None:
    assert following_tick("0 6 * * 1", utc("2026-11-16T05:00")) == utc("2026-11-23T05:00")


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/15 * * * *", timedelta(minutes=15)), ("3 * * * *", timedelta(hours=1)), ("3 */4 * * *", timedelta(hours=4)),
        ("3 4 * * 1-5", timedelta(days=1)), ("3 4 * * 2", timedelta(days=7)),
    ],
)  # fmt: skip
def test_how_much_a_run_covers(cron: str, expected: timedelta) -> None:
    assert period(cron) == expected


def test_days_of_23_and_25_hours() -> None:
    hours = [(end - start) / timedelta(hours=1) for start, end in map(day_bounds, CHANGES)]
    assert hours == [25, 23]
    assert local(date(2026, 11, 1)) == utc("2026-10-31T23:00")
