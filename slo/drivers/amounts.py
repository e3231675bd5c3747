"""What a part of a KPI's states weighs in its value: tops and bottoms that add up to the whole's.

The mechanism follows from the measure. Where the value itself cannot be parted (a median, a p95, a reducer over
assets), the mean beside it is, and ``Parting.figure`` says so: no exact split of a quantile exists.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from slo.drivers.effects import NOUGHT, Amount
from slo.drivers.effects import whole as _together
from slo.kpi import Figures, Kpi, Reading
from slo.measure import Count, Distinct, Levels, Quotient, Ratio, Samples, Score, Totals
from slo.measure.state import exact

MEAN, MEAN_OF_ASSETS = "mean", "mean over assets"
UNPARTED = "not parted"
"""The line of what no group answers for by itself: a KPI that judges its assets otherwise apart than together."""
LAST_DIGIT = Fraction(1, 10**12)


@dataclass(frozen=True)
class Parting:
    """``figure``: what the parts add up to: "value", or the figure beside it that can be parted."""

    figure: str
    additive: bool
    """A sum: no group has a weight."""
    whole: Amount
    amounts: dict[Any, Amount]
    shown: dict[Any, float | None]
    """Each group's own value, as the KPI reads it where the figure is its value."""


def parting(kpi: Kpi, reading: Reading, groups: Mapping[Any, Reading], judged: bool = False) -> Parting:
    """The groups of one window, each with what the KPI would read were nothing else there; ``reading`` is the whole.
    ``judged``: what counts is the KPI's verdict on each asset, not what was counted of it."""
    figures = {key: kpi.figures(one) for key, one in groups.items()}
    own = kpi.figures(reading)
    split, figure = _way(kpi, reading, own, judged)
    amounts = {key: split(groups[key], figures[key]) for key in groups}
    whole = split(reading, own)
    left = _left(whole, amounts) if groups else Amount()
    if _counts(left, whole):
        amounts[UNPARTED] = left
    elif groups:
        whole = _together(amounts, whole.bottom is None)
    shown = {key: _shown(figure, amount, figures.get(key)) for key, amount in amounts.items()}
    return Parting(figure, whole.bottom is None, whole, amounts, shown)


def ranked(worth: Iterable[tuple[Any, Fraction]]) -> Parting:
    """Of a KPI that ranks its assets against one another: what each added, by group."""
    tops: dict[Any, Fraction] = {}
    for group, amount in worth:
        tops[group] = tops.get(group, NOUGHT) + amount
    amounts = {group: Amount(top, None) for group, top in tops.items()}
    return Parting("value", True, _together(amounts, True), amounts, {key: float(top) for key, top in tops.items()})


def _counts(left: Amount, whole: Amount) -> bool:
    """Whether what is left is more than the last digit of figures that are told as floats."""
    pairs = ((left.top, whole.top), (left.bottom or NOUGHT, whole.bottom or NOUGHT))
    return any(abs(part) > abs(total) * LAST_DIGIT for part, total in pairs)


def _left(whole: Amount, amounts: Mapping[Any, Amount]) -> Amount:
    """What the groups leave of the whole."""
    top = whole.top - sum((amount.top for amount in amounts.values()), NOUGHT)
    if whole.bottom is None:
        return Amount(top, None)
    return Amount(top, whole.bottom - sum((amount.bottom or NOUGHT for amount in amounts.values()), NOUGHT))


Split = Callable[[Reading, Figures], Amount]


def _way(kpi: Kpi, whole: Reading, figures: Figures, judged: bool) -> tuple[Split, str]:
    """How this KPI's value is parted, and which figure that is."""
    state = whole.state
    if isinstance(state, Ratio) and not judged and figures.value == _ratio(kpi, state):
        return (lambda one, _: _share(kpi, one.state.good, one.state.bad)), "value"
    if figures.good is not None and figures.bad is not None:
        return (lambda _, own: _share(kpi, own.good or 0, own.bad or 0)), "value"
    if isinstance(state, Levels):
        return (lambda _, own: _beyond(own)), "value"
    if isinstance(state, Totals):
        return (lambda _, own: Amount(exact(own.value or 0), None)), "value"
    if isinstance(state, Quotient):
        return (lambda one, _: Amount(one.state.numerator or NOUGHT, one.state.denominator or NOUGHT)), "value"
    if isinstance(state, Samples):
        return (lambda one, _: Amount(one.state.total, exact(one.state.n))), "value" if kpi.pick == MEAN else MEAN
    if isinstance(state, Score):
        return _scored(state, figures)
    if isinstance(state, Count | Distinct):
        return _summed(state, figures), "value"
    return (lambda one, _: _each(kpi, one)), MEAN_OF_ASSETS


def _ratio(kpi: Kpi, state: Ratio) -> float | None:
    return (state.bad if kpi.complement else state.good) / state.total if state.total else None


def _share(kpi: Kpi, good: float, bad: float) -> Amount:
    """Good and bad, as the KPI counts or judges them; an amount is the decimal that is shown."""
    first, last = Fraction(str(good)), Fraction(str(bad))
    return Amount(last if kpi.complement else first, first + last)


def _beyond(figures: Figures) -> Amount:
    """Growth beyond a forecast, over the forecast."""
    actual, planned = (Fraction(figures.parts[side] or 0) for side in ("numerator", "denominator"))
    return Amount(actual - planned, planned)


def _scored(state: Score, figures: Figures) -> tuple[Split, str]:
    """Answers on 10 or 5 by their mean, the net promoter score by its two ends: whichever the value is."""
    if state.n and figures.value == state.nps and figures.parts.get("promoters") is not None:
        return (lambda one, _: Amount(Fraction(100 * (one.state.promoters - one.state.detractors)), exact(one.state.n)),
                "value")  # fmt: skip
    same = figures.value is None or state.mean is None or math.isclose(figures.value, state.mean)
    return (lambda one, _: Amount(one.state.total, exact(one.state.n))), "value" if same else MEAN


def _summed(state: Count | Distinct, figures: Figures) -> Split:
    """Sums and sizes, in the unit of the value: a rate's period is a factor that all groups share."""
    total = _size(state)
    factor = Fraction(figures.value) / total if figures.value is not None and total else NOUGHT
    return lambda one, _: Amount(_size(one.state) * factor, None)


def _size(state: Any) -> Fraction:
    return Fraction(len(state.keys)) if isinstance(state, Distinct) else exact(state.total)


def _each(kpi: Kpi, reading: Reading) -> Amount:
    """Every asset by itself: its own value, weighed by how often it counts (a job once)."""
    top = bottom = NOUGHT
    for key in reading.state.names:
        alone = replace(reading, state=reading.state.only([key]), before=reading.before.only([key]))
        figures = kpi.figures(alone)
        if figures.value is not None:
            top, bottom = top + Fraction(figures.value), bottom + 1
    return Amount(top, bottom)


def _shown(figure: str, amount: Amount, figures: Figures | None) -> float | None:
    if figure == "value" and amount.bottom is not None and figures is not None:
        return figures.value
    return None if amount.value is None else float(amount.value)
