import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.calendars import (
    at_local,
    business_after,
    business_days,
    business_seconds,
    day_of,
    day_span,
    day_start,
    is_business_day,
    load_holidays,
    occurrences,
    support_seconds,
)
from slo.errors import ConfigError
from slo.platform import SupportHours

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
KOLKATA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")
HERE = ZoneInfo(os.environ.get("TIERLINE_TEST_ZONE", "UTC"))
NONE = frozenset()


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def naive(*parts):
    return datetime(*parts)  # noqa: DTZ001 - a local time, or hypothesis' bound


def local(zone, *parts):
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        (UTC_ZONE, date(2026, 3, 29), utc(2026, 3, 29, 0), 24),
        (BERLIN, date(2026, 3, 28), utc(2026, 3, 27, 23), 24),
        (BERLIN, date(2026, 3, 29), utc(2026, 3, 28, 23), 23),
        (BERLIN, date(2026, 10, 25), utc(2026, 10, 24, 22), 25),
        (KOLKATA, date(2026, 3, 29), utc(2026, 3, 28, 18, 30), 24),
        (NEW_YORK, date(2026, 3, 8), utc(2026, 3, 8, 5), 23),
        (NEW_YORK, date(2026, 11, 1), utc(2026, 11, 1, 4), 25),
    ],
)
def test_local_days_by_hand(zone, day, start, hours):
    first, end = day_span(day, zone)
    assert first == start == day_start(day, zone)
    assert end - first == timedelta(hours=hours)
    assert day_of(first, zone) == day_of(end - timedelta(seconds=1), zone) == day
    assert day_of(end, zone) == day + timedelta(days=1)


def test_a_day_whose_midnight_is_skipped_starts_with_its_first_instant():
    beirut = ZoneInfo("Asia/Beirut")  # 2026-03-29: 00:00 EET jumps to 01:00 EEST
    assert day_start(date(2026, 3, 29), beirut) == utc(2026, 3, 28, 22)
    assert day_of(utc(2026, 3, 28, 22), beirut) == date(2026, 3, 29)


def test_local_times_in_gap_and_overlap():
    assert occurrences(naive(2026, 3, 29, 2, 30), BERLIN) == []
    assert at_local(naive(2026, 3, 29, 2, 30), BERLIN) == utc(2026, 3, 29, 1)
    assert occurrences(naive(2026, 10, 25, 2, 30), BERLIN) == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)]
    assert at_local(naive(2026, 10, 25, 2, 30), BERLIN) == utc(2026, 10, 25, 0, 30)
    assert at_local(naive(2026, 3, 8, 2), NEW_YORK) == utc(2026, 3, 8, 7)


def test_friday_afternoon_to_monday_morning_is_three_quarters_of_a_day():
    assert business_days(utc(2026, 4, 10, 16), utc(2026, 4, 13, 10), UTC_ZONE) == 0.75
    # Over the weekend of the change of clocks too: 8 hours of Friday and 10 of Monday.
    assert business_days(local(BERLIN, 2026, 3, 27, 16), local(BERLIN, 2026, 3, 30, 10), BERLIN) == 0.75
    assert business_days(local(NEW_YORK, 2026, 10, 30, 16), local(NEW_YORK, 2026, 11, 2, 10), NEW_YORK) == 0.75
    assert business_days(local(KOLKATA, 2026, 3, 27, 16), local(KOLKATA, 2026, 3, 30, 10), KOLKATA) == 0.75


def test_the_zone_decides_where_the_weekend_begins():
    friday, monday = utc(2026, 4, 10, 16), utc(2026, 4, 13, 10)
    assert business_seconds(friday, monday, KOLKATA) == (2.5 + 15.5) * 3600  # 21:30 to midnight, midnight to 15:30
    assert business_seconds(friday, monday, NEW_YORK) == (12 + 6) * 3600


def test_holidays_are_cut_out_and_weekend_holidays_only_once():
    easter = frozenset({date(2026, 4, 3), date(2026, 4, 5), date(2026, 4, 6)})
    assert business_days(utc(2026, 4, 2, 12), utc(2026, 4, 7, 12), UTC_ZONE, easter) == 1.0
    assert not is_business_day(date(2026, 4, 6), easter)
    assert is_business_day(date(2026, 4, 6))
    assert not is_business_day(date(2026, 4, 4))


def test_years_are_whole_weeks_of_five_days():
    start, end = utc(2021, 1, 4), utc(2026, 1, 5)  # 261 weeks
    assert business_days(start, end, UTC_ZONE) == 261 * 5
    assert business_days(local(BERLIN, 2021, 1, 4), local(BERLIN, 2026, 1, 5), BERLIN) == 261 * 5
    assert business_days(end, start, UTC_ZONE) == -261 * 5


