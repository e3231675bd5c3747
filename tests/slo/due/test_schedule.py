import os
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slo.calendars import day_of, occurrences
from slo.due.schedule import deadlines, gives_slots, period, ticks

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
HERE = os.environ.get("TIERLINE_TEST_ZONE", "UTC")
NONE = frozenset()


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def naive(*parts):
    return datetime(*parts)  # noqa: DTZ001 - hypothesis takes naive bounds


moments = st.datetimes(naive(2026, 1, 1), naive(2026, 12, 1), timezones=st.just(UTC))


def slots(schedule, zone, start, end, valid_from=None):
    return list(ticks(schedule, zone, start, end, valid_from))


def on(day, schedule, zone="Europe/Berlin"):
    """The ticks of one local day, as UTC texts."""
    tz = ZoneInfo(zone)
    start = datetime.combine(day, time(), tz).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), tz).astimezone(UTC)
    return [tick.strftime("%H:%M") for tick in slots(schedule, zone, start, end)]


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_cron_is_read_in_its_own_zone():
    assert slots("0 7 * * 1-5", "Europe/Berlin", utc(2026, 3, 27), utc(2026, 3, 31)) == [
        utc(2026, 3, 27, 6), utc(2026, 3, 30, 5),
    ]  # fmt: skip
    assert on(date(2026, 3, 29), "15 6 * * *", "Asia/Kolkata") == ["00:45"]


def test_the_start_is_in_and_the_end_is_out():
    assert slots("@hourly", "UTC", utc(2026, 4, 1, 3), utc(2026, 4, 1, 5)) == [utc(2026, 4, 1, 3), utc(2026, 4, 1, 4)]
    assert slots("@hourly", "UTC", utc(2026, 4, 1, 5), utc(2026, 4, 1, 5)) == []


def test_a_skipped_local_time_moves_to_the_next_real_instant():
    assert on(SPRING, "30 2 * * *") == ["01:00"]
    assert on(SPRING, "0 2,3 * * *") == ["01:00"]  # 02:00 becomes 03:00, which ticks anyway: one slot
    assert on(SPRING, "*/20 2 * * *") == ["01:00"]
    assert on(SPRING, "0 */2 * * *") == [
        "23:00", "01:00", "02:00", "04:00", "06:00", "08:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00",
    ]  # fmt: skip
    assert on(date(2026, 3, 8), "30 2 * * *", "America/New_York") == ["07:00"]


def test_a_doubled_local_time_counts_the_first_time():
    assert on(AUTUMN, "30 2 * * *") == ["00:30"]
    assert on(AUTUMN, "*/30 2 * * *") == ["00:00", "00:30"]
    assert on(AUTUMN, "0 */2 * * *")[:3] == ["22:00", "00:00", "03:00"]
    assert on(date(2026, 11, 1), "30 1 * * *", "America/New_York") == ["05:30"]


def test_where_the_hour_is_a_star_the_schedule_means_real_hours():
    assert len(on(SPRING, "0 * * * *")) == 23
    assert len(on(AUTUMN, "0 * * * *")) == 25
    assert len(on(SPRING, "*/15 * * * *")) == 92
    assert len(on(AUTUMN, "*/15 * * * *")) == 100
    assert on(SPRING, "30 * * * *")[:4] == ["23:30", "00:30", "01:30", "02:30"]  # nothing at the jump itself
    assert on(AUTUMN, "30 * * * *")[:5] == ["22:30", "23:30", "00:30", "01:30", "02:30"]
    assert on(AUTUMN, "0 */1 * * *") == on(AUTUMN, "0 0-23 * * *") == on(AUTUMN, "0 * * * *")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@daily", [utc(2026, 1, day) for day in range(1, 8)]),
        ("@midnight", [utc(2026, 1, day) for day in range(1, 8)]),
        ("@weekly", [utc(2026, 1, 4)]),
        ("@monthly", [utc(2026, 1, 1)]),
        ("@yearly", [utc(2026, 1, 1)]),
        ("@annually", [utc(2026, 1, 1)]),
    ],
)
def test_named_schedules(name, expected):
    assert slots(name, "UTC", utc(2026, 1, 1), utc(2026, 1, 8)) == expected


def test_periods_count_from_valid_from():
    start = utc(2026, 4, 1, 0, 10)
    assert slots("@every 90m", "UTC", utc(2026, 4, 1), utc(2026, 4, 1, 5), start) == [
        utc(2026, 4, 1, 1, 40), utc(2026, 4, 1, 3, 10), utc(2026, 4, 1, 4, 40),
    ]  # fmt: skip
    assert slots("@every 90m", "UTC", utc(2026, 4, 1, 3, 10), utc(2026, 4, 1, 4, 40), start) == [utc(2026, 4, 1, 3, 10)]
    assert slots("@every 90m", "UTC", utc(2026, 4, 1), utc(2026, 4, 2), None) == []
    # Real time, whatever the clocks do.
    assert len(slots("@every 1h", "Europe/Berlin", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22), utc(2026, 3, 1))) == 23


