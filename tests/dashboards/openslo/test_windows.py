"""timeWindow and the word of a target."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from dashboards.openslo import windows
from dashboards.openslo.documents import Part
from dashboards.openslo.losses import Refused


def taken(window: dict[str, Any] | None, zone: str = "Europe/Berlin") -> tuple[str, list[str]]:
    """The word, and the paths of what was changed."""
    told: list[str] = []
    spec = Part({"timeWindow": [window]} if window else {}, "spec")
    return windows.taken(spec, zone, lambda path, value, instead: told.append(path)), told


def calendar(duration: str, start: Any, zone: str = "Europe/Berlin") -> dict[str, Any]:
    return {"duration": duration, "isRolling": False, "calendar": {"startTime": start, "timeZone": zone}}


@pytest.mark.parametrize(
    ("duration", "word", "changed"),
    [("30d", "30d", 0), ("4w", "28d", 0), ("48h", "2d", 0), ("1440m", "1d", 0), ("1M", "30d", 1), ("1Q", "90d", 1)],
)
def test_rolling(duration: str, word: str, changed: int) -> None:
    found, told = taken({"duration": duration, "isRolling": True})
    assert (found, len(told)) == (word, changed)


@pytest.mark.parametrize(
    ("duration", "start", "word"),
    [
        ("1d", "2026-03-05 00:00:00", "D"), ("1w", "2026-01-05 00:00:00", "W"), ("7d", "2026-01-05 00:00:00", "W"),
        ("1M", date(2026, 5, 1), "M"), ("1Q", "2026-04-01 00:00:00", "Q"), ("3M", "2026-04-01 00:00:00", "Q"),
        ("6M", "2026-07-01 00:00:00", "H"), ("12M", "2026-01-01 00:00:00", "Y"), ("1Y", "2026-01-01 00:00:00", "Y"),
    ],
)  # fmt: skip
def test_a_calendar_s_own_windows_are_taken_whole(duration: str, start: Any, word: str) -> None:
    assert taken(calendar(duration, start)) == (word, [])


@pytest.mark.parametrize(
    ("duration", "start"),
    [
        ("1w", "2022-01-01 00:00:00"),  # a Saturday
        ("1w", "2026-01-05 12:30:00"), ("1M", "2026-05-15 00:00:00"), ("1Q", "2026-05-01 00:00:00"), ("1d", "soon"),
    ],
)  # fmt: skip
def test_another_start_or_zone_is_told(duration: str, start: str) -> None:
    at = "spec.timeWindow[0].calendar"
    assert taken(calendar(duration, start))[1] == [f"{at}.startTime"]
    assert taken(calendar(duration, start, "America/New_York"))[1] == [f"{at}.startTime", f"{at}.timeZone"]


@pytest.mark.parametrize(
    ("start", "zone", "told"),
    [
        ("2026-01-01T00:00:00+05:00", "Europe/Berlin", 1),  # 20:00 of the day before
        ("2026-01-01T00:00:00+01:00", "Europe/Berlin", 0),
        ("2026-07-01T00:00:00+01:00", "Europe/Berlin", 1),  # summer: 01:00
        ("2025-12-31T23:00:00Z", "Europe/Berlin", 0),
        ("2026-01-01T00:00:00Z", "Etc/UTC", 0),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5))), "Europe/Berlin", 1),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))), "Europe/Berlin", 0),
        ("0001-01-01T00:00:00Z", "America/New_York", 1),  # before any day there is
    ],
)  # fmt: skip
def test_a_start_s_offset_is_taken_at_its_word(start: Any, zone: str, told: int) -> None:
    at = "spec.timeWindow[0].calendar.startTime"
    assert taken(calendar("1M", start, zone), zone) == ("M", [at] * told)


def test_no_window_is_told() -> None:
    assert taken(None) == ("28d", ["spec.timeWindow"])


@pytest.mark.parametrize(
    "window",
    [
        {"duration": "30m", "isRolling": True}, {"duration": "36h", "isRolling": True},
        calendar("1m", "2026-01-01 00:00:00"), calendar("2M", "2026-01-01 00:00:00"),
        {"duration": "30 days", "isRolling": True},
    ],
)  # fmt: skip
def test_what_no_window_of_tierline_is_is_refused(window: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        taken(window)


@pytest.mark.parametrize("word", ["D", "W", "M", "Q", "H", "Y", "1d", "28d", "30d", "90d"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_out_and_in_again_it_is_the_same(word: str, zone: str) -> None:
    assert taken(windows.given(word, zone), zone) == (word, [])


def test_a_zone_that_the_schema_does_not_take_has_no_calendar() -> None:
    assert windows.given("M", "CET") is None
    assert windows.given("30d", "CET") == {"duration": "30d", "isRolling": True}
    assert windows.given("M", "UTC") == {
        "duration": "1M", "isRolling": False, "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "Etc/UTC"},
    }  # fmt: skip
