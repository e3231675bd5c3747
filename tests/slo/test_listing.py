"""What a listing says of what nobody could judge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from slo.explaining.listing import unknown
from slo.measure import Item
from slo.shelf import get_kpi

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def unseen(asset: str, amount: int, hours: int = 0, note: str | None = None) -> Item:
    return Item(at=NOON + timedelta(hours=hours), asset=asset, unseen=amount, note=note)


def test_of_a_kpi_read_asset_by_asset_assets_are_counted() -> None:
    """One asset unseen for two hours (in microseconds), another one's delivery: two assets."""
    items = [unseen("a", 3_600_000_000), unseen("a", 3_600_000_000, 1), unseen("b", 1), unseen("b", 1, 2, "paused")]
    assert unknown(items, get_kpi("dataset_sla_attainment")) == [
        {"reason": "not observed", "n": 2}, {"reason": "paused", "n": 1},
    ]  # fmt: skip


def test_else_events_or_seconds() -> None:
    assert unknown([unseen("a", 1), unseen("a", 1, 1)], get_kpi("pipeline_success_rate")) == [
        {"reason": "not observed", "n": 2}
    ]
    assert unknown([unseen("a", 90_000_000)], get_kpi("freshness_slo_attainment")) == [
        {"reason": "not observed", "n": 90}
    ]
