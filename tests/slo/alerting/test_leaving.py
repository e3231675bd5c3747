"""What alerts are for no more, and why: paused, retired, gone, of another tier, of staging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.alerting.leaving import left
from slo.alerting.problem import watched_assets
from slo.facts import Fact
from slo.platform import Platform
from slo.store import Store
from slo.view import View
from tests.slo.tellings import fact

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TIERS = (0, 1)


def told(when: datetime, **more: Any) -> Fact:
    return fact("asset", f"{when}", asset="etl/p", kind="pipeline", valid_from=when, **({"tier": 1} | more))


def seen(store: Store, *facts: Fact) -> tuple[list[str], dict[str, str]]:
    """What is watched, and what has left."""
    store.upsert(facts)
    view = View(store, Platform(), NOON)
    return watched_assets(view, TIERS), left(view, TIERS)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"paused": True}, "is paused"), ({"retired": True}, "is retired"), ({"tier": 2}, "is of tier 2"),
        ({"environment": "staging"}, "is of the environment staging"),
    ],
)  # fmt: skip
def test_what_has_left_says_why(store: Store, more: dict[str, Any], why: str) -> None:
    assert seen(store, told(NOON - 60 * DAY), told(NOON - DAY, **more)) == ([], {"etl/p": why})


def test_what_was_deleted_is_gone(store: Store) -> None:
    ended = told(NOON - 60 * DAY, deleted=True, revised_at=NOON - DAY)
    assert seen(store, ended) == ([], {"etl/p": "is gone"})


def test_what_is_watched_or_never_was_has_not_left(store: Store) -> None:
    begun = fact("asset", "begun", asset="etl/q", kind="pipeline", tier=1, paused=True, valid_from=NOON - DAY)
    assert seen(store, told(NOON - 60 * DAY, paused=True), told(NOON - DAY), begun) == (["etl/p"], {})


@pytest.mark.parametrize(("days", "found"), [(27, ["etl/p"]), (29, [])])
def test_it_is_remembered_for_28_days(store: Store, days: int, found: list[str]) -> None:
    assert list(seen(store, told(NOON - 60 * DAY), told(NOON - days * DAY, paused=True))[1]) == found


def test_it_has_left_though_it_was_watched_for_a_moment_only(store: Store) -> None:
    facts = told(NOON - 60 * DAY, tier=3), told(NOON - 2 * DAY), told(NOON - DAY, tier=3)
    assert seen(store, *facts) == ([], {"etl/p": "is of tier 3"})
