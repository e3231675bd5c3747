"""Reserved capacity utilization: how much of what was committed to was used."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from slo.kpi import Figures, Reading
from slo.measure import Item
from slo.metering.money import in_report_currency
from slo.metering.pairs import Pair
from slo.metering.utilization import PAIRS, Utilization
from slo.view import View

UNCONVERTED = "without a rate: "


class ReservedCapacityUtilization(Utilization):
    id = "reserved_capacity_utilization"
    title = "Reserved capacity utilization"
    family = "cost"
    lens = "lagging"
    better = "band"
    definition = "Commitment used, of the commitment paid for; judged against a band, since too full is a risk, too."
    formula = "commitment used / commitment paid"
    not_counted = "readings without their partner of the same instant, which are unknown"
    example = "Commitments of 100 and 300 paid, 90 and 210 of them used: 300 / 400 = 75 %, within 70-90 %."
    sentence = "{who} used {value} of its commitments {when}"
    needs = (("meter.commitment_used",), ("meter.commitment_paid",))
    part, whole = "commitment_used", "commitment_paid"

    def amounts_of(self, view: View, item: Item, pair: Pair) -> tuple[Fraction, Fraction]:
        """In the report currency where that has a rate; else as they are told, counted apart by currency."""
        sides = []
        for readings in (pair.part, pair.whole):
            side = Fraction(0)
            for one in readings:
                told = one.amount or 0.0
                found = in_report_currency(view.platform, told, one.currency, view.day(item.at))
                side += Fraction(str(told)) if found is None else found
            sides.append(side)
        return sides[0], sides[1]

    def judge(self, view: View, item: Item, pair: Pair) -> None:
        super().judge(view, item, pair)
        for one in pair.readings if item.beside else ():
            if in_report_currency(view.platform, 1.0, one.currency, view.day(item.at)) is None:
                item.beside = {PAIRS: 1, f"{UNCONVERTED}{one.currency}": 1}

    def figures(self, reading: Reading) -> Figures:
        """Amounts of one foreign currency make a ratio all the same; two currencies without a rate don't add up."""
        figures = super().figures(reading)
        apart = {name: n for name, n in reading.state.beside.items() if name.startswith(UNCONVERTED)}
        mixed = len(apart) > 1 or (apart and sum(apart.values()) < reading.state.beside[PAIRS])
        return replace(figures, value=None, n=0) if mixed else figures
