"""Drafts and report fall on working days of the platform's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.calendars import load_holidays
from slo.platform import Platform
from slo.windows import parse_window
from tierline.reports.days import coming, days_of, due
from tierline.settings.out import Report

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def platform(holidays: frozenset[date] = frozenset()) -> Platform:
    return Platform(timezone=BERLIN, holidays=holidays)


@pytest.mark.parametrize(
    ("period", "told", "draft", "report"),
    [
        # October 2026 ends on a Saturday; its first working day after is Monday the 2nd.
        ("2026-10", {}, "2026-11-03T07:00", "2026-11-06T07:00"),
        ("2026-10", {"reporting_day": 1, "dispute_days": 0}, None, "2026-11-02T07:00"),
        # Every day counts: the 1st is a Sunday.
        ("2026-10", {"calendar": "daily"}, "2026-11-02T07:00", "2026-11-05T07:00"),
        # New Year and Epiphany are cut out in Baden-Württemberg: 4, 5, 7, 8, 11 January.
        ("2026-12", {"at": "09:30"}, "2027-01-05T08:30", "2027-01-11T08:30"),
        ("2026-Q3", {}, "2026-10-02T06:00", "2026-10-07T06:00"),
        # A week that ends with the clocks being set back: 08:00 in Berlin is 07:00 UTC again.
        ("2026-W43", {}, "2026-10-27T07:00", "2026-10-30T07:00"),
    ],
)
def test_working_days_after_the_end(period: str, told: dict[str, Any], draft: str | None, report: str) -> None:
    there = platform(load_holidays("DE", "BW", [2026, 2027]) - {date(2026, 10, 3)})
    found = days_of(parse_window(period, NOW, BERLIN), Report.model_validate(told), there)
    assert found.report == datetime.fromisoformat(report + "+00:00")
    assert found.draft == (draft and datetime.fromisoformat(draft + "+00:00"))


def test_what_is_due_and_what_comes_next() -> None:
    """September was reported on 7 October, the third quarter too; what was due before the start is left to people."""
    settings = Report(periods=("month", "quarter"))
    september = datetime(2026, 10, 7, 6, tzinfo=UTC)
    assert [one.window.name for one in due(settings, platform(), september, NOW)] == ["2026-10"]
    before = september - timedelta(seconds=1)
    assert [one.window.name for one in due(settings, platform(), before, NOW)] == ["2026-09", "2026-Q3", "2026-10"]
    assert [one.window.name for one in coming(settings, platform(), NOW)] == ["2026-10", "2026-Q4"]
    later = datetime(2026, 11, 6, 7, tzinfo=UTC)
    assert [one.window.name for one in coming(settings, platform(), later)] == ["2026-11", "2026-Q4"]
