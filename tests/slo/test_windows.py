import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.calendars import day_of, day_start
from slo.errors import ConfigError
from slo.windows import (
    calendar_window,
    counted_end,
    elapsed_days,
    is_provisional_by_clock,
    months,
    parse_window,
    previous,
    weeks,
    year_before,
)

UTC_ZONE, BERLIN, KOLKATA = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
HERE = ZoneInfo(os.environ.get("TIERLINE_TEST_ZONE", "UTC"))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def naive(*parts):
    return datetime(*parts)  # noqa: DTZ001 - hypothesis takes naive bounds


NOON = utc(2026, 4, 9, 12)


def window(name, as_of=NOON, zone=UTC_ZONE):
    return parse_window(name, as_of, zone)


@pytest.mark.parametrize(
    ("name", "first", "last", "kind"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "Y"),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30), "H"),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31), "H"),
        ("2026-Q2", date(2026, 4, 1), date(2026, 6, 30), "Q"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "Q"),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28), "M"),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), "M"),
        ("2026-W15", date(2026, 4, 6), date(2026, 4, 12), "W"),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4), "W"),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), "W"),
        ("2026-04-09", date(2026, 4, 9), date(2026, 4, 9), "D"),
    ],
)
def test_calendar_windows(name, first, last, kind):
    found = window(name)
    assert (found.name, found.first_day, found.last_day, found.kind) == (name, first, last, kind)
    assert (found.start, found.end) == (utc(*first.timetuple()[:3]), utc(*last.timetuple()[:3]) + timedelta(days=1))
    assert not found.rolling


def test_a_rolling_window_ends_with_the_day_of_as_of():
    week = window("7d")
    assert (week.start, week.end, week.rolling, week.days) == (utc(2026, 4, 3), utc(2026, 4, 10), True, 7)
    assert counted_end(week, NOON) == NOON


def test_at_local_midnight_it_ends_with_the_day_that_has_just_ended():
    assert window("1d", utc(2026, 4, 9)).first_day == date(2026, 4, 8)
    assert window("1d", utc(2026, 4, 9, 0, 0, 1)).first_day == date(2026, 4, 9)
    assert window("1d", utc(2026, 4, 8, 22), BERLIN).last_day == date(2026, 4, 8)  # midnight in Berlin, in summer
    assert window("1d", utc(2026, 4, 8, 18, 30), KOLKATA).last_day == date(2026, 4, 8)
    assert window("1d", utc(2026, 4, 9), KOLKATA).last_day == date(2026, 4, 9)  # 05:30 there


def test_rolling_windows_over_a_change_of_clocks_are_whole_local_days():
    week = window("7d", utc(2026, 3, 30, 12), BERLIN)
    assert (week.start, week.end) == (utc(2026, 3, 23, 23), utc(2026, 3, 30, 22))
    assert week.end - week.start == timedelta(days=7, hours=-1)


@pytest.mark.parametrize(
    ("name", "before", "a_year_before"),
    [
        ("2026", "2025", "2025"),
        ("2026-H1", "2025-H2", "2025-H1"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026-03", "2026-02", "2025-03"),
        ("2026-01", "2025-12", "2025-01"),
        ("2026-W15", "2026-W14", "2025-W15"),
        ("2026-W01", "2025-W52", "2025-W01"),
        ("2026-W53", "2026-W52", "2025-W52"),
        ("2027-W01", "2026-W53", "2026-W01"),
        ("2026-04-09", "2026-04-08", "2025-04-09"),
        ("2028-02-29", "2028-02-28", "2027-02-28"),
    ],
)
def test_the_window_before_and_the_year_before(name, before, a_year_before):
    assert previous(window(name)) == window(before)
    assert year_before(window(name)) == window(a_year_before)
    assert previous(window(name)).end == window(name).start


def test_rolling_windows_before():
    month = window("28d")
    assert (previous(month).first_day, previous(month).last_day) == (date(2026, 2, 13), date(2026, 3, 12))
    assert previous(month).end == month.start
    assert year_before(month).last_day == date(2025, 4, 10)
    assert (year_before(month).days, year_before(month).name, year_before(month).rolling) == (28, "28d", True)


@pytest.mark.parametrize(
    "name",
    ["", "7", "0d", "-3d", "7 d", "9999d", "2026-13", "2026-00", "2026-W54", "2025-W53", "2026-W00", "2026-Q5",
     "2026-H3", "2026-02-30", "26-04", "last month", "0000", "2026-4", "٧d"],
)  # fmt: skip
def test_a_bad_name_is_answered_with_examples(name):
    with pytest.raises(ConfigError) as error:
        window(name)
    assert str(error.value) == (
        f"window: {name!r} is not a window; write one of 7d, 28d, 2026, 2026-H1, 2026-Q2, 2026-04, 2026-W15, 2026-04-09"
    )


def test_names_are_read_in_either_case():
    assert window("2026-q2") == window("2026-Q2")
    assert window(" 7D ").name == "7d"


def test_the_longest_named_day_is_refused_not_overflowed():
    with pytest.raises(ConfigError):
        window("9999")


def test_calendar_windows_are_provisional_until_they_end_and_rolling_ones_never():
    april = window("2026-04")
    assert is_provisional_by_clock(april, NOON)
    assert not is_provisional_by_clock(april, utc(2026, 5, 1))
    assert not is_provisional_by_clock(window("7d"), NOON)


def test_the_elapsed_part_in_days_weeks_and_months():
    assert elapsed_days(window("2026-04"), NOON) == 8.5
    assert elapsed_days(window("2026-04"), utc(2026, 6, 1)) == 30
    assert elapsed_days(window("2026-05"), NOON) == 0
    assert elapsed_days(window("7d"), NOON) == 6.5
    assert weeks(window("2026-W14"), NOON) == 1
    assert months(window("2026-04"), utc(2026, 6, 1)) == 1
    assert months(window("2026-Q1"), NOON) == 3


def test_a_week_with_a_change_of_clocks_is_one_week():
    assert weeks(window("2026-W13", NOON, BERLIN), NOON) == 1
    # Noon in Berlin's summer on the day that lost its second hour: 11 of 23 hours have passed.
    assert elapsed_days(window("2026-03-29", NOON, BERLIN), utc(2026, 3, 29, 10)) == pytest.approx(11 / 23)


moments = st.datetimes(naive(2025, 12, 1), naive(2027, 1, 31), timezones=st.just(UTC))


@pytest.mark.zone
@given(moments, st.integers(1, 400))
def test_rolling_windows_are_whole_days_that_hold_as_of(moment, days):
    found = parse_window(f"{days}d", moment, HERE)
    assert found.start < moment <= found.end
    assert found.start == day_start(found.first_day, HERE)
    assert found.days == days
    assert previous(found).end == found.start
    assert days - 1 < elapsed_days(found, moment) <= days


@pytest.mark.zone
@given(moments, st.sampled_from("YHQMWD"))
def test_calendar_windows_tile_the_time_line(moment, kind):
    found = calendar_window(kind, day_of(moment, HERE), HERE)
    assert found.start <= moment < found.end
    assert previous(found).end == found.start
    assert parse_window(found.name, moment, HERE) == found
