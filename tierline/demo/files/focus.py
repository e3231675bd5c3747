"""The bills in FOCUS 1.2, a CSV file a month."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tierline.demo.model import Cost
from tierline.demo.world import World

COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountId", "CommitmentDiscountStatus", "ContractedCost", "EffectiveCost", "InvoiceIssuerName",
    "ListCost", "PricingQuantity", "PricingUnit",
    "ProviderName", "PublisherName", "ResourceId", "ServiceCategory", "ServiceName", "SubAccountId", "Tags",
)  # fmt: skip
_CATEGORIES = {
    "Warehouse compute": "Databases", "Warehouse storage": "Storage", "Object storage": "Storage",
    "Orchestrator": "Management and Governance", "Tax": "Other",
}  # fmt: skip


def write_bills(world: World, folder: Path, now: datetime, months: set[str] | None = None) -> None:
    """Bills of these months ("2026-11"; None: all), with the days that are over by ``now``. They reach further
    back than a small world: its costs are compared with those of the quarter before."""
    folder.mkdir(parents=True, exist_ok=True)
    bills: dict[str, list[Cost]] = {}
    for day in world.billed_days(now):
        for cost in world.money.costs(day):
            bills.setdefault(f"{cost.day:%Y-%m}", []).append(cost)
    for month, costs in bills.items():
        if months is None or month in months:
            _write(folder / f"focus-{month}.csv", costs)


def _write(path: Path, costs: list[Cost]) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(_rows(costs))
    fresh.replace(path)


def _rows(costs: list[Cost]) -> Iterator[dict[str, str]]:
    for cost in costs:
        first = cost.day.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        amount = f"{cost.amount:.2f}"
        yield {
            "BilledCost": amount, "BillingAccountId": "acme", "BillingAccountName": "Acme data platform",
            "BillingCurrency": "USD", "BillingPeriodStart": _text(first), "BillingPeriodEnd": _text(following),
            "ChargeCategory": cost.category, "ChargeClass": "Correction" if cost.correction else "",
            "ChargeDescription": f"{cost.service} of {cost.resource}", "ChargeFrequency": "Usage-Based",
            "ChargePeriodStart": _text(cost.day), "ChargePeriodEnd": _text(cost.day + timedelta(days=1)),
            "CommitmentDiscountId": cost.commitment or "", "CommitmentDiscountStatus": cost.status or "",
            "ContractedCost": amount, "EffectiveCost": amount, "InvoiceIssuerName": "Acme Cloud", "ListCost": amount,
            "PricingQuantity": "1", "PricingUnit": "Days", "ProviderName": "Acme Cloud", "PublisherName": "Acme Cloud",
            "ResourceId": cost.resource, "ServiceCategory": _CATEGORIES[cost.service], "ServiceName": cost.service,
            "SubAccountId": cost.team, "Tags": json.dumps(_tags(cost)),
        }  # fmt: skip


def _tags(cost: Cost) -> dict[str, str]:
    return {"team": cost.team, **({"workload": cost.workload} if cost.workload else {})}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"