def test_the_writings_of_a_period():
    assert period("@every 1h30m") == timedelta(minutes=90)
    assert period("@every 1.5h") == period("@EVERY 90m") == timedelta(minutes=90)
    assert period("@every 1d") == timedelta(days=1)
    assert period("@every 0s") is period("@every") is period("@every -5m") is period("90m") is None


NOT_SCHEDULES = [
    None, "", "   ", "None", "null", "@once", "@continuous", "@every", "@every never", "Dataset", "Asset triggered",
    "DeltaDataIntervalTimetable", "1 day, 0:00:00", "0 0 * *", "0 0 0 * * *", "61 0 * * *", "0 25 * * *", "a b c d e",
    "0 0 30 2 *", "*/0 * * * *", "0 0 * * 8", "٣ 0 * * *",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_SCHEDULES)
def test_any_other_schedule_gives_no_slots(text):
    assert slots(text, "Europe/Berlin", utc(2026, 1, 1), utc(2027, 1, 1), utc(2026, 1, 1)) == []
    assert not gives_slots(text)


def test_an_unknown_zone_gives_no_slots_and_no_zone_is_utc():
    assert slots("@daily", "Mars/Olympus", utc(2026, 1, 1), utc(2026, 1, 3)) == []
    assert slots("@daily", "../../etc/passwd", utc(2026, 1, 1), utc(2026, 1, 3)) == []
    assert slots("@daily", None, utc(2026, 1, 1), utc(2026, 1, 3)) == [utc(2026, 1, 1), utc(2026, 1, 2)]
    assert slots("@daily", BERLIN, utc(2026, 1, 1), utc(2026, 1, 2)) == [utc(2026, 1, 1, 23)]


@given(st.text(max_size=30) | st.from_regex(r"([0-9*/,-]{1,5} ){4}[0-9*/,#L-]{1,5}", fullmatch=True))
def test_odd_text_never_raises(text):
    for tick in ticks(text, "Europe/Berlin", utc(2026, 3, 28), utc(2026, 3, 30), utc(2026, 3, 1)):
        assert tick >= utc(2026, 3, 28)
        break


MINUTES = {"0": {0}, "*/15": {0, 15, 30, 45}, "5,35": {5, 35}}
HOURS = {
    "*": set(range(24)), "0-23": set(range(24)), "*/2": set(range(0, 24, 2)),
    "2": {2}, "1-3": {1, 2, 3}, "0": {0}, "23": {23},
}  # fmt: skip
WEEKDAYS = {"*": set(range(7)), "0": {6}, "6,0": {5, 6}, "1-5": {0, 1, 2, 3, 4}}


def scanned(minute, hour, weekday, zone, start, end):
    """The rules in plain words: walk every real minute, with the local clock that has been shown so far."""
    found = set()
    now = start - timedelta(days=1)
    clock = now.astimezone(zone).replace(tzinfo=None)
    while now < end:
        local = now.astimezone(zone).replace(tzinfo=None)
        while clock <= local:  # local times up to now, skipped ones included
            fits = clock.minute in MINUTES[minute] and clock.hour in HOURS[hour]
            if fits and clock.weekday() in WEEKDAYS[weekday] and not (len(HOURS[hour]) == 24 and clock != local):
                found.add(now)
            clock += timedelta(minutes=1)
        again = clock != local + timedelta(minutes=1)
        fits = local.minute in MINUTES[minute] and local.weekday() in WEEKDAYS[weekday]
        if again and fits and len(HOURS[hour]) == 24:
            found.add(now)
        now += timedelta(minutes=1)
    return sorted(tick for tick in found if start <= tick < end)


@pytest.mark.zone
@pytest.mark.parametrize("around", [utc(2026, 3, 29), utc(2026, 10, 25), utc(2026, 3, 8), utc(2026, 11, 1)])
@pytest.mark.parametrize(
    "zone", sorted({"America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Europe/Berlin", HERE})
)
def test_ticks_agree_with_a_scan_of_every_minute(zone, around):
    start, end = around - timedelta(hours=30), around + timedelta(hours=30)
    for minute in MINUTES:
        for hour in HOURS:
            expected = scanned(minute, hour, "6,0", ZoneInfo(zone), start, end)
            assert slots(f"{minute} {hour} * * 6,0", zone, start, end) == expected, (minute, hour)


