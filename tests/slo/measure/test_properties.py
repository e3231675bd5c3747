"""What the algebra promises of every measure: order and grouping of merging never matter, and JSON loses nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo.measure import MEASURES, Item, State, merge_all

START = datetime(2026, 3, 28, 22, tzinfo=UTC)
KEYS = ["a/one", "a/two", "b/three"]
# Binary fractions: their sums are exact in floats, too, so that equality can be asked for.
QUARTERS = st.integers(0, 4_000).map(lambda quarters: quarters / 4)


def _item(draw: Any) -> Item:
    kind = draw(st.sampled_from(["good", "bad", "unseen", "unjudged", "value", "buckets", "empty"]))
    item = Item(at=START + timedelta(minutes=draw(st.integers(0, 50))), asset=draw(st.sampled_from(KEYS)))
    item.key = draw(st.sampled_from([None, *KEYS]))
    item.excluded = draw(st.sampled_from([None, None, None, "vendor", "agreed"]))
    item.sign = draw(st.sampled_from([1, 1, -1]))
    item.responsible = draw(st.sampled_from([None, None, "platform", "domain", "vendor"]))
    item.beside = draw(st.sampled_from([None, None, {"first_try": 1}, {"days": 3, "first_try": 2}]))
    if kind in ("good", "bad", "unseen", "unjudged"):
        setattr(item, kind, draw(st.integers(1, 5)))
    elif kind == "value":
        item.value = draw(QUARTERS)
        item.over = draw(st.sampled_from([None, 1, 2.5, Fraction(1, 3)]))
    elif kind == "buckets":
        item.buckets = draw(st.dictionaries(st.integers(-50, 400), st.integers(1, 9).map(float), max_size=3))
        item.zero = draw(st.integers(0, 2))
    return item


ITEMS = st.lists(st.composite(_item)(), max_size=8)
each = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
few = settings(max_examples=40, deadline=None)


@each
@few
@given(a=ITEMS, b=ITEMS, c=ITEMS)
def test_grouping_and_order_do_not_matter(measure: type[State], a: list[Item], b: list[Item], c: list[Item]) -> None:
    one, two, three = measure.of(a), measure.of(b), measure.of(c)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(two) == two.merge(one)
    assert merge_all(measure, [three, one, two]) == merge_all(measure, [one, two, three])


@each
@few
@given(items=ITEMS)
def test_nothing_is_the_neutral_element(measure: type[State], items: list[Item]) -> None:
    state, nothing = measure.of(items), measure.of(())
    assert state.merge(nothing) == state
    assert nothing.merge(state) == state
    assert merge_all(measure, []) == nothing


@each
@few
@given(a=ITEMS, b=ITEMS)
def test_states_of_parts_merge_to_the_state_of_the_whole(measure: type[State], a: list[Item], b: list[Item]) -> None:
    assert measure.of(a + b) == measure.of(a).merge(measure.of(b))
    assert measure.of(b + a) == measure.of(a + b)


@each
@few
@given(items=ITEMS)
def test_json_is_plain_and_gives_the_state_back(measure: type[State], items: list[Item]) -> None:
    state = measure.of(items)
    told = json.loads(json.dumps(state.to_json()))
    assert measure.from_json(told) == state
    assert measure.from_json({}) == measure.of(())


@each
@few
@given(a=ITEMS, b=ITEMS)
def test_merging_changes_neither_side(measure: type[State], a: list[Item], b: list[Item]) -> None:
    one, two = measure.of(a), measure.of(b)
    before = json.dumps([one.to_json(), two.to_json()])
    one.merge(two)
    assert json.dumps([one.to_json(), two.to_json()]) == before
