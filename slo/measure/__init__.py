"""The algebra: states that merge in any order and grouping, and values read off a merged state."""

from slo.measure.grouped import Change, Share
from slo.measure.item import Item
from slo.measure.ratio import Ratio
from slo.measure.samples import Samples
from slo.measure.sets import Distinct, Register
from slo.measure.state import State, merge_all
from slo.measure.sums import Count, Quotient, Score

MEASURES: dict[str, type[State]] = {
    measure.__name__: measure for measure in (Ratio, Quotient, Samples, Count, Register, Distinct, Change, Share, Score)
}

__all__ = [
    "MEASURES", "Change", "Count", "Distinct", "Item", "Quotient", "Ratio", "Register", "Samples", "Score", "Share",
    "State", "merge_all",
]  # fmt: skip