@pytest.mark.zone
@given(
    st.sampled_from(sorted(MINUTES)), st.sampled_from(sorted(HOURS)), st.sampled_from(sorted(WEEKDAYS)),
    moments, st.integers(0, 20_000), st.integers(0, 20_000),
)  # fmt: skip
@example("0", "*", "*", utc(2026, 3, 28, 12), 600, 1200)
def test_splitting_a_window_splits_its_ticks(minute, hour, weekday, start, one, other):
    middle, end = start + timedelta(minutes=one), start + timedelta(minutes=one + other)
    cron = f"{minute} {hour} * * {weekday}"
    whole = slots(cron, HERE, start, end)
    assert slots(cron, HERE, start, middle) + slots(cron, HERE, middle, end) == whole
    assert all(before < after for before, after in pairwise(whole))
    for tick in whole:
        shown = tick.astimezone(ZoneInfo(HERE)).replace(tzinfo=None)
        assert tick in occurrences(shown, ZoneInfo(HERE))


BUSINESS = {"deadline": "07:00", "tz": "Europe/Berlin", "days": "business"}


def test_business_deliveries_over_the_change_of_clocks_and_a_holiday():
    found = list(deadlines(BUSINESS, UTC_ZONE, frozenset({date(2026, 3, 31)}), utc(2026, 3, 27), utc(2026, 4, 2)))
    assert [(delivery.day, delivery.midnight, delivery.deadline) for delivery in found] == [
        (date(2026, 3, 27), utc(2026, 3, 26, 23), utc(2026, 3, 27, 6)),
        (date(2026, 3, 30), utc(2026, 3, 29, 22), utc(2026, 3, 30, 5)),
        (date(2026, 4, 1), utc(2026, 3, 31, 22), utc(2026, 4, 1, 5)),
    ]


def test_daily_is_the_default_and_the_platforms_zone_too():
    found = [
        delivery.deadline
        for delivery in deadlines({"deadline": "7:30"}, BERLIN, NONE, utc(2026, 3, 28), utc(2026, 3, 30))
    ]
    assert found == [utc(2026, 3, 28, 6, 30), utc(2026, 3, 29, 5, 30)]


def test_a_deadline_in_the_gap_is_the_next_real_instant():
    found = list(
        deadlines({"deadline": "02:30", "tz": "Europe/Berlin"}, UTC_ZONE, NONE, utc(2026, 3, 29), utc(2026, 3, 30))
    )
    assert [delivery.deadline for delivery in found] == [utc(2026, 3, 29, 1)]


def test_delivery_days_of_a_cron():
    rule = {"deadline": "07:00", "tz": "Europe/Berlin", "cron": "0 0 * * 1,3"}
    found = [
        delivery.day
        for delivery in deadlines(rule, UTC_ZONE, frozenset({date(2026, 4, 6)}), utc(2026, 4, 5), utc(2026, 4, 12))
    ]
    assert found == [date(2026, 4, 6), date(2026, 4, 8)]  # a cron knows no holidays


def test_without_a_deadline_the_first_tick_of_the_day_is_it():
    found = list(deadlines({"cron": "30 6,18 * * *"}, UTC_ZONE, NONE, utc(2026, 4, 1), utc(2026, 4, 3)))
    assert [delivery.deadline for delivery in found] == [utc(2026, 4, 1, 6, 30), utc(2026, 4, 2, 6, 30)]


def test_deadlines_are_half_open():
    edges = deadlines({"deadline": "07:00"}, UTC_ZONE, NONE, utc(2026, 4, 1, 7), utc(2026, 4, 2, 7))
    assert [delivery.day for delivery in edges] == [date(2026, 4, 1)]


@pytest.mark.parametrize(
    "rule",
    [None, {}, {"max_age_seconds": 60}, {"deadline": "25:00"}, {"deadline": 7}, {"deadline": "07:00", "tz": "Nowhere"},
     {"deadline": "07:00", "cron": "nonsense"}, {"deadline": "07:00", "days": "moonlit"},
     {"deadline": "x", "cron": "0 0 * * *"},
     {"deadline": "07:00", "tz": ["UTC"]}, {"deadline": "07:00", "cron": {}, "days": []}],
)  # fmt: skip
def test_a_rule_that_cannot_be_read_expects_nothing(rule):
    assert list(deadlines(rule, UTC_ZONE, NONE, utc(2026, 4, 1), utc(2026, 4, 9))) == []


@pytest.mark.zone
@given(moments)
def test_a_daily_deadline_comes_once_a_local_day(start):
    zone = ZoneInfo(HERE)
    found = list(deadlines({"deadline": "02:30"}, zone, NONE, start, start + timedelta(days=30)))
    assert [delivery.day for delivery in found] == [
        found[0].day + timedelta(days=number) for number in range(len(found))
    ]
    assert len(found) in (29, 30, 31)
    assert all(day_of(delivery.deadline, zone) == delivery.day for delivery in found)
