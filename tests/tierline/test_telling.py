"""What receivers are told of alerts, over real connections: each change once, what flaps not at all, what is over by
the time a receiver comes back not as open."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.errors import StoreError
from tests.tierline.stage import ALL, HOOK, LATE, NOON, TWO, Stage, alert, told
from tierline.notify.memory import remember


def test_an_alert_is_told_when_it_has_held_and_when_it_is_over(hook: Stage, slack: Any) -> None:
    for minute in range(1, 6):
        hook.see(minute, alert())
    assert slack.got == []
    hook.see(6, alert())
    ((path, body, _),) = slack.got
    assert path == "/canary-path"
    assert body.pop("id")
    assert body == {
        "version": 1, "kind": "changes", "receiver": "hook", "title": "1 alert opened",
        "as_of": "2026-11-16T12:06:00+00:00", "page": "https://t.example",
        "changes": [{
            "event": "opened", "key": "DatasetLate:orders", "text": LATE, "page": "https://t.example/assets/orders",
            "alert": "DatasetLate", "severity": "ticket", "cause": "orders", "team": "web", "tier": "0",
            "since": "2026-11-16T11:00:00+00:00", "affected": ["orders"], "slo": "", "remaining": None,
            "burn_rate": None, "runs_out": None, "worst": [],
        }],
    }  # fmt: skip
    for minute in (7, 20, 30, 36):
        hook.see(minute, *([alert()] if minute < 30 else []))
    assert len(slack.got) == 2
    body = slack.got[1][1]
    assert body["title"] == "1 alert resolved"
    assert body["changes"] == [{
        "event": "resolved", "key": "DatasetLate:orders", "alert": "DatasetLate", "severity": "ticket",
        "text": "orders is no longer late, after 90 min. Team web, tier 0.", "page": "https://t.example/assets/orders",
        "cause": "orders", "team": "web", "tier": "0", "since": "2026-11-16T11:00:00+00:00",
        "until": "2026-11-16T12:30:00+00:00", "why": "",
    }]  # fmt: skip
    after = hook.memory()
    assert (after.seen, after.told, after.about) == ({}, {}, {})


def test_two_evaluations_must_agree_even_where_nothing_must_hold(slack: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, HOOK % (ALL + ", after: 0s"), HOOK=slack.url)
    stage.see(0)
    stage.see(1, alert())
    stage.at += timedelta(minutes=10)
    stage.look()
    assert len(slack.got) == 1
    stage.see(62, alert())
    assert told(slack)[1:] == [[LATE]]
    stage.store.close()


def test_what_flaps_is_not_told(hook: Stage, slack: Any) -> None:
    for minute in range(1, 60):
        hook.see(minute, *([alert()] if minute % 5 else []))
    assert slack.got == []
    hook.see(100, alert())
    hook.see(106, alert())
    assert len(slack.got) == 1
    for minute in range(107, 160):
        hook.see(minute, *([] if minute % 5 else [alert()]))
    assert len(slack.got) == 1


def test_a_restart_tells_nothing_twice(hook: Stage, slack: Any) -> None:
    for minute in (1, 6):
        hook.see(minute, alert())
    for minute in (7, 8, 90):
        hook.restart()
        hook.see(minute, alert())
    assert told(slack) == [[LATE]]


def test_a_kill_while_sending_tells_nothing_twice(hook: Stage, slack: Any) -> None:
    hook.see(1, alert())
    way = hook.tasks[0].outlet
    way.deliver = lambda message: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        hook.see(6, alert())
    assert hook.memory().state == "sending"
    hook.restart()
    hook.see(7, alert())
    hook.see(20, alert())
    assert slack.got == []


def test_what_may_have_arrived_is_not_repeated(hook: Stage, slack: Any) -> None:
    slack.answers = [(0, "", {}), (200, "", {})]
    for minute in (1, 6, 7, 30):
        hook.see(minute, alert())
    assert len(slack.got) == 1
    assert hook.memory().error == "webhook: no answer; the message may have arrived, so it is not repeated"


def test_what_surely_did_not_arrive_is_told_though_the_store_was_away_then(
    hook: Stage, slack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was to remember that the receiver was busy."""
    slack.answers = [(503, "", {}), (200, "", {})]
    hook.see(1, alert())
    with monkeypatch.context() as away:

        def failing(*told: Any) -> None:
            if told[2].state == "failed":
                raise StoreError("the store is away")
            remember(*told)

        away.setattr("tierline.notify.notifier.remember", failing)
        with pytest.raises(StoreError):
            hook.see(6, alert())
    assert hook.memory().state == "sending"
    for minute in (6.5, 7, 8):
        hook.see(minute, alert())
    assert told(slack) == [[LATE], [LATE]]
    assert hook.memory().state == "sent"


