"""The algebra: states that merge in any order and grouping, and values read off a merged state."""

from slo.measure.grouped import Change, Share, Totals
from slo.measure.item import Item
from slo.measure.levels import Levels
from slo.measure.ratio import Ratio
from slo.measure.register import Register
from slo.measure.samples import Samples
from slo.measure.sets import Distinct
from slo.measure.state import State, merge_all
from slo.measure.sums import Count, Quotient, Score

MEASURES: dict[str, type[State]] = {
    measure.__name__: measure
    for measure in (Ratio, Quotient, Samples, Count, Register, Distinct, Change, Share, Totals, Levels, Score)
}

__all__ = [
    "MEASURES", "Change", "Count", "Distinct", "Item", "Levels", "Quotient", "Ratio", "Register", "Samples", "Score",
    "Share", "State", "Totals", "merge_all",
]  # fmt: skip
