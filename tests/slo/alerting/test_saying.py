"""What an alert of a budget says: how fast, what is left, when it has gone, what most of it was bad for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.alerting import saying

BERLIN = ZoneInfo("Europe/Berlin")
RATE = {
    "long": 10_800, "fires": True, "long_rate": 16.666, "threshold": 12.0, "long_bad": 3,
}  # fmt: skip
FEW = {"long": 691_200, "fires": True, "long_rate": 25.0, "threshold": 1.875, "long_bad": 2}
COUNT = {"long": 604_800, "fires": True, "long_rate": None, "threshold": None, "long_bad": 3}


def told(*lookbacks: Any, **other: Any) -> dict[str, Any]:
    """An objective of 97 % that counted 400: 12 may be bad."""
    worst = [{"asset": f"etl/{name}", "share": share} for name, share in (("a", 0.5), ("b", 0.25), ("c", 0.2))]
    return {
        "title": "Pipeline success rate", "tier": "1", "asset": None, "lookbacks": lookbacks, "allowed": 0.03,
        "good": 391.0, "bad": 9.0, "low_volume": False, "remaining": 0.25, "period_days": 30, "present_burn": 2.5,
        "runs_out": "2026-11-12T11:30:00+00:00", "worst": [*worst, {"asset": "etl/d", "share": 0.05}],
    } | other  # fmt: skip


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (told(RATE), (
            "Pipeline success rate, tier 1: burnt 16.7 times as fast as allowed over 3 h; 25 % of the budget of 30 "
            "days is left; in the last 3 days it burnt 2.5 times as fast as allowed, gone on 2026-11-12 12:30 at "
            "that pace. Most of what was bad: etl/a (50 %), etl/b (25 %), etl/c (20 %)."
        )),
        (told(COUNT, present_burn=0.5, runs_out=None, worst=[]), (
            "Pipeline success rate, tier 1: 3 bad in 7 d, where 12 are allowed in 30 d; 25 % of the budget of 30 "
            "days is left; in the last 3 days it burnt 0.5 times as fast as allowed."
        )),
        (told(COUNT, asset="etl/a", remaining=-0.5, runs_out=None, worst=[{"asset": "etl/a", "share": 1.0}]), (
            "Pipeline success rate, tier 1, etl/a: 3 bad in 7 d, where 12 are allowed in 30 d; the budget of 30 "
            "days is overspent by 50 %; in the last 3 days it burnt 2.5 times as fast as allowed."
        )),
        (told(FEW, allowed=0.01, good=27.0, bad=3.0, low_volume=True, remaining=-9.0, runs_out=None, worst=[]), (
            "Pipeline success rate, tier 1: 2 bad in 8 d, where 0.3 are allowed in 30 d; the budget of 30 days is "
            "overspent by 900 %; in the last 3 days it burnt 2.5 times as fast as allowed."
        )),
        (told(COUNT, allowed=0.0, remaining=None, present_burn=None, runs_out=None, worst=[]), (
            "Pipeline success rate, tier 1: 3 bad in 7 d, where 0 are allowed in 30 d; nothing may be bad."
        )),
    ],
)  # fmt: skip
def test_a_budgets_alert_names_burn_what_is_left_its_end_and_the_worst(one: dict[str, Any], said: str) -> None:
    assert saying.of_budget(one, BERLIN) == said


def test_so_does_one_that_has_just_stopped_burning() -> None:
    assert saying.of_wavering(told(RATE), datetime(2026, 11, 10, 11, 5, tzinfo=UTC), BERLIN) == (
        "Pipeline success rate, tier 1: burnt too fast until 2026-11-10 12:05; 25 % of the budget of 30 days is "
        "left; in the last 3 days it burnt 2.5 times as fast as allowed, gone on 2026-11-12 12:30 at that pace. "
        "Most of what was bad: etl/a (50 %), etl/b (25 %), etl/c (20 %)."
    )
