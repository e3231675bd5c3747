"""Cost as KPIs count it: of usage, in the report currency, at the rate of its day (kpi_rules, section 7)."""

from __future__ import annotations

from datetime import datetime

from slo.facts import Meter
from slo.measure import Item
from slo.metering.money import in_report_currency
from slo.view import View

APART = ("credit", "refund", "tax", "purchase")
"""Categories that are no cost of usage; a correction is."""
PRICED = "priced"
"""How many costs were told in a currency that has a rate."""


def reading_item(view: View, kpi: str, at: datetime, meter: Meter) -> Item:
    """The item of a reading at the instant that places it; what it counts as is for its KPI to say."""
    dims = view.dims(meter.asset, at)
    return Item(
        at=at, asset=meter.asset, dims=dims, since=meter.at, facts=(meter,),
        note=meter.category or meter.meter or "", excluded=view.exclusion(kpi, meter.asset, dims, at),
        beside={"provisional": 1} if meter.provisional else None,
    )  # fmt: skip


def count_cost(view: View, item: Item, meter: Meter) -> None:
    """The amount as the item's value; what stands apart is left out by its category, what has no rate is unknown."""
    amount = in_report_currency(view.platform, meter.amount or 0.0, meter.currency, view.day(item.at))
    item.value = amount
    category = (meter.category or "").lower()
    if category in APART:
        item.excluded = category
    elif amount is None:
        item.unseen, item.note = 1, f"no rate for {meter.currency}"
    else:
        item.beside = {**(item.beside or {}), PRICED: 1}
