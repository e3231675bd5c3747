"""What others answer for, in the Ratios of the platform's own facts: a deployment, an alert, an incident goes by its
assets, a ticket by nobody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ASSETS = (
    {"fact": "asset", "id": "a", "asset": "p/domain", "kind": "pipeline", "accountability": "domain"},
    {"fact": "asset", "id": "b", "asset": "p/ours", "kind": "pipeline"},
)
NOW = "2026-10-08T00:00:00Z"
DAY: dict[str, Any] = {"window": "2026-10-05"}


def at(hour: int) -> str:
    return f"2026-10-05T{hour:02}:00:00Z"


def test_a_deployment_is_its_assets(tell: Callable[..., Any]) -> None:
    tell(
        *ASSETS,
        {"fact": "change", "id": "1", "kind": "deployment", "at": at(8), "asset": "p/domain", "state": "rolled_back"},
        {"fact": "change", "id": "2", "kind": "deployment", "at": at(9), "asset": "p/ours", "failure": "hotfix"},
        {"fact": "change", "id": "3", "kind": "deployment", "at": at(10), "asset": "p/ours"},
    )
    shown = tell.show("change_failure_rate", NOW, **DAY)
    assert (shown["value"], shown["good"], shown["bad"]) == (2 / 3, 1, 2)
    others = [{"responsible": "domain", "good": 0, "bad": 1}]
    assert shown["ours"] == {"value": 0.5, "good": 1, "bad": 1, "others": others}


def test_an_incident_is_anothers_where_all_its_assets_are(tell: Callable[..., Any]) -> None:
    steps = {"acknowledged": True, "reviewed": False}
    tell(
        *ASSETS,
        {"fact": "incident", "id": "1", "started_at": at(8), "assets": ["p/domain"], "steps": steps},
        {"fact": "incident", "id": "2", "started_at": at(9), "assets": ["p/domain", "p/ours"], "steps": steps},
        {"fact": "incident", "id": "3", "started_at": at(9), "assets": ["p/domain"], "steps": steps,
         "responsible": "platform"},
    )  # fmt: skip
    shown = tell.show("oncall_effectiveness", NOW, **DAY)
    assert (shown["good"], shown["bad"]) == (3, 3)
    assert shown["ours"]["others"] == [{"responsible": "domain", "good": 1, "bad": 1}]


def test_a_ticket_is_answered_for_by_who_works_on_it(tell: Callable[..., Any]) -> None:
    ticket = {"fact": "work_item", "kind": "support", "priority": "P2", "opened_at": at(6), "outcome": "done"}
    tell(
        *ASSETS,
        {**ticket, "id": "1", "asset": "p/domain", "due_at": at(9), "closed_at": at(8)},
        {**ticket, "id": "2", "asset": "p/domain", "due_at": at(9), "closed_at": at(10)},
    )
    shown = tell.show("support_sla_adherence", NOW, **DAY)
    assert shown["ours"] == {"value": 0.5, "good": 1, "bad": 1, "others": []}
