"""Noise: what thousands of honest redraws in plain Python say, and cases that need none."""

from __future__ import annotations

import math
import random
from statistics import mean, quantiles

import numpy as np
import pytest

from slo.statistics import quantile, seed_of
from slo.trend.bootstrap import RESAMPLES, Sample, _resampled, told_from_noise

SEED = seed_of("mttr", "2026-10", "tier=1")


def events(good: int, bad: int) -> Sample:
    return Sample((0.0, 1.0), (bad, good))


@pytest.mark.parametrize("read", ["mean", "median", "p95"])
def test_a_doubling_is_told_from_noise_and_a_shuffle_is_not(read):
    before = [600 + 7 * math.sin(number) for number in range(60)]
    assert told_from_noise(Sample.of([2 * value for value in before], read), Sample.of(before, read), SEED)
    assert not told_from_noise(Sample.of(list(reversed(before)), read), Sample.of(before, read), SEED)


def test_few_and_wide_values_are_noise():
    assert not told_from_noise(Sample.of([3600, 60, 7200]), Sample.of([5400, 300, 60]), SEED)
    assert not told_from_noise(Sample.of([60]), Sample.of([7200, 7300]), SEED)
    assert not told_from_noise(Sample.of([]), Sample.of([]), SEED)


def test_counts_are_told_from_noise_by_their_number():
    assert not told_from_noise(events(9, 1), events(8, 2), SEED)
    assert told_from_noise(events(9000, 1000), events(8000, 2000), SEED)
    assert not told_from_noise(events(1, 0), events(0, 50), SEED)
    assert told_from_noise(events(50, 0), events(0, 50), SEED)


def test_under_the_minimum_nothing_is_told_apart():
    assert told_from_noise(events(4, 0), events(0, 50), SEED)
    assert not told_from_noise(events(4, 0), events(0, 50), SEED, least=5)


def test_a_frozen_figure_is_taken_as_exact():
    assert told_from_noise(events(90, 10), 0.8, SEED), "0.9 of 100 reaches from 0.84 to 0.96"
    assert not told_from_noise(events(90, 10), 0.87, SEED)


@pytest.mark.parametrize("read", ["mean", "median", "p95"])
@pytest.mark.parametrize("many", [7, 80, 2500])
def test_the_spread_is_that_of_plain_redraws(read, many):
    """A resample drawn value by value in plain Python has the same mean and the same spread, to a tenth of it."""
    chance = random.Random(7)
    values = [chance.expovariate(1 / 3600) for _ in range(many)]
    read_off = {"mean": mean, "median": lambda drawn: quantile(drawn, 0.5), "p95": lambda drawn: quantile(drawn, 0.95)}
    plain = [read_off[read](chance.choices(values, k=many)) for _ in range(400)]
    drawn = _resampled(np.random.Generator(np.random.PCG64(SEED)), Sample.of(values, read)).tolist()
    assert len(drawn) == RESAMPLES
    spread = quantiles(plain, n=40)[-1] - quantiles(plain, n=40)[0]
    assert mean(drawn) == pytest.approx(mean(plain), abs=spread / 10)
    assert quantiles(drawn, n=40)[-1] - quantiles(drawn, n=40)[0] == pytest.approx(spread, rel=0.2)


def test_buckets_are_drawn_as_often_as_they_count():
    """A million of 1 s and a million of 3 s: the mean is 2 s within a thousandth, whatever is drawn."""
    drawn = _resampled(np.random.Generator(np.random.PCG64(1)), Sample((1.0, 3.0), (10**6, 10**6)))
    assert drawn.min() > 1.99 and drawn.max() < 2.01
    half = Sample((1.0, 3.0), (60, 40), "median", interpolated=False)
    assert set(_resampled(np.random.Generator(np.random.PCG64(1)), half).tolist()) == {1.0, 3.0}
