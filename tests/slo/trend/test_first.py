"""First floors and steps worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from slo.trend.first import Proposal, eased, proposal

HELD = {"profile": "lead_platform", "row": 2, "profiles": ["lead_platform"], "text": "as published"}


def result(month: int, value: float | None, *, n: float = 100, unit: str = "ratio", clauses: list[dict[str, Any]],
           better: str = "up", coverage: float | None = 1.0, status: str = "met") -> dict[str, Any]:  # fmt: skip
    told = [{**clause, "value": value, "n": n, "status": status, "figure": None} for clause in clauses]
    entries = [{**HELD, **told[0], **({"clauses": told} if len(told) > 1 else {})}] if told else []
    return {
        "kpi": "x", "window": {"name": f"2026-{month:02}"}, "value": value, "n": n, "unit": unit, "better": better,
        "coverage": coverage, "status": status, "targets": entries,
    }  # fmt: skip


def of(values: list[float | None], form: str = "at_least", floor: float = 0.97, stretch: float | None = 0.99,
       unit: str = "ratio", **more: Any) -> Proposal:  # fmt: skip
    clause = {"form": form, "floor": floor, "stretch": stretch}
    return proposal([result(at + 1, value, unit=unit, clauses=[clause], **more) for at, value in enumerate(values)], 5)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([0.90, 0.96, 0.95, 0.97], 0.95),  # 3 of 4
        ([0.90, 0.96, 0.95, 0.97, 0.98], 0.95),  # 4 of 5 (3.75 are asked for)
        ([0.90, 0.96, 0.95, 0.97, 0.98, 0.99], 0.95),  # 5 of 6 (4.5 are asked for)
        ([0.90, 0.96, 0.95], 0.90),  # all 3
        ([0.90, 0.96], None),  # two months are no past
        ([0.90, None, 0.96, None, 0.95, 0.97], 0.95),
    ],
)
def test_the_floor_is_the_hardest_that_three_of_four_months_kept(values, kept):
    assert of(values).kept == kept


def test_lower_is_better_and_below_is_strict():
    """30, 20, 41, 10 minutes: three of four took at most 1,800 s; below 1,800 would miss the third, so 1,810."""
    at_most = of([1800, 1200, 2460, 600], "at_most", 1200, 600, "seconds")
    assert (at_most.kept, at_most.floor, at_most.held(1800)) == (1800, 1800, 3)
    below = of([1800, 1200, 2460, 600], "below", 1200, 600, "seconds")
    assert (below.kept, below.held(1810), below.held(1800)) == (1810, 3, 2)


def test_the_steps_go_half_the_way_then_to_the_floor_and_the_stretch():
    """From 0.93 to 0.97: half the way is 0.95. From 1,810 to 1,200 s: 1,505, eased to 1,510."""
    assert of([0.93] * 4).steps == (0.95, 0.97, 0.99)
    assert of([1800, 1200, 2460, 600], "below", 1200, 600, "seconds").steps == (1510, 1200, 600)


def test_at_first_no_more_is_asked_than_is_published():
    one = of([0.985, 0.98, 0.995, 0.99])
    assert (one.kept, one.floor, one.steps, one.held(0.97)) == (0.985, 0.97, (0.99,), 4)


def test_months_that_say_too_little_are_left_out_with_the_reason():
    clause = {"form": "at_least", "floor": 0.97, "stretch": 0.99}
    results = [
        result(1, 0.5, n=4, clauses=[clause]), result(2, None, clauses=[clause], status="no data"),
        result(3, None, clauses=[clause], status="not set up"), result(4, 0.6, clauses=[clause], coverage=0.9499),
        result(5, 0.95, clauses=[clause], coverage=0.95),
    ]  # fmt: skip
    found = proposal(results, 5)
    assert [month.said for month in found.months] == ["too few", "no data", "not set up", "partly seen", ""]
    assert dict(found.left_out) == {"too few": 1, "no data": 1, "not set up": 1, "partly seen": 1}
    assert found.kept is None


def test_a_trend_has_a_floor_of_history_and_no_steps():
    trend = {"form": "trend", "floor": 0.3, "stretch": 0.5}
    results = [
        result(at, value, clauses=[trend], better="down", unit="seconds") for at, value in enumerate((9, 7, 8), 1)
    ]
    found = proposal(results, 0)
    assert (found.published, found.kept, found.floor, found.steps) == (None, 9, 9, ())


def test_the_clause_that_bounds_the_value_is_taken():
    clauses = [{"form": "trend", "floor": None, "stretch": None}, {"form": "below", "floor": 7200, "stretch": 3600}]
    found = proposal([result(at, 7000, clauses=clauses, unit="seconds", better="down") for at in (1, 2, 3)], 0)
    assert (found.published, found.kept, found.floor, found.steps) == (7200, 7010, 7200, (3600,))


@pytest.mark.parametrize(
    ("value", "better", "share", "strict", "expected"),
    [
        (0.98765, "up", True, False, 0.987),  # 0.01235 missing: 0.013
        (0.9987, "up", True, False, 0.9987),
        (0.99871, "up", True, False, 0.9987),  # 0.00129 missing
        (0.5126, "up", True, False, 0.512),
        (0.1234, "down", True, False, 0.124),
        (1234.5, "down", False, False, 1240),
        (1240, "down", False, True, 1250),
        (0.0, "down", False, False, 0.0),
        (-0.1234, "down", False, False, -0.123),
        (1.0, "up", True, False, 1.0),
        (0.97, "up", True, True, 0.969),
    ],
)
def test_it_is_rounded_to_the_easier_side(value, better, share, strict, expected):
    assert eased(value, better, share, strict) == expected
