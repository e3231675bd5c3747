"""Changes, baselines, paths and partners in words."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.wording import changes


def result(**more: Any) -> dict[str, Any]:
    return {"kpi": "mttr", "unit": "seconds", "value": 5400.0, "mean": 5400.0, "targets": [], "status": "met"} | more


@pytest.mark.parametrize(
    ("told", "short", "full"),
    [
        (True, "↓ −25 %", "↓ −25 % from 2 h (n 6), more than noise"),
        (False, "−25 %", "−25 % from 2 h (n 6), may be noise"),
        (None, "−25 %", "−25 % from 2 h (n 6)"),
    ],
)
def test_an_arrow_is_drawn_only_where_it_is_more_than_noise(told: bool | None, short: str, full: str) -> None:
    one = result(previous={"value": 7200.0, "n": 6, "told_from_noise": told})
    assert (changes.said(one), changes.in_full(one)) == (short, full)


def test_without_a_value_before_nothing_is_said() -> None:
    assert changes.said(result(previous=None)) == changes.in_full(result(previous={"value": None, "n": 0})) == ""


BASE = {
    "kind": "frozen",
    "value": 7200.0,
    "origin": "measured",
    "window": "2026-Q1",
    "day": None,
    "n": 31,
    "source": None,
}
LINE = {"expected": 6000.0, "by": "2026-11-01", "on_path": True}


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ({"baseline": BASE, "told_from_noise": True}, "−25 % against 2 h (frozen over 2026-Q1, n 31), more than noise"),
        (
            {"baseline": BASE | {"origin": "imported", "window": None, "day": "2025-12-31", "source": "review"},
             "told_from_noise": False},
            "−25 % against 2 h (frozen, review, 31 December 2025), may be noise",
        ),
        ({"baseline": BASE | {"kind": "yoy", "window": "2025-10"}}, "−25 % against 2 h (2025-10, a year before)"),
        ({"baseline": BASE | {"kind": "previous", "window": "2026-09"}}, "−25 % against 2 h (2026-09)"),
        ({"baseline": BASE | {"kind": "previous", "value": None}}, "no baseline"),
        ({"baseline": BASE | {"value": None}}, "no baseline; `tierline baseline freeze mttr` stores one"),
        ({"glide": LINE}, "the path asks for 100 min by now, due 1 November 2026: on it"),
        ({"glide": LINE | {"on_path": False}}, "the path asks for 100 min by now, due 1 November 2026: behind it"),
    ],
)  # fmt: skip
def test_a_comparison_names_its_figure_and_where_it_comes_from(clause: dict[str, Any], text: str) -> None:
    entry = {"value": 5400.0, "change": -0.25} | clause
    assert list(changes.of_entry(entry, result())) == [text]


def test_points_are_no_share() -> None:
    """A net promoter score from 20 to 32 has moved by 12 points, not by 60 %."""
    score = result(unit="score", value=32.0)
    clause = {
        "value": 32.0,
        "change": 12.0,
        "baseline": BASE | {"kind": "previous", "value": 20.0, "window": "2026-Q1"},
    }
    assert list(changes.of_entry(clause, score)) == ["+12.0 points against 20.0 (2026-Q1)"]


PAIR = {
    "kpi": "change_failure_rate", "figure": None, "title": "Change failure rate", "value": 1 / 3, "unit": "ratio",
    "n": 6, "status": "missed", "standing": "adopted", "broken": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        (None, ""),
        (PAIR, "Change failure rate 33.3 % (n 6), missed"),
        (PAIR | {"standing": "published"}, "Change failure rate 33.3 % (n 6), outside what is published"),
        (PAIR | {"broken": False}, "Change failure rate 33.3 % (n 6)"),
        (PAIR | {"value": None, "n": 0, "broken": False}, "Change failure rate no data"),
        (
            {"kpi": None, "figure": "volume_growth", "title": "Volume", "value": -0.1, "unit": "ratio", "broken": True},
            "Volume −10 %",
        ),
    ],
)
def test_the_partner_is_named_with_its_value(pair: dict[str, Any] | None, text: str) -> None:
    assert changes.pair(result(pair=pair)) == text
