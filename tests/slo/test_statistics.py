import statistics as standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.statistics import quantile, seed_of, wilson


@pytest.mark.parametrize(
    ("good", "bad", "low", "high"),
    [(8, 2, 0.49016, 0.94332), (95, 5, 0.88825, 0.97846), (0, 10, 0.0, 0.27753), (10, 0, 0.72247, 1.0)],
)
def test_wilson_intervals_by_the_book(good, bad, low, high):
    assert wilson(good, bad) == pytest.approx((low, high), abs=1e-5)


def test_of_nothing_there_is_no_interval():
    assert wilson(0, 0) is None


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_the_interval_holds_the_ratio_and_turns_with_it(good, bad):
    if good + bad:
        low, high = wilson(good, bad)
        assert 0 <= low <= good / (good + bad) <= high <= 1
        assert wilson(bad, good) == pytest.approx((1 - high, 1 - low))


def test_the_median_of_two_lies_between_them():
    assert quantile([6000, 60], 0.5) == 3030
    assert quantile([1, 2, 3, 4], 0.25) == 1.75
    assert quantile([1, 2, 3, 4, 5], 0.95) == 4.8
    assert [quantile([7], q) for q in (0, 0.5, 1)] == [7, 7, 7]
    for values, q in (([], 0.5), ([1], 1.5), ([1], -0.1)):
        with pytest.raises(ValueError, match="a quantile needs"):
            quantile(values, q)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_r7_agrees_with_the_standard_library(values):
    expected = standard.quantiles(values, n=20, method="inclusive")
    for place, known in enumerate(expected, start=1):
        assert quantile(values, place / 20) == pytest.approx(known, abs=1e-6)


SEED = seed_of("mttr", "2026-10", "tier=1")


def test_the_seed_depends_on_kpi_window_and_scope_alone():
    assert seed_of("mttr", "2026-10", "tier=1") == SEED
    others = {
        seed_of("mttd", "2026-10", "tier=1"),
        seed_of("mttr", "2026-11", "tier=1"),
        seed_of("mttr", "2026-10", ""),
    }
    assert len(others | {SEED}) == 4
