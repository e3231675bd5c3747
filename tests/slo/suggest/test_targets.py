"""First targets from made-up months, as rows of the sheet; the floors themselves: tests/slo/trend/test_first.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from slo.platform import Platform
from slo.store import Store
from slo.suggest import Given, shelf
from slo.suggest.targets import past_months
from slo.view import View

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MONTHS = ("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02")
PUBLISHED = {"profile": "lead_platform", "row": 2, "text": "> 97-99% overall", "form": "at_least"}


def result(kpi: str, window: str, value: float | None, better: str, *statuses: str) -> dict[str, Any]:
    told = {"floor": 0.97, "stretch": 0.99, "value": value, "n": 400}
    targets = [{**PUBLISHED, **told, "status": status} for status in statuses]
    return {
        "kpi": kpi, "window": {"name": window}, "value": value, "n": 400, "better": better, "unit": "ratio",
        "status": "met", "coverage": 1.0, "targets": targets,
    }  # fmt: skip


def rows(store: Store, months: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    asked: list[str] = []

    def results(kpis: Sequence[str], window: str) -> list[dict[str, Any]]:
        asked.append(window)
        return months.get(window, [])

    found = shelf()["targets"].rows(Given(View(store, Platform(), NOW), results=results))
    assert tuple(asked) == MONTHS, "the six whole months before today's"
    return found


def test_a_row_holds_floor_months_and_the_published_row(store: Store) -> None:
    """0.95, 0.97, 0.98, 0.99, 0.995: four of five kept 0.97. Better low: three of 10, 20, 30, 41 kept 30."""
    values = (0.99, 0.95, 0.97, None, 0.995, 0.98)
    kept = ("near", "missed", "near", "no data", "met", "near")
    months = {
        month: [result("pipeline_success_rate", month, value, "up", word), result("mttr", month, at, "down")]
        for month, value, word, at in zip(MONTHS, values, kept, (20, None, 10, 41, None, 30), strict=True)
    }
    first, second = rows(store, months)
    assert list(first) == list(shelf()["targets"].columns)
    assert first == {
        "kpi": "pipeline_success_rate", "unit": "ratio", "first_floor": 0.97,
        "months": "2025-09: 0.99; 2025-10: 0.95; 2025-11: 0.97; 2026-01: 0.995; 2026-02: 0.98",
        "profile": "lead_platform", "row": 2, "published": "> 97-99% overall", "published_floor": 0.97,
        "kept": "4 of 5 months", "evidence": 5,
        "reason": "Between 0.95 and 0.995 in 5 months; 4 of them kept 0.97.",
    }  # fmt: skip
    assert (second["kpi"], second["first_floor"], second["kept"]) == ("mttr", 30, None)
    assert second["reason"] == "Between 10 and 41 in 4 months; 3 of them kept 30."


def test_two_months_are_no_past(store: Store) -> None:
    months = {month: [result("mttr", month, 5 if month < MONTHS[2] else None, "down")] for month in MONTHS}
    assert rows(store, months) == []


def test_whole_months_before_a_day() -> None:
    assert past_months(NOW.date(), 3) == ["2025-12", "2026-01", "2026-02"]
