"""What a notice says of an alert, and what its data holds."""

from __future__ import annotations

from typing import Any

from dashboards import notice
from slo.alerting.alerts import BURNING

WORST = [
    {"asset": f"etl/{name}", "team": "core", "tier": 1, "bad": bad, "share": bad / 20}
    for name, bad in (("a", 10.0), ("b", 5.0), ("c", 4.0), ("d", 1.0))
]
SLO = {
    "slo": "s", "title": "Pipeline success rate", "tier": "1", "asset": None, "period_days": 30, "remaining": 0.886,
    "present_burn": 2.5, "runs_out": "2026-11-12T11:30:00+00:00", "worst": WORST,
}  # fmt: skip


def alert(**other: Any) -> dict[str, Any]:
    return {
        "alert": "RunFailing", "key": "RunFailing:etl/a", "severity": "page", "cause": "etl/a", "team": "core",
        "tier": "1", "since": "2026-11-10T02:30:00+00:00", "affected": ["etl/a"], "slo": "s", "remaining": 0.886,
        "burn_rate": 2.5, "runs_out": SLO["runs_out"], "worst": WORST,
        "summary": "etl/a has been failing since 2026-11-10 03:30.", "page": "/assets/etl%2Fa",
    } | other  # fmt: skip


def test_an_alert_names_the_budget_it_eats_its_burn_its_end_and_the_worst() -> None:
    """20 were bad; 10, 5, 4 and 1 of them. The moment is the platform's, an hour before UTC's."""
    line = notice.opened(alert(), SLO, zone="Europe/Berlin")
    assert line["text"] == (
        "etl/a has been failing since 2026-11-10 03:30. Pipeline success rate, tier 1: 88.6 % of the budget of 30 days "
        "is left; in the last 3 days it burnt 2.50 times as fast as allowed, gone on 2026-11-12 12:30 at that pace. "
        "Most of what was bad: etl/a (50.0 %), etl/b (25.0 %), etl/c (20.0 %). Team core, tier 1, page."
    )
    assert (line["worst"], line["burn_rate"], line["runs_out"]) == (WORST, 2.5, "2026-11-12T11:30:00+00:00")


def test_what_is_not_known_of_a_budget_is_not_said() -> None:
    lasting = SLO | {"present_burn": None, "runs_out": None, "worst": []}
    assert notice.opened(alert(worst=[]), lasting)["text"] == (
        "etl/a has been failing since 2026-11-10 03:30. Pipeline success rate, tier 1: 88.6 % of the budget of 30 days "
        "is left. Team core, tier 1, page."
    )
    of_one = notice.opened(alert(), SLO | {"asset": "etl/a", "worst": WORST[:1]})
    assert "Most of what was bad" not in of_one["text"]


def test_a_budgets_own_alert_says_it_once() -> None:
    line = notice.opened(alert(alert=BURNING, key=f"{BURNING}:s", summary="It burns."), SLO)
    assert (line["text"], line["worst"]) == ("It burns. Team core, tier 1, page.", WORST)
