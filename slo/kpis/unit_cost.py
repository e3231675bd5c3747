"""Unit cost: what a terabyte (or a query, a run, an event) costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from slo.beside.pairs import Figure
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import asset_marks
from slo.measure import Item, Quotient
from slo.metering.costs import PRICED, count_cost, reading_item
from slo.metering.readings import reading_marks, readings
from slo.metering.workloads import TEN
from slo.store import ChangeRow, Mark
from slo.view import View

UNITS = {"TB": ("bytes", 10**12), "query": ("queries", 1), "run": ("runs", 1), "event": ("events", 1)}
"""Unit -> its meter, and how much of the meter is one unit."""


class UnitCost(Kpi):
    id = "unit_cost"
    title = "Unit cost"
    family = "cost"
    measure = Quotient
    unit = "currency_per_terabyte"
    better = "down"
    definition = "Cost of usage in the report currency, for each terabyte processed (or query, run or event)."
    formula = "cost / units"
    not_counted = "credits, refunds, tax and commitment purchases, which stand apart; cost without a configured rate"
    example = "12,000 EUR of usage and 800 TB processed are 15 EUR per terabyte; a credit of 500 EUR stands apart."
    sentence = "{who} cost {value} processed {when}"
    facts = ("meter", "asset")
    needs = (("meter.cost",), ("meter.bytes", "meter.queries", "meter.runs", "meter.events"))
    minimum = 0
    reread = True
    pair = Figure(
        "volume_growth", "Volume against the window before", "ratio",
        lambda growth: growth <= 0, "the volume did not grow",
    )  # fmt: skip
    defaults = {"unit": "TB"}
    choices = {"unit": tuple(UNITS)}

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        volume, size = UNITS[params["unit"]]
        where = {"meter": ["cost", volume]} | ({} if assets is None else {"asset": assets})
        for at, meter in readings(view, "meter", start, end, **where):
            item = reading_item(view, self.id, at, meter)
            if meter.meter == "cost":
                count_cost(view, item, meter)
            else:
                item.over = Fraction(str(meter.amount)) / size
            yield item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from reading_marks(changes, view)

    def figures(self, reading: Reading) -> Figures:
        """Always with the volume's own growth against the window before, and the ten most expensive workloads."""
        figures = super().figures(reading)
        before, now = reading.before.denominator if reading.before else None, reading.state.denominator
        growth = float(now / before - 1) if now is not None and before else None
        parts = {**figures.parts, "volume_growth": growth, "unknown": reading.state.unknown}
        parts["apart"] = {name: float(amount) for name, amount in reading.state.excluded.items()}
        if not reading.light:
            parts["workloads"] = _most_expensive(reading)
        provisional = bool(reading.state.beside.get("provisional"))
        return replace(figures, parts=parts, coverage=_priced(figures, reading.state), provisional=provisional)


def _priced(figures: Figures, state: Quotient) -> float | None:
    """The share of the costs that are told in a currency with a rate: of the others nobody knows how much they are."""
    priced = state.beside.get(PRICED, 0)
    return priced / (priced + state.unknown) if figures.value is not None and priced else figures.coverage


def _most_expensive(reading: Reading) -> list[dict[str, Any]]:
    """The ten assets of the highest cost, ties by name; cost that no asset is named for is not a workload's."""
    told = {asset: state for asset, state in reading.by_asset().items() if asset and state.numerator is not None}
    named = sorted(told, key=lambda asset: (-told[asset].numerator, asset))[:TEN]
    return [
        {
            "asset": asset, "cost": float(told[asset].numerator), "units": _float(told[asset].denominator),
            "unit_cost": _float(told[asset].value),
        }
        for asset in named
    ]  # fmt: skip


def _float(amount: Fraction | None) -> float | None:
    return None if amount is None else float(amount)