def test_a_dead_receiver_holds_nobody_up_and_is_told_later_what_then_holds(
    slack: Any, smtp: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = f"http://127.0.0.1:{smtp.free_port()}/canary-dead"
    stage = Stage(tmp_path, TWO, DEAD=slack.url + "/canary-dead", CHAT=slack.url + "/canary-chat")
    stage.see(0)
    slack.got.clear()
    dead = stage.tasks[0].outlet
    dead.url, there = nobody, dead.url  # type: ignore[attr-defined]
    for minute in (1, 6):
        stage.see(minute, alert(), alert("users"))
    assert [path for path, _, _ in slack.got] == ["/canary-chat"]
    # One is over, another has come; looked at every minute it is asked after 1, 2, 4 ... minutes.
    for minute in range(7, 28):
        stage.see(minute, alert("users"), alert("carts"))
    assert (stage.memory("dead").state, stage.memory("dead").tries) == ("failed", 5)
    dead.url = there  # type: ignore[attr-defined]
    for minute in range(28, 40):
        stage.see(minute, alert("users"), alert("carts"))
    late = [body for path, body, _ in slack.got if path == "/canary-dead"]
    assert [[one["cause"] for one in body["changes"]] for body in late] == [["users", "carts"]]
    chat = [body["text"].splitlines()[0] for path, body, _ in slack.got if path == "/canary-chat"]
    assert chat == ["2 alerts opened", "1 alert opened, 1 alert resolved"]
    errors = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert errors == ["notify dead: webhook: no connection; the network or the receiver may be down"]
    stage.store.close()


@pytest.mark.parametrize(
    ("only", "causes"),
    [
        (ALL, ["carts", "orders", "users", "airflow"]),
        (f"{ALL}, teams: [web]", ["orders", "users"]),
        (f"{ALL}, tiers: [1]", ["carts", "airflow"]),
        (f"{ALL}, severity: page", ["carts"]),
        (", what: [changes]", []),
        ("", []),
    ],
)
def test_a_receiver_gets_what_it_asked_for(slack: Any, tmp_path: Path, only: str, causes: list[str]) -> None:
    stage = Stage(tmp_path, HOOK % only, HOOK=slack.url)
    stage.see(0)
    slack.got.clear()
    found = [alert("carts", team="core", tier="1", severity="page"), alert(), alert("users"),
             alert("airflow", team="core", tier="", alert="TierlineBlind")]  # fmt: skip
    for minute in (1, 6):
        stage.see(minute, *found)
    assert [[one["cause"] for one in body["changes"]] for _, body, _ in slack.got] == ([causes] if causes else [])
    stage.store.close()


def test_what_is_silenced_is_neither_opened_nor_over(hook: Stage, slack: Any) -> None:
    rests = alert() | {"why": "maintenance: a move"}
    for minute in (1, 2, 30):
        hook.see(minute, silenced=[rests])
    for minute in (31, 36):
        hook.see(minute, alert())
    for minute in (40, 60):
        hook.see(minute, silenced=[rests])
    assert told(slack) == [[LATE]]
    for minute in (61, 66):
        hook.see(minute)
    assert told(slack)[1:] == [["orders is no longer late, after 2 h 01. Team web, tier 0."]]


def test_a_ticket_that_becomes_a_page_is_told_again_but_not_back(hook: Stage, slack: Any) -> None:
    for minute, severity in ((1, "ticket"), (6, "ticket"), (7, "page"), (12, "page"), (13, "ticket"), (30, "ticket")):
        hook.see(minute, alert(severity=severity))
    page = "orders has been late since 2026-11-16 11:00. It is a page now. Team web, tier 0, page."
    assert told(slack) == [[LATE], [page]]


DEAD = "The newest evaluation is as of 2026-11-16 12:06 UTC: nothing since then has been judged. Team platform, ticket."


def test_an_evaluation_that_has_died_is_told_once_and_that_it_is_back(hook: Stage, slack: Any) -> None:
    """Meanwhile nothing is over: nobody looks. It is told once it has lagged behind for five minutes."""
    for minute in (1, 6):
        hook.see(minute, alert())
    for minute in (16, 16.25, 21, 21.25, 21.5, 90):
        hook.at = NOON + timedelta(minutes=minute)
        hook.look()
        assert len(slack.got) == (1 if minute < 21.25 else 2)
    hook.restart()
    for minute in (91, 150, 309):
        hook.at = NOON + timedelta(minutes=minute)
        hook.look()
    for minute in (310, 315, 330):
        hook.see(minute, alert())
    assert told(slack) == [[LATE], [DEAD], ["tierline is seen again, after 5 h 04. Team platform."]]
    body = slack.got[1][1]
    assert (body["kind"], body["title"], body["as_of"]) == ("changes", "1 alert opened", "2026-11-16T12:06:00+00:00")
    (change,) = body["changes"]
    assert (change["key"], change["alert"]) == ("TierlineBlind:tierline", "TierlineBlind")
    assert (change["since"], change["page"]) == ("2026-11-16T12:06:00+00:00", "https://t.example/sources")


def test_an_evaluation_that_has_died_is_told_later_where_nobody_was_there(hook: Stage, slack: Any) -> None:
    hook.see(6)
    slack.answers = [(503, "", {}), (200, "", {})]
    for minute in (17, 22, 22.5, 23, 30):
        hook.at = NOON + timedelta(minutes=minute)
        hook.look()
    assert told(slack) == [[DEAD], [DEAD]]
    assert slack.got[0][1]["id"] == slack.got[1][1]["id"]


def test_after_a_start_the_evaluation_is_given_ten_minutes(hook: Stage, slack: Any) -> None:
    """What the store holds then is of before."""
    hook.see(6)
    hook.at = NOON + timedelta(minutes=300)
    hook.restart()
    hook.look()
    for minute in (310, 310.25, 315):
        hook.at = NOON + timedelta(minutes=minute)
        hook.look()
    assert slack.got == []
    hook.at += timedelta(seconds=15)
    hook.look()
    assert told(slack) == [[DEAD]]


@pytest.mark.parametrize(("takes", "opened"), [(7, []), (9, [16])])
def test_evaluations_that_are_slow_are_told_once_or_not_at_all(
    hook: Stage, slack: Any, takes: int, opened: list[int]
) -> None:
    """Each as old as it takes when it comes, and twice that when the next one does: of seven minutes they lag behind
    for three at a time; of nine for seven, which is told, and goes on until they are quick again."""
    lines = []
    for minute in range(takes, 99):
        if minute in (30, 60):
            hook.restart()
        hook.evaluated(minute // takes * takes - takes, minute)
        lines += [minute] * (len(slack.got) - len(lines))
    assert lines == opened
    for minute in range(99, 120):
        hook.see(minute)
    newest = "The newest evaluation is as of 2026-11-16 12:00 UTC: nothing since then has been judged."
    over = "tierline is seen again, after 99 min. Team platform."
    assert told(slack) == ([[f"{newest} Team platform, ticket."], [over]] if opened else [])


def test_who_has_slept_is_not_told_of_the_evaluation(hook: Stage, slack: Any) -> None:
    """A machine that wakes looks at once, and evaluates some seconds later."""
    hook.see(4)
    for minute in (14, 14.5, 480):
        hook.evaluated(4, minute)
    for minute in (480.5, 481, 490):
        hook.see(minute)
    assert slack.got == []


@pytest.mark.parametrize(
    ("before", "only"),
    [
        ("", ", what: [changes]"), ("", f"{ALL}, severity: page"), ("", f"{ALL}, teams: [web]"),
        ("alerts: {off: [TierlineBlind]}\n", ALL),
    ],
)  # fmt: skip
def test_who_does_not_ask_for_it_is_not_told_of_the_evaluation(
    slack: Any, tmp_path: Path, before: str, only: str
) -> None:
    stage = Stage(tmp_path, before + HOOK % only, HOOK=slack.url)
    stage.see(0)
    stage.at += timedelta(hours=5)
    stage.look()
    assert [body["kind"] for _, body, _ in slack.got] == ["baseline"]
    stage.store.close()
