"""What receivers are told of budgets and verdicts: from where changes are counted, and each of them once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.tierline.stage import ALL, HOOK, LATE, NOON, SLO, Stage, alert, budget, result, told
from tierline.notify.observing import Held, level


@pytest.mark.parametrize(
    ("remaining", "before", "now"),
    [
        (0.5, None, "whole"), (0.4999, None, "0.5"), (0.2499, None, "0.25"), (0.0, None, "0.0"), (-3.0, None, "0.0"),
        (0.5, "whole", "whole"), (0.5, "0.5", "0.5"), (0.549, "0.5", "0.5"), (0.56, "0.5", "whole"),
        (0.29, "0.25", "0.25"), (0.31, "0.25", "0.5"), (0.04, "0.0", "0.0"), (0.06, "0.0", "0.25"),
        (0.9, "0.0", "whole"), (0.1, "0.5", "0.25"),
    ],
)  # fmt: skip
def test_a_budget_recovers_from_a_mark_five_points_above_it(remaining: float, before: str | None, now: str) -> None:
    assert level(remaining, Held(before, "", 1) if before else None) == now


def test_a_budget_is_told_at_its_marks_and_again_once_it_has_recovered(hook: Stage, slack: Any) -> None:
    shares = [0.9, 0.9, 0.45, 0.44, 0.51, 0.49, 0.49, 0.2, 0.2, -0.5, -0.5, 0.8, 0.8]
    for place, share in enumerate(shares):
        hook.see(10 * place + 1, slos=[budget(share)])
    burns = "; in the last 3 days it burnt 2.50 times as fast as allowed. Team platform."
    name = "Pipeline success rate, tier 0"
    assert told(slack) == [
        [f"{name}: 44.0 % of the budget of 30 days is left, less than 50 %{burns}"],
        [f"{name}: 20.0 % of the budget of 30 days is left, less than 25 %{burns}"],
        [f"{name}: the budget of 30 days is overspent by 50.0 %{burns}"],
        [f"{name}: 80.0 % of the budget of 30 days is left again. Team platform."],
    ]
    first = slack.got[0][1]
    assert first["title"] == "1 budget changed"
    assert (first["changes"][0]["was"], first["changes"][0]["now"]) == (None, 0.5)


def test_a_budget_that_an_alert_explains_is_silent(hook: Stage, slack: Any) -> None:
    burning = alert(SLO, alert="BudgetBurning", key=f"BudgetBurning:{SLO}", slo=SLO, why="explained by DatasetLate:x")
    hook.see(1, slos=[budget(0.9)])
    for minute in (2, 10, 20):
        hook.see(minute, slos=[budget(0.1)], silenced=[burning])
    assert slack.got == []
    for minute in (21, 26):
        hook.see(minute, slos=[budget(0.1)])
    assert len(slack.got) == 1


def test_a_teams_receiver_is_told_its_own_verdicts(slack: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, HOOK % (ALL + ", teams: [web]"), HOOK=slack.url)
    for minute, status in ((0, "met"), (1, "no data"), (2, "near"), (61, "near"), (62, "near")):
        assert len(slack.got) == (minute > 0)
        stage.see(minute, results=[result("met"), result(status, team="web")])
    (change,) = slack.got[1][1]["changes"]
    assert (change["was"], change["now"], change["scope"]) == ("met", "near", {"team": "web"})
    assert change["page"] == "https://t.example/kpi/mttr?team=web"
    assert change["text"] == (
        "Mean time to restore, met (minimum): Team web took 60 min on average to restore an incident in the last 28 "
        "days. It was met before."
    )
    stage.store.close()


def test_the_first_message_says_how_things_stand_and_waits_until_every_source_was_read(
    slack: Any, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, HOOK % ALL, HOOK=slack.url)
    for minute in (0, 9):
        stage.see(minute, alert(), sources=[{"name": "airflow", "awaited": True}])
    assert slack.got == []
    read = [{"name": "airflow", "awaited": False}]
    stage.see(9.5, alert(), slos=[budget(0.1)], results=[result("missed")], sources=read)
    ((_, body, _),) = slack.got
    assert (body["kind"], told(slack)) == ("baseline", [[LATE]])
    assert body["title"] == "Tierline tells of changes here from now on; 1 alert open"
    for minute in (10, 20):
        stage.see(minute, alert(), slos=[budget(0.1)], results=[result("missed")])
    assert len(slack.got) == 1
    stage.store.close()


SOURCE = "sources: {af: {type: airflow, url: 'http://127.0.0.1:1', username: x, password: 'env:HOOK'}}\n"


def reached(stage: Stage, days: int) -> None:
    """The history of the source is stored so many days back."""
    with stage.store.write() as tx:
        tx.set_source_state("af", {"began": NOON.isoformat(), "reached": (NOON - timedelta(days=days)).isoformat()})


def test_alerts_do_not_wait_for_history_and_changes_are_counted_from_when_it_is_there(
    slack: Any, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, SOURCE + HOOK % ALL, HOOK=slack.url)
    reached(stage, 9)
    stage.see(0, alert(severity="page"), slos=[budget(0.9)], results=[result("met")])
    (opened,) = told(slack)[0]
    assert opened == "orders has been late since 2026-11-16 11:00. Team web, tier 0, page."
    (standing,) = [one.standing(stage.store) for one in stage.tasks]
    assert standing["state"] == "sent; changes wait for the history of af"
    for minute in (10, 20, 90):
        stage.restart()
        stage.see(minute, alert(severity="page"), slos=[budget(0.1)], results=[result("missed")])
    reached(stage, 28)
    for minute in (100, 110, 200):
        stage.see(minute, alert(severity="page"), slos=[budget(0.1)], results=[result("missed")])
    assert len(slack.got) == 1
    assert stage.tasks[0].standing(stage.store)["state"] == "sent"
    for minute in (210, 220):
        stage.see(minute, alert(severity="page"), slos=[budget(0.8)], results=[result("missed")])
    assert told(slack)[1:] == [
        ["Pipeline success rate, tier 0: 80.0 % of the budget of 30 days is left again. Team platform."]
    ]
    stage.store.close()


def test_history_that_never_comes_is_waited_for_a_day(slack: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, SOURCE + HOOK % ", what: [changes]", HOOK=slack.url)
    reached(stage, 9)
    day = 24 * 60
    for minute, share in ((0, 0.9), (day - 11, 0.4), (day - 1, 0.4), (day, 0.4), (day + 10, 0.4)):
        stage.see(minute, slos=[budget(share)])
    assert (len(slack.got), stage.memory().waits) == (1, [])
    for minute in (day + 20, day + 30):
        stage.see(minute, slos=[budget(0.2)])
    assert [len(one) for one in told(slack)] == [0, 1]
    stage.store.close()


def test_one_message_a_round_and_one_line_a_cause_as_slack_lays_it_out(slack: Any, tmp_path: Path) -> None:
    """Of the platform's zone, an hour before UTC."""
    text = "notify: [{name: chat, slack: 'env:CHAT', page: 'https://t.example', what: [alerts, changes]}]\n"
    stage = Stage(tmp_path, "timezone: Europe/Berlin\n" + text, CHAT=slack.url + "/canary-chat")
    stage.see(0, slos=[budget(0.6)], results=[result("met")])
    slack.got.clear()
    eats = alert("a & b", slo=SLO, remaining=0.4, severity="page", worst=[{"asset": "a & b", "share": 0.75}])
    eaten = budget(0.4, runs_out="2026-11-17T00:00:00+00:00")
    stage.see(1, slos=[budget(0.6)], results=[result("missed")])
    for minute in (56, 61):
        stage.see(minute, alert(), eats, slos=[eaten], results=[result("missed")])
    ((_, body, _),) = slack.got
    assert body["text"] == "\n".join([
        "2 alerts opened, 1 verdict changed", "",
        "Opened",
        "  ▲ a & b has been late since 2026-11-16 11:00. Pipeline success rate, tier 0: 40.0 % of the budget of "
        "30 days is left; in the last 3 days it burnt 2.50 times as fast as allowed, gone on 2026-11-17 01:00 at that "
        "pace. Most of what was bad: a & b (75.0 %). Team web, tier 0, page.",
        "    https://t.example/assets/a & b",
        f"  △ {LATE}", "    https://t.example/assets/orders", "",
        "Verdicts",
        "  ▲ Mean time to restore, missed: The platform took 60 min on average to restore an incident in the last "
        "28 days. It was met before.",
        "    https://t.example/kpi/mttr", "",
        "as of 16 November 2026, 14:01 CET", "https://t.example",
    ])  # fmt: skip
    assert body["blocks"][1]["text"]["text"] == (
        "*Opened*\n▲ a &amp; b has been late since 2026-11-16 11:00. Pipeline success rate, tier 0: 40.0 % of the "
        "budget of 30 days is left; in the last 3 days it burnt 2.50 times as fast as allowed, gone on 2026-11-17 "
        "01:00 at that pace. Most of what was bad: a &amp; b (75.0 %). Team web, tier 0, page. "
        "<https://t.example/assets/a &amp; b|open>\n"
        f"△ {LATE} <https://t.example/assets/orders|open>"
    )
    stage.store.close()
