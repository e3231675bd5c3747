"""A part over its whole, summed over pairs of readings: what is larger weighs more."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from slo.kpi import Figures, Reading
from slo.measure import Item, Quotient
from slo.metering.pairs import OfPairs, Pair, amount
from slo.view import View

PAIRS = "pairs"


class Utilization(OfPairs):
    """Sum of parts / sum of wholes. A reading without its partner is unknown and in neither sum."""

    measure = Quotient
    unit = "ratio"
    minimum = 0

    def judge(self, view: View, item: Item, pair: Pair) -> None:
        if not pair.complete:
            item.unseen, item.note = 1, self.missing_side(pair)
            return
        item.value, item.over = self.amounts_of(view, item, pair)
        item.beside = {PAIRS: 1}

    def amounts_of(self, view: View, item: Item, pair: Pair) -> tuple[Fraction, Fraction]:
        """Part and whole of a complete pair."""
        return amount(pair.part), amount(pair.whole)

    def figures(self, reading: Reading) -> Figures:
        """Coverage is the share of readings that had their partner."""
        figures = super().figures(reading)
        whole, alone = reading.state.beside.get(PAIRS, 0), reading.state.unknown
        parts = {**figures.parts, "unknown": alone}
        return replace(figures, parts=parts, coverage=whole / (whole + alone) if whole + alone else None)
