"""Episodes of failing checks: told late, taken back, passed again."""

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


def check(key: str, when: str, outcome: str, **more: Any) -> Any:
    told = {"asset": "orders", "check": "unique", "type": "custom", "severity": "critical", **more}
    return fact("check_result", key, outcome=outcome, at=at(when), **told)


@pytest.fixture
def leaky(watched: Make) -> Any:
    """A consumer found wrong data on 2 October."""
    ours = watched("defect_leakage")
    leaked = fact(
        "incident", "i", started_at=at("10-02"), detected_at=at("10-02"), class_="correctness", found_by="consumer"
    )
    ours.tell(leaked)
    return ours


def caught(ours: Any, window: str = "2026-10") -> Any:
    return ours.show("defect_leakage", NOW, window=window)["caught"]


def test_a_pass_told_late_parts_an_episode(leaky: Any) -> None:
    """Fails on the 5th and the 9th: one. That it passed on the 7th comes later: two; a skip would not."""
    leaky.tell(check("1", "10-05", "fail"), check("2", "10-09", "fail"))
    found = [caught(leaky)]
    for told in (check("3", "10-07", "skip"), check("4", "10-07", "pass"), check("4", "10-07", "error")):
        leaky.tell(told)
        found.append(caught(leaky))
    assert found == [1, 1, 2, 1]


def test_an_earlier_failure_told_late_takes_the_episode_with_it(leaky: Any) -> None:
    """The failure of 1 October began it, until one of 29 September is told."""
    leaky.tell(check("1", "10-01", "fail"))
    assert caught(leaky) == 1
    leaky.tell(check("0", "09-29", "fail"))
    assert (caught(leaky, "2026-09"), caught(leaky)) == (1, 0)


def test_another_type_never_passes_for_it(leaky: Any) -> None:
    """A freshness check of the same name says nothing of wrong data."""
    leaky.tell(check("1", "10-05", "fail"), check("2", "10-06", "pass", type="freshness"), check("3", "10-07", "fail"))
    assert caught(leaky) == 1


def test_critical_failures_have_the_time_until_they_passed(watched: Make) -> None:
    """Two of one check pass 4 and 3 hours later; the third, of another, has not passed yet and stands first."""
    ours = watched("dq_test_pass_rate")
    ours.tell(
        check("1", "10-05 08:00", "fail"), check("2", "10-05 09:00", "error"), check("3", "10-05 12:00", "pass"),
        check("4", "10-06 08:00", "fail", check="range"), check("5", "10-06 09:00", "fail", severity="warning"),
    )  # fmt: skip
    found = ours.show("dq_test_pass_rate", NOW, window="2026-10")
    assert [(line["id"], line["seconds"]) for line in found["critical"]] == [("4", None), ("1", 14400), ("2", 10800)]
    assert (found["critical_failures"], found["critical_open"]) == (3, 1)
    assert ours.show("dq_test_pass_rate", NOW, window="2026-10", tier=1)["critical"] == []


def repeats(ours: Any, window: str) -> Any:
    return ours.show("incident_recurrence_rate", "2026-12-31 00:00", window=window, profile="associate_platform")


def test_the_three_repeats_of_the_quarter_before(watched: Make) -> None:
    """net and disk recurred in the third quarter. In November net is back: missed for certain, while the quarter
    runs."""
    ours = watched("incident_recurrence_rate")
    told = [("1", "07-05", "net"), ("2", "07-09", "net"), ("3", "08-05", "disk"), ("4", "08-09", "disk")]
    told += [("5", "11-05", "net"), ("6", "11-06", "other")]
    ours.tell(
        *(fact("incident", key, started_at=at(day), resolved_at=at(day), cause=cause) for key, day, cause in told)
    )
    found = repeats(ours, "2026-Q4")
    assert (found["top_repeats"], found["stayed_away"], found["repeat_causes"]) == (1, 1, [])
    assert found["repeat_causes_before"] == [
        {"cause": "disk", "recurred": 1, "occurred": 0}, {"cause": "net", "recurred": 1, "occurred": 1},
    ]  # fmt: skip
    assert found["targets"][0]["clauses"][1]["status"] == "missed"
    assert repeats(ours, "2026-10")["top_repeats"] == 0
