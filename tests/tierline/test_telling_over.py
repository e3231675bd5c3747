"""What receivers are told once an alert is on no more: only what is over is called so, and each once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tierline.stage import ALL, HOOK, LATE, Stage, alert, told

FAILS = "etl/load has been failing since 11:55; 1 dataset is late: orders. Team web, tier 0, ticket."


def failing(cause: str = "etl/load", *affected: str, **other: Any) -> dict[str, Any]:
    """A pipeline that fails, and makes others late."""
    summary = "etl/load has been failing since 11:55; 1 dataset is late: orders."
    return alert(cause, alert="RunFailing", key=f"RunFailing:{cause}", affected=affected, summary=summary, **other)


def blind(cause: str, *affected: str) -> dict[str, Any]:
    named = {"alert": "TierlineBlind", "key": f"TierlineBlind:{cause}", "affected": affected, "tier": ""}
    return alert(cause, **named, summary=f"{cause} is blind.")


def play(stage: Stage, first: int, end: int, *alerts: Any, **other: Any) -> None:
    """An evaluation each minute, by another process each time."""
    for minute in range(first, end):
        stage.restart()
        stage.see(minute, *alerts, **other)


def test_what_is_told_by_another_alert_now_is_over_when_that_is(hook: Stage, slack: Any) -> None:
    """The dataset was late first; then the failure of a minute before was collected."""
    play(hook, 1, 10, alert())
    play(hook, 10, 30, failing("etl/load", "etl/load", "orders"))
    assert told(slack) == [[LATE], [FAILS]]
    play(hook, 30, 50)
    over = "etl/load no longer fails, after 90 min. Team web, tier 0."
    assert told(slack)[2:] == [[over, "orders is no longer late, after 90 min. Team web, tier 0."]]


def test_it_is_over_before_where_the_other_alert_is_not_about_it_any_more(hook: Stage, slack: Any) -> None:
    play(hook, 1, 10, alert())
    play(hook, 10, 30, failing("etl/load", "etl/load", "orders"))
    play(hook, 30, 50, failing("etl/load", "etl/load"))
    assert told(slack)[2:] == [["orders is no longer late, after 90 min. Team web, tier 0."]]


def test_it_is_not_told_anew_when_it_is_on_by_itself_again(hook: Stage, slack: Any) -> None:
    play(hook, 1, 10, alert())
    play(hook, 10, 30, failing("etl/load", "etl/load", "orders"))
    play(hook, 30, 50, alert())
    assert told(slack)[2:] == [["etl/load no longer fails, after 90 min. Team web, tier 0."]]


def test_what_another_alert_is_silent_about_is_not_over(hook: Stage, slack: Any) -> None:
    play(hook, 1, 10, alert())
    play(hook, 10, 30, silenced=[failing("etl/load", "orders") | {"why": "maintenance: a move"}])
    assert told(slack) == [[LATE]]


def test_a_cause_of_another_tier_is_over_when_what_it_made_late_is(hook: Stage, slack: Any) -> None:
    play(hook, 1, 10, failing("etl/load", "orders"))
    play(hook, 10, 30, alert())
    assert told(slack) == [[FAILS], [LATE]]
    play(hook, 30, 50)
    assert [len(one) for one in told(slack)] == [1, 1, 2]


def test_a_third_source_ends_no_blindness_of_two_and_its_return_tells_neither_anew(slack: Any, tmp_path: Path) -> None:
    source = "{type: airflow, url: 'http://127.0.0.1:1', username: x, password: 'env:HOOK'}"
    stage = Stage(tmp_path, f"sources: {{s0: {source}, s1: {source}, s2: {source}}}\n{HOOK % ALL}", HOOK=slack.url)
    two = blind("s0"), blind("s1")
    stage.see(0)
    slack.got.clear()
    play(stage, 1, 20, *two)
    play(stage, 20, 40, blind("tierline", "s0", "s1", "s2"))
    play(stage, 40, 60, *two)
    play(stage, 60, 80)
    assert [[one.split(". ")[0] for one in lines] for lines in told(slack)] == [
        ["s0 is blind", "s1 is blind"], ["tierline is blind"], ["tierline sees most sources again, after 100 min"],
        ["s0 is seen again, after 2 h", "s1 is seen again, after 2 h"],
    ]  # fmt: skip
    stage.store.close()


def test_what_stays_blind_of_many_is_told_by_name(hook: Stage, slack: Any) -> None:
    play(hook, 1, 20, blind("tierline", "s0", "s1", "s2"))
    play(hook, 20, 40, blind("s0"))
    assert [[one.split(". ")[0] for one in lines] for lines in told(slack)] == [
        ["tierline is blind"], ["s0 is blind", "tierline sees most sources again, after 80 min"],
    ]  # fmt: skip


BURNS = alert("a-0", alert="BudgetBurning", key="BudgetBurning:a-0", affected=[], slo="a-0")


@pytest.mark.parametrize(
    ("settings", "one", "left", "said"),
    [
        ("", alert(), {"orders": "is paused"}, "orders is not watched any more, after 90 min: it is paused"),
        ("", failing("etl/x", "orders"), {"orders": "is retired"},
         "etl/x is not watched any more, after 90 min: orders is retired"),
        ("", failing("etl/x", "orders", "users"), {"orders": "is retired"}, "etl/x no longer fails, after 90 min"),
        ("alerts: {tiers: [1]}\n", alert(), {},
         "orders is not watched any more, after 90 min: alerts are not for tier 0 any more"),
        ("alerts: {off: [DatasetLate]}\n", alert(), {},
         "orders is not watched any more, after 90 min: such alerts are switched off"),
        ("", blind("s0"), {}, "s0 is not watched any more, after 90 min: it is no source any more"),
        ("", BURNS, {}, "a-0 is not watched any more, after 90 min: no promise of it is watched"),
    ],
)  # fmt: skip
def test_what_nobody_watches_any_more_is_not_called_mended(
    slack: Any, tmp_path: Path, settings: str, one: dict[str, Any], left: dict[str, str], said: str
) -> None:
    before = Stage(tmp_path, HOOK % ALL, HOOK=slack.url)
    before.see(0)
    play(before, 1, 10, one)
    before.store.close()
    slack.got.clear()
    after = Stage(tmp_path, settings + HOOK % ALL, HOOK=slack.url)
    play(after, 30, 50, left=left)
    assert [[line.split(". ")[0] for line in lines] for lines in told(slack)] == [[said]]
    (change,) = slack.got[0][1]["changes"]
    assert (change["event"], change["why"]) == ("resolved", said.partition("min: ")[2])
    after.store.close()
