"""Calendars to exclusions: series, zones, all-day events, what is gone and what has only grown old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Enumerated, Period, Raw
from collectors.ical import events as ical_events
from collectors.runner import Runner
from collectors.sources.ical import ICal
from slo.errors import SourceError
from slo.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WAREHOUSE = [{"summary": "(?i)warehouse", "assets": ["snowflake://shop/*"]}]


def event(uid: str, *lines: str, summary: str = "Warehouse") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *lines, "END:VEVENT"])


def feed(*events: str, head: str = "") -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *([head] if head else []), *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines)


@pytest.fixture
def calendar(tmp_path: Path) -> Path:
    return tmp_path / "ops.ics"


def source(path: Path, now: datetime = NOW, **settings: Any) -> ICal:
    made = ICal.Settings.model_validate({"path": str(path), "events": WAREHOUSE, **settings})
    return ICal("cal", made, lambda: now)


def told(one: ICal, now: datetime = NOW) -> list[dict[str, Any]]:
    items = one.fetch(Period(now - timedelta(hours=1), now, incremental=True, latest=True))
    return [fact for raw in items if isinstance(raw, Raw) for fact in one.parse(raw)]


def spans(one: ICal) -> list[tuple[str, str]]:
    return [(fact["start"][:16], fact["end"][:16]) for fact in told(one)]


ONCE = event("a", "DTSTART:20261110T100000Z", "DTEND:20261110T113000Z")
OTHER = event("b", "DTSTART:20261111T100000Z", "DTEND:20261111T113000Z")


def test_an_event_is_an_exclusion(calendar: Path) -> None:
    calendar.write_text(feed(ONCE))
    assert told(source(calendar)) == [{
        "fact": "exclusion", "id": "a", "assets": "snowflake://shop/*", "team": None, "tier": None, "kpis": None,
        "start": "2026-11-10T10:00:00+00:00", "end": "2026-11-10T11:30:00+00:00", "reason": "maintenance",
        "ref": "Warehouse", "url": None,
    }]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "zone", "expected"),
    [
        ("", None, ("2026-10-25T00:00", "2026-10-26T00:00")),
        ("X-WR-TIMEZONE:Europe/Berlin", None, ("2026-10-24T22:00", "2026-10-25T23:00")),
        ("X-WR-TIMEZONE:Europe/Berlin", "America/New_York", ("2026-10-25T04:00", "2026-10-26T04:00")),
    ],
)
def test_an_all_day_event_is_a_local_day_of_25_hours_in_october(
    calendar: Path, head: str, zone: str | None, expected: tuple[str, str]
) -> None:
    calendar.write_text(feed(event("a", "DTSTART;VALUE=DATE:20261025"), head=head))
    assert spans(source(calendar, timezone=zone)) == [expected]


def test_a_time_without_a_zone_is_one_of_the_calendar(calendar: Path) -> None:
    calendar.write_text(feed(event("a", "DTSTART:20261110T060000", "DURATION:PT45M")))
    assert spans(source(calendar, timezone="Europe/Berlin")) == [("2026-11-10T05:00", "2026-11-10T05:45")]


def test_a_series_keeps_its_local_hour_over_the_end_of_summer_time(calendar: Path) -> None:
    series = event("a", "DTSTART;TZID=Europe/Berlin:20261018T220000", "DTEND;TZID=Europe/Berlin:20261018T230000",
                   "RRULE:FREQ=WEEKLY;COUNT=2")  # fmt: skip
    calendar.write_text(feed(series))
    first, second = ("2026-10-18T20:00", "2026-10-18T21:00"), ("2026-10-25T21:00", "2026-10-25T22:00")
    assert spans(source(calendar)) == [first, second]


def test_a_series_without_an_end_ends_with_the_days_ahead(calendar: Path) -> None:
    calendar.write_text(feed(event("a", "DTSTART:20261119T000000Z", "DTEND:20261119T010000Z", "RRULE:FREQ=DAILY")))
    found = spans(source(calendar, ahead_days=2))
    assert [start for start, _ in found] == [f"2026-11-{day}T00:00" for day in (19, 20, 21, 22)]


def test_a_series_that_repeats_for_ever_and_ever_is_an_error(calendar: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ical_events, "MOST", 300)
    calendar.write_text(feed(event("a", "DTSTART:20261119T000000Z", "DURATION:PT1S", "RRULE:FREQ=MINUTELY")))
    with pytest.raises(SourceError, match=r"ops\.ics: more than 300 events; correct the rule that repeats so often"):
        told(source(calendar))


def test_cancelled_and_excepted_occurrences_are_none(calendar: Path) -> None:
    series = event("a", "DTSTART:20261110T100000Z", "DTEND:20261110T110000Z", "RRULE:FREQ=DAILY;COUNT=3",
                   "EXDATE:20261111T100000Z")  # fmt: skip
    cancelled = event("a", "RECURRENCE-ID:20261112T100000Z", "DTSTART:20261112T100000Z", "DTEND:20261112T110000Z",
                      "STATUS:CANCELLED")  # fmt: skip
    calendar.write_text(feed(series, cancelled))
    assert spans(source(calendar)) == [("2026-11-10T10:00", "2026-11-10T11:00")]


def test_the_first_rule_that_fits_decides_and_groups_name_the_assets(calendar: Path) -> None:
    rules = [
        {"summary": r"dag (?P<dag>\w+)", "assets": ["airflow/{dag}"], "reason": "agreed"},
        {"location": "Snowflake", "summary": "War", "team": "core", "tier": 1, "kpis": ["mttr"]},
    ]
    located = event("b", "DTSTART:20261111T100000Z", "DTEND:20261111T113000Z", "LOCATION:Snowflake")
    dag = event("c", "DTSTART:20261112T100000Z", "DTEND:20261112T113000Z", summary="dag orders")
    calendar.write_text(feed(ONCE, located, dag))
    shown = ("id", "assets", "team", "tier", "kpis", "reason")
    assert [tuple(fact[name] for name in shown) for fact in told(source(calendar, events=rules))] == [
        ("b", None, "core", 1, ["mttr"], "maintenance"), ("c", "airflow/orders", None, None, None, "agreed"),
    ]  # fmt: skip


def collected(store: Store, calendar: Path, *events: str, now: datetime = NOW, full: bool = False) -> Any:
    calendar.write_text(feed(*events))
    one = source(calendar, now)
    return Runner(store, [one], lambda: now).collect(one, full=full)


def test_what_a_whole_reading_no_longer_has_is_taken_back(tmp_path: Path, calendar: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/x.db") as store:
        store.migrate()
        moved = ONCE.replace("T1000", "T1030")
        assert collected(store, calendar, ONCE, OTHER).ok
        assert collected(store, calendar, moved, OTHER, now=NOW + timedelta(hours=1)).ok
        starts = {fact.id: fact.start for fact in store.read("exclusion")}
        assert starts["a"] == datetime(2026, 11, 10, 10, 30, tzinfo=UTC)
        assert collected(store, calendar, OTHER, now=NOW + timedelta(hours=2)).ok
        assert [fact.id for fact in store.read("exclusion")] == ["b"]


def test_a_calendar_that_is_empty_or_broken_takes_nothing_back(tmp_path: Path, calendar: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/x.db") as store:
        store.migrate()
        collected(store, calendar, ONCE, OTHER)
        empty = collected(store, calendar, now=NOW + timedelta(hours=1))
        assert (empty.ok, "lacks 2 of 2 known exclusion entries" in empty.error) == (False, True)
        calendar.write_text(feed(ONCE, OTHER).removesuffix("END:VCALENDAR\r\n"))
        cut = Runner(store, [one := source(calendar)], lambda: NOW).collect(one)
        assert (cut.ok, cut.error) == (False, f"{calendar}: the calendar breaks off before its END:VCALENDAR.")
        assert [fact.id for fact in store.read("exclusion")] == ["a", "b"]
        assert collected(store, calendar, now=NOW + timedelta(hours=2), full=True).ok
        assert store.read("exclusion") == []


def test_what_has_only_grown_too_old_to_be_read_stays(tmp_path: Path, calendar: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/x.db") as store:
        store.migrate()
        collected(store, calendar, ONCE, OTHER)
        later = event("c", "DTSTART:20270310T100000Z", "DTEND:20270310T113000Z")
        assert collected(store, calendar, ONCE, OTHER, later, now=NOW + timedelta(days=100)).ok
        assert [fact.id for fact in store.read("exclusion")] == ["a", "b", "c"]


def test_settings_that_cannot_be_meant() -> None:
    for settings in (
        {"events": WAREHOUSE},
        {"path": "x.ics", "url": "https://x", "events": WAREHOUSE},
        {"url": "https://x/{secret}", "events": WAREHOUSE},
        {"path": "x.ics", "events": []},
        {"path": "x.ics", "events": [{"summary": "x"}]},
        {"path": "x.ics", "events": [{"summary": "(", "assets": ["*"]}]},
        {"path": "x.ics", "events": WAREHOUSE, "timezone": "Mars/Olympus"},
    ):
        with pytest.raises(ValidationError):
            ICal.Settings.model_validate(settings)


def test_check_says_how_many_events_fit(calendar: Path) -> None:
    calendar.write_text(feed(ONCE, OTHER.replace("Warehouse", "Lunch")))
    finding = source(calendar).check()[0]
    assert (finding.ok, finding.what) == (
        True, "the calendar: 2 events between 2026-08-22 and 2027-11-21, 1 fit `events`"
    )  # fmt: skip
    calendar.write_text(feed(ONCE.replace("Warehouse", "Lunch")))
    assert source(calendar).check()[0].remedy == "correct the patterns"
    calendar.write_text("<html>sign in</html>")
    assert not source(calendar).check()[0].ok


def test_every_whole_reading_is_an_enumeration(calendar: Path) -> None:
    calendar.write_text(feed(ONCE))
    items = list(source(calendar).fetch(Period(NOW, NOW, latest=True)))
    assert items[-1] == Enumerated("exclusion", frozenset({"a"}))
