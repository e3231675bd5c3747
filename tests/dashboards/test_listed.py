"""What a KPI lists by name beside its value, in a line each."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.wording import answering
from dashboards.wording.listed import lines


def job(name: str, p50: float, p95: float, p50_change: float | None, p95_change: float | None) -> dict[str, Any]:
    return {"asset": name, "p50": p50, "p95": p95, "p50_change": p50_change, "p95_change": p95_change}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, []),
        ({"open_incidents": [], "critical": [], "apart": {"credit": 0.0}}, []),
        ({"open_incidents": [{"id": "7", "title": "Late orders", "age_seconds": 7500.0},
                             {"id": "8", "title": None, "age_seconds": 60.0}]},
         [("still open, the oldest first", "Late orders 2 h 05; 8 1 min")]),
        ({"repeat_causes": [{"cause": "disk", "recurred": 3}, {"cause": "dns", "recurred": 1}],
          "repeat_causes_before": [{"cause": "disk", "recurred": 2, "occurred": 4},
                                   {"cause": "key", "recurred": 1, "occurred": 0}]},
         [("causes that recurred most", "disk 3 times; dns 1 time"),
          ("those of the quarter before", "disk (back); key (stayed away)")]),
        ({"critical": [{"asset": "a", "check": "unique", "seconds": None},
                       {"asset": "b", "check": "null", "seconds": 3600.0}]},
         [("critical failures, the longest first", "unique of a not passed since; null of b passed after 60 min")]),
        ({"per_job": [job("p/a", 145.0, 185.5, 0.45, 0.855), job("p/b", 54.0, 54.0, -0.1, -0.1),
                      job("p/c", 9.0, 9.0, None, None)]},
         [("jobs, the most slowed first",
           "p/a p95 3 min 6 s (+86 %), p50 2 min 25 s (+45 %); p/b p95 54.0 s (−10 %), p50 54.0 s (−10 %); "
           "p/c p95 9.00 s (not compared)")]),
        ({"apart": {"refund": -12.5, "credit": -500.0, "tax": 0.0}, "currency": "EUR"},
         [("kept apart", "credit EUR −500; refund EUR −12.5")]),
    ],
)  # fmt: skip
def test_every_list_in_a_line(told: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert lines(told) == expected


def test_five_are_named() -> None:
    told = {"open_incidents": [{"id": str(one), "title": None, "age_seconds": 60.0} for one in range(8)]}
    assert lines(told) == [("still open, the oldest first", "0 1 min; 1 1 min; 2 1 min; 3 1 min; 4 1 min; and 3 more")]


def test_a_figure_that_is_a_change_has_its_sign() -> None:
    told = {"measure": "Change", "unit": "ratio",
            "beside": [{"figure": "p50_change", "title": "change of the median run", "unit": "ratio", "value": 0.175},
                       {"figure": "other", "title": "nobody told", "unit": "ratio", "value": None}]}  # fmt: skip
    assert answering.beside(told) == [("change of the median run", "+18 %")]
