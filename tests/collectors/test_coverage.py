"""Coverage: what touches becomes one stretch, what doesn't stays apart. Whatever the order, the union is the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.coverage import kinds_observed, stretched
from slo.facts import Coverage

T0 = datetime(2026, 11, 1, tzinfo=UTC)
Spans = list[tuple[int, int]]


def hours(number: int) -> datetime:
    return T0 + timedelta(hours=number)


def observed(spans: Spans) -> list[Coverage]:
    """What is stored after telling these spans one after the other."""
    stored: dict[str, Coverage] = {}
    for start, end in spans:
        for fact in stretched(list(stored.values()), "s", ["run"], hours(start), hours(end)):
            assert isinstance(fact, Coverage)
            if fact.deleted:
                del stored[fact.id]
            else:
                stored[fact.id] = fact
    return sorted(stored.values(), key=lambda one: one.start or T0)


def as_hours(stored: list[Coverage]) -> Spans:
    hour = timedelta(hours=1)
    return [((one.start - T0) // hour, (one.end - T0) // hour) for one in stored if one.start and one.end]


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ([(20, 24), (10, 20), (0, 10)], [(0, 24)]),
        ([(0, 10), (12, 20)], [(0, 10), (12, 20)]),
        ([(0, 10), (12, 20), (10, 12)], [(0, 20)]),
        ([(0, 10), (2, 5)], [(0, 10)]),
        ([(5, 5)], []),
        ([(7, 3)], []),
    ],
)
def test_stretches(spans: Spans, told: Spans) -> None:
    assert as_hours(observed(spans)) == told


def test_a_stretch_keeps_the_id_it_was_told_under() -> None:
    (whole,) = observed([(20, 24), (10, 20), (24, 30)])
    assert (whole.id, whole.kinds) == ("observed-2026-11-01T20:00:00Z", ["run"])


def test_what_is_known_is_not_told_again() -> None:
    assert stretched(observed([(0, 10)]), "s", ["run"], hours(2), hours(5)) == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12))
def test_the_union_is_observed_whatever_the_order(spans: Spans) -> None:
    seen = {hour for start, end in spans for hour in range(start, end)}
    for order in (spans, spans[::-1]):
        told = as_hours(observed(order))
        assert {hour for start, end in told for hour in range(start, end)} == seen
        assert all(first[1] < second[0] for first, second in pairwise(told))


def test_registers_have_no_moment_of_observation() -> None:
    told: dict[str, tuple[str, ...]] = {"run": (), "asset": (), "check_result": ()}
    assert kinds_observed(told, told) == ["check_result", "run"]
    assert kinds_observed({"asset": (), "edge": ()}, {"asset": (), "edge": ()}) is None
    assert kinds_observed({"asset": ()}, told) == ["asset"]  # its runs were refused: nothing was seen of them
    assert kinds_observed({}, told) == ["coverage"]
