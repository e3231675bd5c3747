"""Budgets by day, at the present pace and by what spent them: every figure worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction as F
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.budgets.days import Burndown, burndown
from slo.budgets.pace import outlook, pace
from slo.engine import Engine, Query
from slo.facts import Fact
from slo.measure import Ratio
from slo.platform import Platform
from slo.store import Store
from slo.stories.budgets import budgets
from slo.targets import load_targets
from slo.windows import parse_window
from tests.slo.tellings import fact, run

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
THURSDAY = MONDAY + timedelta(days=3)
ZONE = ZoneInfo("UTC")
TWO_PERCENT = F(2, 100)


def found(name: str, *bad: int, of: int = 100) -> tuple[Burndown, Any]:
    """The burn-down on Thursday of so many bad of a hundred on Monday, Tuesday and Wednesday."""
    window = parse_window(name, THURSDAY, ZONE)
    states = {date(2026, 11, 2 + place): Ratio(good=of - one, bad=one) for place, one in enumerate(bad)}
    return burndown(TWO_PERCENT, states, window, THURSDAY), window


def ahead(name: str, *bad: int) -> tuple[str, datetime | None]:
    """The outlook at the pace of those three days."""
    burnt, window = found(name, *bad)
    return outlook(burnt, pace(Ratio(good=300 - sum(bad), bad=sum(bad)), 3.0), window, THURSDAY)


def test_a_running_week_expects_its_days_to_go_on() -> None:
    """300 in three days of seven: 700 expected, 14 of them may be bad; 1, then 3, then 3 were."""
    burnt, _ = found("2026-W45", 1, 2, 0)
    assert (burnt.expected, burnt.whole, burnt.left) == (F(700), F(14), F(11))
    assert [burnt.remaining(one.bad_so_far) for one in burnt.days] == [F(13, 14), F(11, 14), F(11, 14)]
    assert burnt.ran_out is None


def test_a_rolling_week_has_counted_what_it_counts() -> None:
    """300 counted, 6 may be bad: 1, 3 and 7 of them went. Four days before were not seen."""
    burnt, _ = found("7d", 1, 2, 4)
    assert (burnt.expected, burnt.whole, burnt.left) == (F(300), F(6), F(-1))
    assert burnt.ran_out == date(2026, 11, 4)
    assert [one.seen for one in burnt.days] == [False] * 4 + [True] * 3


def test_a_day_expected_and_not_observed_is_a_gap_a_quiet_one_is_not() -> None:
    window = parse_window("2026-W45", THURSDAY, ZONE)
    unseen = {date(2026, 11, 2): Ratio(good=5), date(2026, 11, 3): Ratio(unseen=5)}
    assert [one.seen for one in burndown(TWO_PERCENT, unseen, window, THURSDAY).days] == [True, False, True]


def test_a_running_week_runs_out_where_the_pace_meets_what_is_left() -> None:
    """1 of 14 left, 13 went in three days: 3/13 of a day more. 11 left at one a day outlast Sunday."""
    what, when = ahead("2026-W45", 1, 12, 0)
    assert what == "runs out"
    assert when == THURSDAY + timedelta(seconds=86_400 * 3 / 13)
    assert ahead("2026-W45", 1, 2, 0) == ("lasts", None)
    assert ahead("2026-W45", 9, 6, 0) == ("spent", None)
    assert ahead("2026-W45", 0, 0, 0) == ("lasts", None)


def test_of_a_rolling_week_the_oldest_day_leaves() -> None:
    """6 of 6 went, two a day go on, which is what a hundred a day allow: nothing changes while unseen days leave, for
    four days. Then Monday leaves, whose one bad is replaced by two: that moment it is overspent."""
    assert ahead("7d", 1, 5, 0) == ("runs out", THURSDAY + timedelta(days=4))
    assert ahead("7d", 1, 2, 0) == ("lasts", None)


def test_a_week_that_is_over_and_one_that_says_nothing() -> None:
    window = parse_window("2026-W44", THURSDAY, ZONE)
    over = burndown(TWO_PERCENT, {date(2026, 10, 26): Ratio(good=99, bad=1)}, window, THURSDAY)
    assert outlook(over, None, window, THURSDAY) == ("over", None)
    burnt, running = found("2026-W45", 1, 0, 0)
    assert outlook(burnt, None, running, THURSDAY) == ("unknown", None)


@pytest.fixture
def engine(store: Store) -> Engine:
    return Engine(store, Platform(), load_targets())


def day_of_runs(day: int, asset: str, good: int, bad: int, **more: Any) -> list[Fact]:
    start, minute = MONDAY + timedelta(days=day), timedelta(minutes=1)
    states = ["success"] * good + ["failed"] * bad
    return [
        run(f"{asset}{day}.{at}", asset, start + at * minute, state, 0.5, **(more if state == "failed" else {}))
        for at, state in enumerate(states)
    ]


def test_the_story_tells_a_budget_whole(engine: Engine) -> None:
    """associate_platform, row 1: at least 98 % of a week's runs. 60 of a and 40 of b on Monday, 100 of a on Tuesday,
    asked on Wednesday 00:00: 200 in two days, 700 expected, 14 may be bad, 4 were: 3 of a, 1 of b by its vendor."""
    engine.store.upsert(
        [
            fact("asset", "a", asset="a", kind="pipeline", tier=1, team="web"),
            fact("asset", "b", asset="b", kind="pipeline", tier=2, team="crm"),
            *day_of_runs(0, "a", 59, 1),
            *day_of_runs(0, "b", 39, 1, responsible="vendor"),
            *day_of_runs(1, "a", 98, 2),
        ]
    )
    query = Query(window="2026-W45", profile="associate_platform")
    asked: dict[str, Any] = {"kpi": "pipeline_success_rate", "parts": True}
    (one,) = engine.tell(budgets, query, MONDAY + timedelta(days=2), **asked)
    assert (one["profile"], one["row"], one["floor"]) == ("associate_platform", 1, 0.98)
    assert (one["good"], one["bad"], one["spent"], one["remaining"]) == (196, 4, 1.0, 0.0)
    assert one["whole"] == {"allowed_events": 14, "remaining_events": 10, "remaining": 10 / 14, "expected": True}
    assert [(day["bad"], day["remaining"]) for day in one["days"]] == [(2, 12 / 14), (2, 10 / 14)]
    assert [(burn["lookback"], burn["rate"]) for burn in one["burn"]] == [
        ("1d", 1.0), ("3d", 1.0), ("7d", 1.0), ("2026-W45", 1.0),
    ]  # fmt: skip
    assert (one["outlook"], one["runs_out"]) == ("lasts", None)
    lines = {
        by: [(line["key"], line["bad"], line["of"]) for line in cut["lines"]] for by, cut in one["spenders"].items()
    }
    assert lines["asset"] == [("a", 3, 160), ("b", 1, 40)]
    assert lines["team"] == [("web", 3, 160), ("crm", 1, 40)]
    assert lines["responsible"] == [("platform", 3, 199), ("vendor", 1, 1)]
    assert [line["share"] for line in one["spenders"]["asset"]["lines"]] == [0.75, 0.25]
    (few,) = engine.tell(budgets, query, MONDAY + timedelta(days=2), **asked, most=0)
    assert few["spenders"] is None
    (told,) = engine.show("pipeline_success_rate", query, MONDAY + timedelta(days=2))["targets"]
    assert (told["budget"]["remaining"], told["budget"]["whole"]) == (0, one["whole"])


def test_what_nobody_adopted_has_no_budget(engine: Engine) -> None:
    engine.store.upsert(day_of_runs(0, "a", 8, 2))
    assert engine.tell(budgets, Query(window="2026-W45"), THURSDAY) == []


def test_the_parts_beyond_the_largest_are_one_line(engine: Engine) -> None:
    """1 + 2 + 3 + 4 bad of four assets: two are told, the rest are 3 of two."""
    engine.store.upsert([one for bad in (1, 2, 3, 4) for one in day_of_runs(0, f"p{bad}", 9, bad)])
    query = Query(window="2026-W45", profile="associate_platform")
    (one,) = engine.tell(budgets, query, THURSDAY, kpi="pipeline_success_rate", parts=True, most=2)
    asset = one["spenders"]["asset"]
    assert [line["key"] for line in asset["lines"]] == ["p4", "p3"]
    assert (asset["rest"]["groups"], asset["rest"]["bad"], asset["rest"]["share"]) == (2, 3, 0.3)
