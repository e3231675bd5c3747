"""What will be late, on the page: the sentence, the verdicts, what would help, where nothing can be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.pages import late
from dashboards.parts import awaited
from dashboards.reading.reader import Ask
from slo.stories.late import VERDICTS
from tests.dashboards.fake import FakeReader
from tests.dashboards.layouts import links, said

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
"""06:00 in Berlin, the fake platform's zone."""
BERLIN = ZoneInfo("Europe/Berlin")
STEP: dict[str, Any] = {
    "asset": "air/load", "state": "failed", "since": NOW - timedelta(minutes=35), "expected": NOW, "p50": 1200.0,
    "p90": 2640.0, "n": 5, "source": "air", "id": "r1", "url": "https://air/r1",
}  # fmt: skip
LINE: dict[str, Any] = {
    "asset": "wh://acme/shop.orders", "kind": "dataset", "tier": 1, "team": "finance", "domain": "orders",
    "rule": {"deadline": "08:00", "days": "business"}, "deadline": NOW + timedelta(hours=2), "verdict": "may be late",
    "expected": NOW + timedelta(minutes=90), "late_case": NOW + timedelta(minutes=130), "slack": 1800.0,
    "restart_by": NOW + timedelta(minutes=30), "waits_for": STEP, "steps": [STEP, {**STEP, "asset": "air/mart"}],
    "why": [{"what": "failed", "asset": "air/load", "about": None}],
}  # fmt: skip
BLIND = {**LINE, "verdict": "cannot be told", "expected": None, "late_case": None, "slack": None, "restart_by": None,
         "why": [{"what": "unseen", "asset": "air/load", "about": NOW - timedelta(hours=1)}]}  # fmt: skip


def told(*lines: dict[str, Any], there: int = 3) -> dict[str, Any]:
    counts = {key: sum(line["verdict"] == key for line in lines) for key in VERDICTS}
    return {"as_of": NOW, "until": NOW + timedelta(hours=24), "lines": list(lines), "counts": counts,
            "due": len(lines) + there, "there": there, "unwatched": []}  # fmt: skip


def shown(*lines: dict[str, Any], ask: Ask | None = None, **more: Any) -> str:
    return said(late.render(FakeReader(stories={"late.late": told(*lines, **more)}), ask or Ask()))


def test_the_page_says_what_is_in_danger_and_until_when_to_act() -> None:
    text = shown(LINE)
    assert text.startswith(
        "Deliveries of tier 0 and 1: 1 may be late; 3 of 4 due by 22 Nov 06:00 are there or on their way"
    )
    assert "by 08:00 on business days" in text
    assert "07:30 08:10 at P90 30 min load failed at 05:25 · its run" in text
    assert "usually 20 min, 9 in 10 within 44 min (5 runs) then mart" in text
    assert "started again by 06:30 it is there in time load failed, and no slot of it comes before" in text


def test_what_cannot_be_told_is_no_alarm_and_says_why() -> None:
    text = shown(BLIND, ask=Ask(team="finance"))
    assert text.startswith("3 of 4 deliveries of tier 0 and 1, team finance due by 22 Nov 06:00 are there")
    assert "of 1 it cannot be told" in text
    assert "nobody looked at load since 05:00" in text
    assert "Nothing that is due within 24 hours is in danger." in text


def test_what_feeds_a_delivery_and_is_not_watched_is_named() -> None:
    one = {**told(LINE), "unwatched": ["ftp://vendor/rates.csv", "wh://acme/shop.people"]}
    text = said(late.render(FakeReader(stories={"late.late": one}), Ask()))
    assert "2 datasets feed deliveries unwatched No update of these was ever told" in text
    assert "reckoned without them: rates.csv , shop.people ." in text
    assert "unwatched" not in shown(LINE)


def test_nothing_due_says_what_would_make_it_so() -> None:
    text = shown(there=0)
    assert text.startswith("Nothing of tier 0 and 1 is due within 24 hours")
    assert "A dataset is expected once it has a deadline or a maximum age" in text


def test_a_delivery_links_to_its_own_story_and_its_run() -> None:
    page = late.render(FakeReader(stories={"late.late": told(LINE)}), Ask(tier=1))
    assert "/assets/wh%3A%2F%2Facme%2Fshop.orders?tier=1" in links(page)
    assert "https://air/r1" in links(page)


def test_a_line_in_a_sentence() -> None:
    assert awaited.sentence(LINE, BERLIN, NOW) == (
        "shop.orders may be late: due at 08:00, expected at 07:30; it waits for load, which failed at 05:25"
    )
    overdue = {**LINE, "verdict": "already late", "expected": None, "waits_for": None}
    assert awaited.sentence(overdue, BERLIN, NOW) == "shop.orders was due at 08:00 and is not there"


@pytest.mark.parametrize(
    ("asset", "shown"),
    [
        ("airflow-prod/orders", "orders"),
        ("snowflake://acct/shop.orders", "shop.orders"),
        ("fivetran/Warehouse/ads", "Warehouse/ads"),
        ("hostile/<b>x</b>", "<b>x</b>"),
        ("orders", "orders"),
    ],
)
def test_a_name_loses_its_namespace_alone(asset: str, shown: str) -> None:
    assert awaited.short(asset) == shown
