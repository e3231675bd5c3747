"""The calendar's page: weeks and their first day, shape and word of every state, the day's list, the ways to turn."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from dashboards.format import locale
from dashboards.pages import calendar
from dashboards.parts import months
from dashboards.reading.reader import Ask

ASSET = "shop://acct/orders <b>"


def day(number: int, state: str = "kept", **more: Any) -> dict[str, Any]:
    good, bad = {"kept": (4.0, 0.0), "failed": (3.0, 1.0), "missed": (0.0, 4.0)}.get(state, (0.0, 0.0))
    told: dict[str, Any] = {
        "day": date(2026, 10, number), "state": state, "good": good, "bad": bad,
        "missed": 4 if state == "missed" else 0, "unseen": 0.0,
        "tries": None, "left_out": {}, "hours": 24.0, "holiday": False, "paused": False, "reasons": [],
    }  # fmt: skip
    return told | more


def month(**states: str) -> list[dict[str, Any]]:
    """October 2026, kept but for what is named: d3="failed"."""
    return [day(number, states.get(f"d{number}", "kept")) for number in range(1, 32)]


def grid(days: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    told = {"kind": "runs", "kpi": "pipeline_success_rate", "seconds": False, "days": days}
    return told | {"months": {date(2026, 10, 1): (120, 4), date(2026, 9, 1): (120, 0)}} | more


def told(**more: Any) -> dict[str, Any]:
    story: dict[str, Any] = {
        "asset": ASSET, "tier": 1, "team": "sales", "domain": None, "today": date(2026, 10, 28), "counted": True,
        "environment": None, "month": date(2026, 10, 1), "grids": [grid(month(d3="failed", d4="missed"))],
        "months": [date(2026, 10, 1), date(2026, 9, 1), date(2026, 8, 1)], "chosen": None, "happened": None,
    }  # fmt: skip
    return story | more


def drawn(fake: Any, story: Any, ask: Ask | None = None) -> str:
    asked: list[Ask] = []

    def answer(one: Ask) -> Any:
        asked.append(one)
        return story

    reader = fake.FakeReader(stories={"calendar.calendar": answer})
    page = str(calendar.render(reader, ask or Ask(team="sales"), ASSET).to_plotly_json())
    assert asked[0].asset == ASSET
    assert asked[0].team is None  # its days are all its days, whoever looks
    return page


def test_weeks_begin_on_monday_or_as_the_reader_is_used_to() -> None:
    """The first of October 2026 is a Thursday: three days of the week before it, or five from a Saturday on."""
    monday, saturday = months.weeks(month(), 0), months.weeks(month(), 5)
    assert ([one is None for one in monday[0]].index(False), len(monday)) == (3, 5)
    assert ([one is None for one in saturday[0]].index(False), len(saturday)) == (5, 6)
    assert monday[-1][5] is not None
    assert monday[-1][6] is None
    with locale.using("de"):
        assert locale.first_weekday() == 0
    with locale.using("ar-EG"):
        assert locale.first_weekday() == 5


def test_every_state_has_a_shape_and_a_word_of_its_own() -> None:
    shown = [one for state, one in months.LOOKS.items() if state != "coming"]
    assert len({one.shape for one in shown}) == len({one.word for one in shown}) == len(shown) == 10


def test_a_days_amount() -> None:
    runs = grid([])
    assert months.amount(day(1), runs) == "4 of 4"
    assert months.amount(day(2, "failed", missed=0, left_out={"manual": 2.0, "superseded": 1.0}), runs) == (
        "3 of 4, 2 manual"
    )
    assert months.amount(day(3, "failed", bad=3.0, missed=1, unseen=2.0), runs) == "3 of 6, 1 never came, 2 not seen"
    aged = grid([], kpi="freshness_slo_attainment", seconds=True)
    assert months.amount(day(4, "late", good=39_600.0, bad=50_400.0), aged) == "stale 14 h"
    assert months.said(day(5, "failed", bad=3.0, missed=1), runs).word == "2 failed"
    assert months.said(day(5, "failed", good=0.0, bad=1.0), runs).word == "failed"
    assert months.marked(day(25, hours=25.0, holiday=True, paused=True)) == ["25 h", "holiday", "paused"]


def test_the_page_says_it_in_a_sentence_and_links_every_day(fake: Any) -> None:
    shown = drawn(fake, told())
    assert " kept 119 of 124 runs in October 2026: 1 failed, 4 never came" in shown
    base = "/calendar/shop%3A%2F%2Facct%2Forders%20%3Cb%3E?window="
    assert [f"{base}2026-10-{number:02}&team=sales" in shown for number in (1, 31)] == [True, True]
    assert f"{base}2026-09&team=sales" in shown
    assert "Saturday 3 October 2026: 1 failed, 3 of 4" in shown
    assert "Choose a day to see its runs" in shown


def test_a_chosen_day_lists_its_runs(fake: Any) -> None:
    at = datetime(2026, 10, 3, 6, tzinfo=UTC)
    runs = [
        {"at": at, "due": at, "started": at, "ended": at, "tries": 2, "state": "failed", "trigger": "schedule",
         "late": 0.0, "seconds": 600.0, "verdict": "failed", "left_out": None, "source": "airflow", "id": "r1",
         "url": "https://airflow.example/r1"},
        {"at": at, "due": at, "started": None, "ended": None, "tries": None, "state": "missed", "trigger": "schedule",
         "late": None, "seconds": None, "verdict": "missed", "left_out": None, "source": None, "id": None, "url": None},
        {"at": at, "due": None, "started": at, "ended": at, "tries": 1, "state": "success", "trigger": "manual",
         "late": None, "seconds": 1.0, "verdict": "left out", "left_out": "manual", "source": "airflow", "id": "r2",
         "url": "javascript:alert(1)"},
    ]  # fmt: skip
    happened = {"runs": runs, "deliveries": [], "updates": [], "stale": [], "more": 7}
    shown = drawn(fake, told(chosen=date(2026, 10, 3), happened=happened), Ask(window="2026-10-03"))
    for words in ("Saturday 3 October 2026", "https://airflow.example/r1", "08:00", "10 min", "success, manual"):
        assert words in shown
    assert "7 more are not listed." in shown
    assert "javascript:" not in shown


def test_what_is_not_known_says_what_would_tell_it(fake: Any) -> None:
    assert "No source tells of an asset of this name." in drawn(fake, None)
    assert "Nothing that is due is known of it." in drawn(fake, told(grids=[]))
    staging = drawn(fake, told(counted=False, environment="staging"))
    assert "staging: counts in no KPI" in staging


def test_the_list_leads_to_each_assets_days(fake: Any) -> None:
    line = {"asset": ASSET, "good": 119.0, "bad": 5.0, "unseen": 0.0, "missed": 4, "tier": 1, "team": "sales"}
    reader = fake.FakeReader(stories={"calendar.assets": {"pipelines": [line], "datasets": []}})
    shown = str(calendar.render(reader, Ask(), "").to_plotly_json())
    assert "1 of 1 pipeline had a failed or missed run in the last 28 days" in shown
    assert "/calendar/shop%3A%2F%2Facct%2Forders%20%3Cb%3E" in shown
    nothing = fake.FakeReader(stories={"calendar.assets": {"pipelines": [], "datasets": []}})
    assert "No asset has days to show here." in str(calendar.render(nothing, Ask(), "").to_plotly_json())


def test_a_days_cell_gives_its_date_to_the_csv(fake: Any) -> None:
    shown = drawn(fake, told())
    assert "data-value='2026-10-03 1 failed 3 of 4'" in shown


def test_what_landed_and_when_it_was_due(fake: Any) -> None:
    """Due at 07:00 of Berlin; there at 09:00; its data reaches to the evening before."""
    due, there = datetime(2026, 10, 3, 5, tzinfo=UTC), datetime(2026, 10, 3, 7, tzinfo=UTC)
    late = {"due": due, "there": there, "late": 7200.0, "verdict": "late", "left_out": None}
    landed = {"at": there, "through": datetime(2026, 10, 2, 18, tzinfo=UTC), "backfill": False, "source": "dbt",
              "id": "u", "url": None}  # fmt: skip
    happened = {"runs": [], "deliveries": [late], "updates": [landed], "stale": [(due, there)], "more": 0}
    grids = [grid(month(d3="late"), kind="data", kpi="dataset_sla_attainment")]
    shown = drawn(fake, told(grids=grids, chosen=date(2026, 10, 3), happened=happened))
    for words in ("2 h after", "2026-10-03T09:00:00+02:00", "2 Oct 20:00", "stale from"):
        assert words in shown
