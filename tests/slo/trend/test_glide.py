"""Glide paths by hand: a straight line from the baseline on the day of adoption to the floor on the day it is due."""

from __future__ import annotations

from datetime import date

import pytest

from slo.promises.clauses import Clause
from slo.targets import Target
from slo.trend.glide import glide

ADOPTED, DUE = date(2026, 1, 1), date(2026, 10, 1)
"""273 days; 91 days in (2 April) a third of the way lies behind."""
THIRD = date(2026, 4, 2)


def target(clause: Clause, adopted: date | None = ADOPTED, months: int | None = 9) -> Target:
    return Target(row=1, kpi="x", window="M", clauses=(clause,), adopted=adopted, due_months=months)


def trend(direction: str, floor: float | None, points: bool = False) -> Clause:
    return Clause.model_validate(
        {"form": "trend", "direction": direction, "floor": floor, "points": points, "baseline": "frozen"}
    )


@pytest.mark.parametrize(
    ("clause", "start", "value", "expected", "on_path"),
    [
        (trend("down", 0.3), 20, 18, 18, True),  # from 20 to 14: a third of 6 is 2
        (trend("down", 0.3), 20, 18.5, 18, False),
        (trend("up", 10, points=True), -5, -1.6, -5 + 10 / 3, True),  # from -5 to +5 points: -1.67 is asked for
        (trend("up", 10, points=True), -5, -1.7, -5 + 10 / 3, False),
        (trend("up", 0.5), -4, -3.5, -4 + 2 / 3, False),  # half of the size of -4 is 2: to -2
        (Clause(form="at_least", floor=0.8), 0.5, 0.6, 0.6, True),  # from 50 to 80 %: a third of 30 is 10
        (Clause(form="below", floor=60), 90, 81, 80, False),
        (trend("down", 0.3), 20, None, 18, None),
    ],
)
def test_a_third_of_the_way(clause, start, value, expected, on_path):
    found = glide(clause, target(clause), value, start, THIRD)
    assert found == {"expected": pytest.approx(expected), "by": "2026-10-01", "on_path": on_path}


def test_before_the_adoption_it_starts_and_after_the_due_date_it_stays():
    clause = trend("down", 0.3)
    assert glide(clause, target(clause), 20, 20, date(2025, 12, 1))["expected"] == 20
    assert glide(clause, target(clause), 14, 20, DUE) == {"expected": 14.0, "by": "2026-10-01", "on_path": True}
    assert glide(clause, target(clause), 14.1, 20, date(2027, 3, 1)) == {
        "expected": 14.0, "by": "2026-10-01", "on_path": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("clause", "adopted", "months", "start"),
    [
        (trend("down", 0.3), None, 9, 20),  # not adopted: no day to begin with
        (trend("down", 0.3), ADOPTED, None, 20),  # at once
        (trend("down", 0.3), ADOPTED, 9, None),  # no baseline
        (trend("down", None), ADOPTED, 9, 20),  # downward, by no named share
        (Clause(form="within", lo=0.7, hi=0.9), ADOPTED, 9, 0.5),  # a band has no better side
    ],
)
def test_without_all_it_needs_there_is_no_path(clause, adopted, months, start):
    assert glide(clause, target(clause, adopted, months), 18, start, THIRD) == {}
