"""When a single failure overspends a budget, by hand; and what a comparison does with a third."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.beside.caveats import _low_volume
from slo.budgets.budget import budget_of
from slo.promises.clauses import Clause
from slo.promises.judging import judge
from slo.windows import calendar_window, parse_window

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def said(good: int, bad: int, floor: float = 0.99, window: str = "2026-10", own: str = "M", seconds: bool = False,
         adopted: date | None = None) -> list[str]:  # fmt: skip
    clause = Clause(form="at_least", floor=floor)
    budget = budget_of(clause, (good, bad))
    entry: dict[str, Any] = {"n": good + bad, "budget": None if budget is None else budget.as_result()}
    target = SimpleNamespace(profile="own", row=1, window=own, adopted=adopted)
    asked = SimpleNamespace(window=parse_window(window, NOW, ZONE), kpi=SimpleNamespace(seconds=seconds), set_up=True)
    return _low_volume(SimpleNamespace(as_of=NOW), asked, [(target, entry)])  # type: ignore[arg-type,list-item]


@pytest.mark.parametrize(
    ("good", "bad", "floor", "expected"),
    [
        (30, 0, 0.99, ["one failure is 333 % of this budget: own 1 allows 0.3 of 30"]),
        (29, 1, 0.99, ["one failure is 333 % of this budget: own 1 allows 0.3 of 30"]),
        (90, 9, 0.99, ["one failure is 101 % of this budget: own 1 allows 0.99 of 99"]),
        (1, 0, 0.999, ["one failure is 100,000 % of this budget: own 1 allows 0.001 of 1"]),
        (99, 1, 0.99, []),  # exactly one is allowed
        (30, 0, 1.0, []),  # none is allowed: there is no budget to spend
    ],
)
def test_one_failure_against_the_budget(good, bad, floor, expected):
    assert said(good, bad, floor) == expected


def test_it_is_said_of_whole_windows_as_long_as_the_targets_own():
    assert said(30, 0, window="28d") and said(30, 0, window="2026-02")
    assert said(30, 0, window="7d", own="M") == said(30, 0, window="2026-10", own="Q") == []
    assert said(30, 0, window="7d", own="W")
    assert said(30, 0, window="2026-11") == [], "it still runs: more may come"


def test_time_has_no_failures():
    assert said(30, 0, seconds=True) == []


def test_a_third_of_counts_is_a_third_of_a_stored_float():
    """2 of 3 now, 0.6666666666666666 stored: unchanged, so neither up nor down; 667 of 1,000 is up."""
    up = Clause.model_validate({"form": "trend", "direction": "up"})
    assert judge(up, None, counts=(2, 1), baseline=2 / 3).status == "missed"
    assert judge(up, None, counts=(2, 1), baseline=2 / 3).change == 0
    assert judge(up, None, counts=(667, 333), baseline=2 / 3).status == "met"


def test_the_month_is_as_long_as_the_shortest():
    assert calendar_window("M", date(2026, 2, 3), ZONE).days == 28
