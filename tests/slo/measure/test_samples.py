"""Samples: exact up to 10,000 values, then log buckets within 1 %; the mean is always exact."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo.measure import Item, Samples, merge_all
from slo.measure.samples import EXACT_LIMIT, GAMMA, bucket_of, bucket_value, rebucket

AT = datetime(2026, 11, 2, tzinfo=UTC)


def samples(*values: float) -> Samples:
    return Samples.of(Item(at=AT, value=value) for value in values)


def test_by_hand_while_exact() -> None:
    """R-7 of 10, 20, 30, 50: the median lies between the 2nd and 3rd, p90 at rank 2.7: 30 + 0.7 x 20."""
    state = samples(50, 10, 30, 20)
    assert (state.n, state.mean) == (4, 27.5)
    assert (state.quantile(0.5), state.quantile(0.0), state.quantile(1.0)) == (25, 10, 50)
    assert state.quantile(0.9) == pytest.approx(44, rel=1e-12)


def test_of_nothing_there_is_no_value() -> None:
    assert (samples().n, samples().mean, samples().quantile(0.5)) == (0, None, None)


def test_what_is_excluded_is_counted_by_reason_and_never_averaged() -> None:
    state = Samples.of([Item(at=AT, value=60.0), Item(at=AT, value=-5.0, excluded="negative")])
    assert (state.n, state.mean, state.excluded) == (1, 60, {"negative": 1})


def test_exactly_ten_thousand_are_exact_and_one_more_is_not() -> None:
    whole = samples(*range(1, EXACT_LIMIT + 1))
    assert (len(whole.values), whole.buckets) == (EXACT_LIMIT, {})
    assert whole.quantile(0.5) == 5000.5
    more = whole.merge(samples(EXACT_LIMIT + 1))
    assert (more.values, more.n, more.mean) == ((), EXACT_LIMIT + 1, 5001)
    assert more.quantile(0.5) == pytest.approx(5001, rel=0.01)


def test_passing_the_limit_gives_the_same_state_in_any_order_and_grouping() -> None:
    chance = random.Random(2)
    values = [chance.choice([0, chance.lognormvariate(4, 2)]) for _ in range(EXACT_LIMIT + 50)]
    whole = samples(*values)
    assert whole.values == () and whole.zero == values.count(0)
    parts = [samples(*values[first : first + 900]) for first in range(0, len(values), 900)]
    for _ in range(3):
        chance.shuffle(parts)
        assert merge_all(Samples, parts) == whole
    left, right = merge_all(Samples, parts[:5]), merge_all(Samples, parts[5:])
    assert left.values and right.values
    assert left.merge(right) == whole


def test_one_handed_in_as_buckets_makes_the_exact_ones_buckets_too() -> None:
    exact, handed = samples(100, 200), Samples.of([Item(at=AT, buckets={bucket_of(100): 3.0}, zero=1)])
    both = exact.merge(handed)
    assert both.values == ()
    assert both.buckets == {bucket_of(100): 4, bucket_of(200): 1}
    assert (both.zero, both.n) == (1, 6)
    assert both == handed.merge(exact)


@settings(max_examples=200, deadline=None)
@given(st.floats(1e-6, 1e12))
def test_a_bucket_holds_its_value_and_stands_for_it_within_one_percent(value: float) -> None:
    index = bucket_of(value)
    assert GAMMA ** (index - 1) < value <= GAMMA**index
    assert abs(bucket_value(index) / value - 1) <= 0.01 + 1e-12


@pytest.mark.parametrize("index", [-300, -1, 0, 1, 2, 350, 1000])
def test_a_bound_belongs_to_the_bucket_it_closes(index: int) -> None:
    assert bucket_of(GAMMA**index) == index


def test_quantiles_of_buckets_by_hand() -> None:
    """Two zeros, three in bucket 0, five in bucket 10: n is 10. The rank of q is 9 q: the first cumulated count (2, 5,
    10) above it decides."""
    state = Samples.bucketed({10: 5, 0: 3}, 2)
    low, high = 2 / 2.02, 2 * 1.02**10 / 2.02
    assert state.n == 10
    assert [state.quantile(q) for q in (0, 0.2, 0.5, 0.95, 1)] == [0, 0, low, high, high]
    assert state.quantile(5 / 9 + 1e-9) == high
    assert state.mean == pytest.approx((3 * low + 5 * high) / 10, rel=1e-12)


def test_buckets_of_another_gamma_move_by_their_value() -> None:
    """gamma 2, bucket 4 is (8, 16], worth 2 x 16 / 3 = 10.67: bucket 120 of gamma 1.02 is (10.56, 10.77]."""
    assert rebucket({4: 7}, 2.0) == {120: 7}
    assert rebucket({4: 7, 5: 1}, GAMMA) == {4: 7, 5: 1}


def test_buckets_that_fall_together_add_up() -> None:
    fine = 1.001
    indexes = [bucket_of(value, fine) for value in (100.0, 100.2)]
    assert len(set(indexes)) == 2
    assert rebucket(dict.fromkeys(indexes, 2), fine) == {bucket_of(100.0): 4}
