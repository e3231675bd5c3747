"""Unit cost: what a terabyte (or a query, a run, an event) costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from slo.beside.pairs import Figure
from slo.facts import Meter
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import asset_marks
from slo.measure import Item, Quotient
from slo.money import in_report_currency
from slo.readings import reading_marks, readings
from slo.store import ChangeRow, Mark
from slo.view import View

UNITS = {"TB": ("bytes", 10**12), "query": ("queries", 1), "run": ("runs", 1), "event": ("events", 1)}
"""Unit -> its meter, and how much of the meter is one unit."""
APART = ("credit", "refund", "tax", "purchase")


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
            item = self._item(view, at, meter)
            if meter.meter == "cost":
                self._cost(view, item, meter)
            else:
                item.over = Fraction(str(meter.amount)) / size
            yield item

    def _item(self, view: View, at: datetime, meter: Meter) -> Item:
        dims = view.dims(meter.asset, at)
        return Item(
            at=at, asset=meter.asset, dims=dims, since=meter.at, facts=(meter,),
            note=meter.category or meter.meter or "",
            excluded=view.exclusion(self.id, meter.asset, dims, at),
            beside={"provisional": 1} if meter.provisional else None,
        )  # fmt: skip

    def _cost(self, view: View, item: Item, meter: Meter) -> None:
        amount = in_report_currency(view.platform, meter.amount or 0.0, meter.currency, view.day(item.at))
        item.value = amount
        category = (meter.category or "").lower()
        if category in APART:
            item.excluded = category
        elif amount is None:
            item.unseen, item.note = 1, f"no rate for {meter.currency}"

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from reading_marks(changes, view)

    def figures(self, reading: Reading) -> Figures:
        """Always with the volume's own growth against the window before."""
        figures = super().figures(reading)
        before, now = reading.before.denominator if reading.before else None, reading.state.denominator
        growth = float(now / before - 1) if now is not None and before else None
        parts = {**figures.parts, "volume_growth": growth, "unknown": reading.state.unknown}
        parts["apart"] = {name: float(amount) for name, amount in reading.state.excluded.items()}
        return replace(figures, parts=parts, provisional=bool(reading.state.beside.get("provisional")))
