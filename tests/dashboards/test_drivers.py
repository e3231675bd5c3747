"""Drivers as people read them: figures that add up as they are shown, a sentence, the page's panel, its empty state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.format.adding import Steps, adding_up, steps_for
from dashboards.pages import moved
from dashboards.wording import drivers
from tests.dashboards.fake import drivers as told
from tests.dashboards.layouts import texts

RATIO = {"kpi": "pipeline_success_rate", "unit": "ratio", "measure": "Ratio"}
SECONDS = {"unit": "seconds", "measure": "Samples"}


@given(st.lists(st.floats(-1e6, 1e6), max_size=20), st.integers(0, 3))
def test_rounded_parts_add_up_to_the_rounded_total(parts: list[float], decimals: int) -> None:
    whole = adding_up(parts, Steps(decimals))
    assert abs(sum(whole) - sum(parts) * 10**decimals) <= 0.5 + 1e-6
    assert all(abs(step - part * 10**decimals) <= 1 + 1e-6 for step, part in zip(whole, parts, strict=True))


def test_a_step_that_is_left_over_goes_to_who_lost_most() -> None:
    """Three times 0.33 of a total of 1: one of them is shown as 0.34."""
    assert sorted(adding_up([1 / 3, 1 / 3, 1 / 3], Steps(2))) == [33, 33, 34]


@pytest.mark.parametrize(("figures", "decimals"), [([1234.0], 0), ([12.3], 1), ([0.0123], 4), ([0.0], 0), ([], 0)])
def test_three_digits_of_the_largest(figures: list[float], decimals: int) -> None:
    assert steps_for(figures).decimals == decimals


def test_steps_are_written_with_their_sign() -> None:
    assert [Steps(2).written(step) for step in (123, -4, 0)] == ["+1.23", "−0.04", "0"]


def test_lines_and_their_sum() -> None:
    """-3.4375 and -4.0625 are -7.5 points: shown as -3.44, -4.06 and -7.50."""
    found = drivers.table(told()["dimensions"][0], RATIO)
    assert [line.name for line in found.lines] == ["data", "sales"]
    assert sum(line.total for line in found.lines) == found.mix + found.rate == -750
    assert found.written(found.mix + found.rate) == "−7.50"
    assert (found.lines[0].weight, found.lines[0].value) == ("50.0 % → 75.0 %", "100 % → 90.0 %")


def test_all_other_groups_are_one_line() -> None:
    """Ten groups of +0.1: three are told, the others add up to the rest of 1.0."""
    side = {"value": 1.0, "weight": None}
    lines = [{"key": str(at), "mix": 0.0, "rate": 0.1, "total": 0.1, "before": side, "now": side} for at in range(9)]
    rest = {"groups": 1, "mix": 0.0, "rate": 0.1, "total": 0.1}
    whole = {"by": "team", "mix": 0.0, "rate": 1.0, "total": 1.0, "lines": lines, "rest": rest}
    found = drivers.table(whole, {"unit": "count", "measure": "Count"}, most=3)
    assert [line.name for line in found.lines] == ["0", "1", "2", "7 others"]
    assert [found.written(line.total) for line in found.lines] == ["+0.10", "+0.10", "+0.10", "+0.70"]


@pytest.mark.parametrize(
    ("largest", "unit"), [(0.5, "ms"), (90.0, "s"), (3600.0, "min"), (90_000.0, "h"), (400_000.0, "days")]
)
def test_spans_are_told_in_the_unit_that_suits(largest: float, unit: str) -> None:
    assert drivers.unit_of(SECONDS, [0.1, -largest])[1] == unit


def test_the_sentence() -> None:
    assert drivers.sentence(told(), RATIO) == (
        "90.0 % in the 28 days before, now 82.5 %: −7.50 points, of which −13.75 rate and +6.25 mix."
    )
    still = {**told(), "change": 0, "now": 0.9}
    assert drivers.sentence(still, RATIO) == "90.0 % in the 28 days before, now 90.0 %: unchanged."


def test_a_percentile_says_that_its_mean_was_parted() -> None:
    mean = {**told(), "figure": "mean"}
    assert drivers.caution(mean, SECONDS) == "A median or percentile has no exact parts: these are those of the mean."
    assert drivers.caution(told(), RATIO) == ""


def test_the_panel_shows_the_first_dimension_and_folds_the_others() -> None:
    said = texts(moved.panel(told(), RATIO))
    assert {"What moved it", "by team", "by tier", "data", "sales", "all", "points"} <= set(said)
    assert {"−4.06", "−3.44", "−7.50"} <= set(said)


def test_without_a_window_before_it_says_so() -> None:
    why = "no value in the window before (2026-09-01 to 2026-09-30) to compare with"
    said = texts(moved.panel({**told(), "missing": why, "dimensions": []}, RATIO))
    assert "No value in the window before (2026-09-01 to 2026-09-30) to compare with." in said
