"""Unit cost on the bound of a trend: a tenth more is stable, to the last digit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from slo.engine import Engine, Query
from slo.facts import Meter
from slo.platform import Platform
from slo.store import Store
from slo.targets import load_targets

NOW = datetime(2026, 7, 5, tzinfo=UTC)


def meter(month: int, kind: str, amount: float) -> Meter:
    at = datetime(2026, month, 15, tzinfo=UTC)
    return Meter(source="s", id=f"{kind}{month}", asset="w", at=at, meter=kind, amount=amount)


@pytest.mark.parametrize(("may", "june", "status"), [(7, 7.7, "met"), (3, 3.3, "met"), (7, 7.7001, "missed")])
def test_a_tenth_more_is_not_up(store: Store, may: float, june: float, status: str) -> None:
    """Lead platform, row 8: stable within 10 % of the month before, here of three terabytes each."""
    for month, cost in ((5, may), (6, june)):
        store.upsert([meter(month, "cost", cost), meter(month, "bytes", 3e12)])
    shown = Engine(store, Platform(), load_targets()).show("unit_cost", Query(window="2026-06"), NOW)
    (row,) = [one for one in shown["targets"] if (one["profile"], one["row"]) == ("lead_platform", 8)]
    assert row["status"] == status
