"""How long work took: what ends it, and what moves that end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.slo.tellings import fact

Make = Callable[..., Any]
NOW = "2026-10-20 00:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def success(key: str, end: str, asset: str = "crm", state: str = "success") -> Any:
    return fact("run", key, asset=asset, state=state, trigger="manual", started_at=at(end), ended_at=at(end))


@pytest.fixture
def asked(watched: Make) -> Any:
    """crm was asked for on Monday, 5 October, midnight; the request was closed on Friday, done."""
    ours = watched("onboarding_lead_time")
    request = {"opened_at": at("10-05"), "closed_at": at("10-09"), "outcome": "done", "complexity": "simple"}
    ours.tell(fact("work_item", "a", kind="onboarding", asset="crm", **request))
    return ours


def lead(ours: Any, now: str = NOW, **query: Any) -> Any:
    return ours.show("onboarding_lead_time", now, **{"window": "2026-10", **query})["value"]


def test_an_earlier_success_that_is_told_later_moves_the_end(asked: Any) -> None:
    """Closed after 4 days; then a run of the 8th is told, then one of the 6th, then the latter is taken back."""
    found = [lead(asked)]
    for told in (success("1", "10-08"), success("2", "10-06"), success("2", "10-06", state="failed")):
        asked.tell(told)
        found.append(lead(asked))
    assert found == [4, 3, 1, 3]


def test_a_later_success_moves_nothing(asked: Any) -> None:
    asked.tell(success("1", "10-06"), success("2", "10-07"))
    assert lead(asked) == 1


def test_one_before_the_request_makes_the_closing_the_end(asked: Any) -> None:
    asked.tell(success("1", "10-06"))
    assert lead(asked) == 1
    asked.tell(success("0", "10-02"))
    assert lead(asked) == 4


def test_a_success_in_staging_is_no_success(asked: Any) -> None:
    """In staging until the 7th: the run of the 6th is none, the one of the 8th is the first in production."""
    staging = fact("asset", "v1", asset="crm", environment="staging", valid_from=at("09-01"))
    asked.tell(staging, fact("asset", "v2", asset="crm", environment="prod", valid_from=at("10-07")))
    asked.tell(success("1", "10-06"), success("2", "10-08"))
    assert lead(asked) == 3


def test_a_success_to_come_ends_it_when_it_comes(asked: Any) -> None:
    asked.tell(success("1", "10-06"), fact("work_item", "b", kind="onboarding", asset="erp", opened_at=at("10-05")))
    asked.tell(success("2", "10-14", "erp"))
    found = [asked.show("onboarding_lead_time", now, window="2026-10") for now in ("2026-10-13 00:00", NOW)]
    assert [(one["n"], one["value"]) for one in found] == [(1, 1), (2, 4)]


def test_each_complexity_has_its_own_median(asked: Any) -> None:
    """A simple one of 4 days, a complex one of 2, one of which nobody told: of none of the classes."""
    for key, complexity in (("b", "complex"), ("c", None)):
        closed = {"opened_at": at("10-05"), "closed_at": at("10-07"), "outcome": "done"}
        asked.tell(fact("work_item", key, kind="onboarding", complexity=complexity, **closed))
    classes = asked.show("onboarding_lead_time", NOW, window="2026-10")["by_complexity"]
    assert classes == {
        "simple": {"n": 1, "median": 4}, "standard": {"n": 0, "median": None}, "complex": {"n": 1, "median": 2},
    }  # fmt: skip


def test_a_request_withdrawn_is_left_out_by_its_name(asked: Any) -> None:
    asked.tell(
        fact("work_item", "a", kind="onboarding", opened_at=at("10-05"), closed_at=at("10-06"), outcome="withdrawn")
    )
    told = asked.explain("onboarding_lead_time", NOW, window="2026-10")
    assert told["result"]["value"] is None
    assert [(one["reason"], one["n"]) for one in told["excluded"]] == [("withdrawn", 1)]