def test_support_hours_by_hand():
    nine_to_five = SupportHours()
    assert support_seconds(utc(2026, 4, 10, 16), utc(2026, 4, 13, 10), UTC_ZONE, nine_to_five, NONE) == 2 * 3600
    assert support_seconds(utc(2026, 4, 10, 17), utc(2026, 4, 13, 9), UTC_ZONE, nine_to_five, NONE) == 0
    assert (
        support_seconds(utc(2026, 4, 6, 0), utc(2026, 4, 7, 0), UTC_ZONE, nine_to_five, frozenset({date(2026, 4, 6)}))
        == 0
    )
    # Berlin's Friday before and Monday after the change: 09:00 local is 08:00 UTC, then 07:00 UTC.
    assert support_seconds(utc(2026, 3, 27, 15), utc(2026, 3, 30, 8), BERLIN, nine_to_five, NONE) == 2 * 3600


def test_round_the_clock_and_night_shifts():
    weekend_nights = SupportHours(weekdays=(5,), start=time(22), end=time(6))
    # The night of Berlin's change from Saturday 22:00 to Sunday 06:00 is 7 hours long in spring, 9 in autumn.
    assert support_seconds(utc(2026, 3, 28), utc(2026, 3, 30), BERLIN, weekend_nights, NONE) == 7 * 3600
    assert support_seconds(utc(2026, 10, 24), utc(2026, 10, 26), BERLIN, weekend_nights, NONE) == 9 * 3600
    always = SupportHours(weekdays=tuple(range(7)), start=time(0), end=time(0))
    assert support_seconds(utc(2026, 3, 1), utc(2026, 4, 1), BERLIN, always, NONE) == 31 * 86_400


def test_known_countries_and_a_clear_error_for_others():
    days = load_holidays("DE", "BE", [2026])
    assert date(2026, 3, 8) in days and date(2026, 12, 25) in days
    assert date(2026, 3, 8) not in load_holidays("DE", None, [2026])
    assert load_holidays(None, None, [2026]) == frozenset()
    with pytest.raises(ConfigError, match=r"holidays: XX is not known; write an ISO 3166 code"):
        load_holidays("XX", None, [2026])
    with pytest.raises(ConfigError, match="DE, subdivision NOPE"):
        load_holidays("DE", "NOPE", [2026])


moments = st.datetimes(naive(2025, 12, 1), naive(2027, 1, 31), timezones=st.just(UTC))


@pytest.mark.zone
@given(st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_splitting_a_span_conserves_its_seconds(three):
    start, middle, end = three
    holidays = frozenset({date(2026, 5, 1), date(2026, 12, 25)})
    for work in (
        lambda one, other: business_seconds(one, other, HERE, holidays),
        lambda one, other: support_seconds(one, other, HERE, SupportHours(), holidays),
    ):
        assert work(start, middle) + work(middle, end) == pytest.approx(work(start, end), abs=1e-3)
        assert 0 <= work(start, end) <= (end - start).total_seconds() + 1e-3


@pytest.mark.zone
@given(moments)
def test_an_instant_lies_in_its_own_day(moment):
    start, end = day_span(day_of(moment, HERE), HERE)
    assert start <= moment < end


@pytest.mark.zone
def test_a_week_has_five_business_days_in_any_zone():
    for monday in (date(2026, 3, 23), date(2026, 3, 30), date(2026, 10, 19), date(2026, 10, 26)):
        start, end = day_start(monday, HERE), day_start(monday + timedelta(days=7), HERE)
        assert business_days(start, end, HERE) == 5
        assert support_seconds(start, end, HERE, SupportHours(), NONE) == 40 * 3600


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-10-05T06:00", 12, "2026-10-05T18:00"),  # a Monday
        ("2026-10-09T18:00", 12, "2026-10-12T06:00"),  # Friday evening to Monday morning
        ("2026-10-09T12:00", 12, "2026-10-12T00:00"),  # runs out as the weekend begins: exceeded once it ends
        ("2026-10-10T09:00", 1, "2026-10-12T01:00"),  # begins on a Saturday
        ("2026-10-05T00:00", 0, "2026-10-05T00:00"),
        ("2026-10-05T00:00", 1_000_000, "2026-11-01T00:00"),  # the limit
        ("2026-10-13T12:00", 24, "2026-10-15T12:00"),  # Wednesday the 14th is a holiday
    ],
)
def test_when_more_than_so_many_business_hours_have_gone_by(start: str, hours: int, expected: str) -> None:
    at, due, limit = (datetime.fromisoformat(f"{one}:00+00:00") for one in (start, expected, "2026-11-01T00:00"))
    holidays = frozenset({date(2026, 10, 14)})
    assert business_after(at, hours * 3600, limit, ZoneInfo("UTC"), holidays) == due
