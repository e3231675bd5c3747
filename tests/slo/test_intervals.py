from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slo.intervals import (
    clip,
    contains,
    intersect,
    normalise,
    overlap_seconds,
    seconds_between,
    subtract,
    total_seconds,
    union,
)

BASE = datetime(2026, 4, 1, tzinfo=UTC)


def at(minute):
    return BASE + timedelta(minutes=minute)


def spans(*pairs):
    return [(at(start), at(end)) for start, end in pairs]


pieces = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8).map(lambda pairs: spans(*pairs))


def minutes_of(intervals):
    return {minute for minute in range(61) if any(start <= at(minute) < end for start, end in intervals)}


def test_overlapping_and_touching_stretches_are_one_and_empty_ones_vanish():
    assert normalise(spans((5, 9), (0, 3), (2, 5), (20, 20), (30, 25))) == spans((0, 9))
    assert union(spans((0, 1)), spans((2, 3))) == spans((0, 1), (2, 3))


def test_what_overlaps_counts_once():
    assert total_seconds(spans((0, 10), (5, 15), (20, 21))) == 16 * 60


def test_clip_subtract_intersect_by_hand():
    assert clip(spans((0, 10), (20, 30)), at(5), at(25)) == spans((5, 10), (20, 25))
    assert subtract(spans((0, 10), (20, 30)), spans((2, 4), (9, 21), (30, 40))) == spans((0, 2), (4, 9), (21, 30))
    assert intersect(spans((0, 10), (20, 30)), spans((8, 22))) == spans((8, 10), (20, 22))
    assert overlap_seconds(spans((0, 10), (5, 20)), at(8), at(15)) == 7 * 60


def test_a_start_is_inside_and_an_end_is_not():
    normal = spans((0, 10), (20, 30))
    assert [contains(normal, at(minute)) for minute in (0, 9, 10, 15, 20, 30)] == [
        True, True, False, False, True, False,
    ]  # fmt: skip
    assert not contains([], at(0))


@given(pieces, pieces)
def test_the_algebra_agrees_with_sets_of_minutes(one, other):
    assert minutes_of(union(one, other)) == minutes_of(one) | minutes_of(other)
    assert minutes_of(subtract(one, other)) == minutes_of(one) - minutes_of(other)
    assert minutes_of(intersect(one, other)) == minutes_of(one) & minutes_of(other)
    assert total_seconds(one) == 60 * len(minutes_of(one))


@given(pieces, st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_splitting_a_window_conserves_its_seconds(one, first, second, third):
    start, middle, end = (at(minute) for minute in sorted((first, second, third)))
    parts = overlap_seconds(one, start, middle) + overlap_seconds(one, middle, end)
    assert parts == overlap_seconds(one, start, end)


def test_no_time_at_all_is_nought_seconds_and_an_unknown_end_is_none():
    told = [seconds_between(at(0), at(2)), seconds_between(at(1), at(1)), seconds_between(at(1), at(0))]
    assert (told, [type(one) for one in told]) == ([120.0, 0.0, -60.0], [float] * 3)
    assert (seconds_between(None, at(0)), seconds_between(at(0), None)) == (None, None)
