"""Changes of a tenth are a tenth: on a bound the last digit decides."""

from __future__ import annotations

from fractions import Fraction

import pytest

from slo.measure.state import relative, written


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        (100, 90, -0.1),
        (100, 80, -0.2),
        (70, 63, -0.1),
        (300, 270, -0.1),
        (600, 540, -0.1),
        (90, 72, -0.2),
        (7, 7.7, 0.1),
    ],
)
def test_a_change_is_what_it_is_on_paper(then: float, now: float, change: float) -> None:
    assert relative(now, then) == change


def test_a_float_is_what_was_written() -> None:
    assert written(7.7) == Fraction(77, 10)
    assert written(0.1 + 0.2) == Fraction(3, 10)
    assert written(-1234567.25) == Fraction(-123456725, 100)
