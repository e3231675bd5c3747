"""First targets from months whose results are made up: the floor three of four months keep, and the published row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from slo.platform import Platform
from slo.store import Store
from slo.suggest import Given, shelf
from slo.view import View

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MONTHS = ("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02")
PUBLISHED = {"profile": "lead_platform", "row": 2, "text": "> 97-99% overall", "floor": 0.97}


def result(kpi: str, value: float | None, better: str | None, *statuses: str) -> dict[str, Any]:
    targets = [{**PUBLISHED, "status": status} for status in statuses]
    return {"kpi": kpi, "value": value, "better": better, "unit": "ratio", "targets": targets}


def rows(store: Store, months: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    asked: list[str] = []

    def results(kpis: Sequence[str], window: str) -> list[dict[str, Any]]:
        asked.append(window)
        return months.get(window, [])

    found = shelf()["targets"].rows(Given(View(store, Platform(), NOW), results=results))
    assert tuple(asked) == MONTHS, "the six whole months before today's"
    return found


def test_the_floor_is_what_three_of_four_months_have_kept(store: Store) -> None:
    """0.95, 0.97, 0.98, 0.99, 0.995: the 25th percentile is 0.97. Better low: the 75th of 10, 20, 30, 41 is 32.75."""
    values = (0.99, 0.95, 0.97, None, 0.995, 0.98)
    kept = ("near", "missed", "missed", "no data", "met", "near")
    months = {
        month: [result("pipeline_success_rate", value, "up", word), result("mttr", at, "down")]
        for month, value, word, at in zip(MONTHS, values, kept, (20, None, 10, 41, None, 30), strict=True)
    }
    first, second = rows(store, months)
    assert list(first) == list(shelf()["targets"].columns)
    assert first == {
        "kpi": "pipeline_success_rate", "unit": "ratio", "first_floor": 0.97,
        "months": "2025-09: 0.99; 2025-10: 0.95; 2025-11: 0.97; 2026-01: 0.995; 2026-02: 0.98",
        "profile": "lead_platform", "row": 2, "published": "> 97-99% overall", "published_floor": 0.97,
        "kept": "3 of 5 months", "evidence": 5,
        "reason": "Between 0.95 and 0.995 in 5 months; 4 of them kept 0.97.",
    }  # fmt: skip
    assert (second["kpi"], second["first_floor"], second["kept"]) == ("mttr", 32.8, None)
    assert second["reason"] == "Between 10 and 41 in 4 months; 3 of them kept 32.8."


@pytest.mark.parametrize(
    ("values", "better", "first"),
    [
        ((0.98765, 0.98765, 0.98765), "up", 0.987), ((1234.5, 1234.5, 1234.5), "down", 1240.0),
        ((0.0, 0.0, 0.0), "down", 0.0), ((-0.1234, -0.1234, -0.1234), "down", -0.123), ((5.0, 6.0, 7.0), None, None),
    ],
)  # fmt: skip
def test_it_is_rounded_to_the_easier_side(
    store: Store, values: tuple[float, ...], better: str | None, first: float | None
) -> None:
    months = {month: [result("mttr", value, better)] for month, value in zip(MONTHS, values, strict=False)}
    (row,) = rows(store, months)
    assert row["first_floor"] == first


def test_two_months_are_no_past(store: Store) -> None:
    assert rows(store, {month: [result("mttr", 5, "down")] for month in MONTHS[:2]}) == []
