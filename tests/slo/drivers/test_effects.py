"""The arithmetic of drivers: cases worked by hand, and that effects always add up to the change, in fractions."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.drivers.effects import Amount, effects, whole


def ratio(good: int, total: int) -> Amount:
    return Amount(F(good), F(total))


def told(before: dict[str, Amount], now: dict[str, Amount], additive: bool = False) -> dict[str, tuple[F, F]]:
    return {one.key: (one.mix, one.rate) for one in effects(before, now, additive)}


def test_only_weights_moved() -> None:
    """a keeps 9 of 10, b 5 of 10; a shrinks from half to a quarter. 70 % -> 60 %, all of it mix: the midpoint of the
    whole is 65 %, so a costs -1/4 x (90 - 65) = -6.25 points and b +1/4 x (50 - 65) = -3.75."""
    before = {"a": ratio(9, 10), "b": ratio(5, 10)}
    now = {"a": ratio(9, 10), "b": ratio(15, 30)}
    assert told(before, now) == {"a": (F(-1, 16), F(0)), "b": (F(-3, 80), F(0))}


def test_only_rates_moved() -> None:
    """Half and half; a falls from 9 to 7 of 10: -2/10 of half the weight."""
    before = {"a": ratio(9, 10), "b": ratio(5, 10)}
    assert told(before, {"a": ratio(7, 10), "b": ratio(5, 10)}) == {"a": (F(0), F(-1, 10)), "b": (F(0), F(0))}


def test_both_moved() -> None:
    """a: 8 of 10, then 6 of 10; b: 10 of 10, then 27 of 30. Whole: 18/20 = 0.9, then 33/40 = 0.825; midpoint 0.8625.
    a: weight 1/2 -> 1/4, value 0.8 -> 0.6. mix -1/4 x (0.7 - 0.8625), rate 3/8 x -0.2.
    b: weight 1/2 -> 3/4, value 1.0 -> 0.9. mix +1/4 x (0.95 - 0.8625), rate 5/8 x -0.1."""
    found = told({"a": ratio(8, 10), "b": ratio(10, 10)}, {"a": ratio(6, 10), "b": ratio(27, 30)})
    assert found == {"a": (F("0.040625"), F("-0.075")), "b": (F("0.021875"), F("-0.0625"))}
    assert sum(mix + rate for mix, rate in found.values()) == F("0.825") - F("0.9")


def test_a_group_that_appears_or_vanishes_is_mix() -> None:
    """It has no value to compare its own with: whatever it does, it does by being there. c appears with 0 of 10."""
    found = told({"a": ratio(9, 10)}, {"a": ratio(9, 10), "c": ratio(0, 10)})
    # 0.9 -> 0.45, midpoint 0.675; a: -1/2 x (0.9 - 0.675); c: 1/2 x (0 - 0.675)
    assert found == {"c": (F("-0.3375"), F(0)), "a": (F("-0.1125"), F(0))}
    gone = told({"a": ratio(9, 10), "c": ratio(0, 10)}, {"a": ratio(9, 10)})
    assert gone == {"c": (F("0.3375"), F(0)), "a": (F("0.1125"), F(0))}


def test_a_cost_without_a_volume_is_rate() -> None:
    """A group of tops alone (a warehouse that bills and moves no bytes) has no weight to move: 12 / 4, then 20 / 4."""
    before = {"bill": Amount(F(12)), "bytes": Amount(F(0), F(4))}
    now = {"bill": Amount(F(20)), "bytes": Amount(F(0), F(4))}
    assert told(before, now) == {"bill": (F(0), F(2)), "bytes": (F(0), F(0))}


def test_sums_differ_by_their_differences() -> None:
    before = {"a": Amount(F(3), None), "b": Amount(F(1), None)}
    assert told(before, {"a": Amount(F(1), None), "c": Amount(F(5), None)}, additive=True) == {
        "c": (F(0), F(5)), "a": (F(0), F(-2)), "b": (F(0), F(-1)),
    }  # fmt: skip


def test_a_sum_of_nothing_is_nought() -> None:
    assert told({}, {"a": Amount(F(2), None)}, additive=True) == {"a": (F(0), F(2))}


def test_without_a_value_there_is_no_change() -> None:
    with pytest.raises(ValueError, match="no change to part"):
        effects({}, {"a": ratio(1, 2)})


def test_the_largest_stands_first() -> None:
    before = {"a": ratio(9, 10), "b": ratio(5, 10), "c": ratio(5, 10)}
    now = {"a": ratio(8, 10), "b": ratio(1, 10), "c": ratio(5, 10)}
    assert [one.key for one in effects(before, now)] == ["b", "a", "c"]


amounts = st.dictionaries(
    st.sampled_from("abcdef"),
    st.builds(Amount, st.fractions(0, 100, max_denominator=7), st.integers(0, 50).map(F)),
    min_size=1,
)


@given(amounts, amounts)
def test_effects_add_up_to_the_change(before: dict[str, Amount], now: dict[str, Amount]) -> None:
    """Whatever appears, vanishes, or has a top without a bottom."""
    then, today = whole(before).value, whole(now).value
    if then is not None and today is not None:
        assert sum((one.total for one in effects(before, now)), F(0)) == today - then


@given(amounts, amounts)
def test_read_backwards_every_effect_is_the_opposite(before: dict[str, Amount], now: dict[str, Amount]) -> None:
    """Neither window is the yardstick."""
    if whole(before).value is not None and whole(now).value is not None:
        forth, back = told(before, now), told(now, before)
        assert forth == {key: (-mix, -rate) for key, (mix, rate) in back.items()}
