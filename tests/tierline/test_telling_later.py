"""What receivers are told of budgets and verdicts while the history of a source is read that was added later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.tierline.stage import ALL, HOOK, NOON, Stage, budget, result, told

SOURCE = "sources: {af: {type: airflow, url: 'http://127.0.0.1:1', username: x, password: 'env:HOOK'}}\n"
BEGAN = NOON + timedelta(hours=1)


def added(slack: Any, folder: Path, days: int) -> Stage:
    """The budget is known to be whole and the verdict to be met; then so many days of the source are read."""
    stage = Stage(folder, SOURCE + HOOK % ALL, HOOK=slack.url)
    for minute in (0, 30):
        stage.see(minute, slos=[budget(0.9)], results=[result("met")])
    slack.got.clear()
    read(stage, days)
    return stage


def read(stage: Stage, days: int) -> None:
    """The source's first pass was at 13:00, and so many days before it are stored."""
    with stage.store.write() as tx:
        reached = BEGAN - timedelta(days=days)
        tx.set_source_state("af", {"began": BEGAN.isoformat(), "reached": reached.isoformat()})


def test_how_things_stand_once_it_is_read_is_told_where_it_is_news(slack: Any, tmp_path: Path) -> None:
    """What its history moves to and fro meanwhile is not; neither by a restart."""
    stage = added(slack, tmp_path, 2)
    for minute in range(60, 400, 10):
        share = 0.2 if minute < 180 else 0.7 if minute < 260 else 0.4
        stage.restart()
        stage.see(minute, slos=[budget(share)], results=[result("missed" if minute < 200 else "met")])
    assert stage.tasks[0].standing(stage.store)["state"] == "sent; changes wait for the history of af"
    read(stage, 28)
    stage.see(400, slos=[budget(0.4)], results=[result("met")])
    assert slack.got == []  # evaluated before the last day was stored, for all that is known
    for minute in range(410, 600, 10):
        stage.see(minute, slos=[budget(0.4)], results=[result("met")])
    assert told(slack) == [[
        "Pipeline success rate, tier 0: 40.0 % of the budget of 30 days is left, less than 50 %; in the last 3 days it "
        "burnt 2.50 times as fast as allowed. Team platform."
    ]]  # fmt: skip
    stage.store.close()


def test_it_is_waited_for_a_day_from_its_first_pass(slack: Any, tmp_path: Path) -> None:
    stage = added(slack, tmp_path, 2)
    day = 60 + 24 * 60
    for minute in (60, 70, day - 1, day):
        stage.see(minute, slos=[budget(0.4)], results=[result("met")])
        assert (slack.got, stage.memory().waits) == ([], ["af"] if minute < day else [])
    stage.see(day + 10, slos=[budget(0.4)], results=[result("met")])
    assert [len(one) for one in told(slack)] == [1]
    stage.store.close()


def test_what_is_first_known_meanwhile_is_counted_from_when_it_is_read(slack: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, SOURCE + HOOK % ALL, HOOK=slack.url)
    stage.see(0)
    slack.got.clear()
    read(stage, 2)
    for minute in range(60, 400, 10):
        stage.see(minute, slos=[budget(0.2 if minute < 200 else 0.9)], results=[result("missed")])
    read(stage, 28)
    for minute in range(400, 600, 10):
        stage.see(minute, slos=[budget(0.9)], results=[result("met")])
    assert slack.got == []
    stage.store.close()
