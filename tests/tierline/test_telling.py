"""What receivers are told of changes, over real connections: each change once, what flaps not at all, what is over by
the time a receiver comes back not as open."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards.reading.reader import Snapshot
from slo.store import Store
from tierline.cli import run
from tierline.config import load
from tierline.notify import outlets
from tierline.notify.mail import Mailer
from tierline.notify.notifier import Memory, remembered
from tierline.notify.observing import Held, level
from tierline.notify.receivers import tasks
from tierline.service import Service
from tierline.settings.notify import Notify

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
HOOK = "notify: [{name: hook, webhook: 'env:HOOK', page: 'https://t.example'%s}]\n"
ALL = ", what: [alerts, changes]"
SLO = "pipeline_success_rate-own-1"


def alert(cause: str = "orders", **other: Any) -> dict[str, Any]:
    """A dataset late since 11:00."""
    return {
        "alert": "DatasetLate", "key": f"DatasetLate:{cause}", "severity": "ticket", "cause": cause, "team": "web",
        "tier": "0", "domain": "shop", "since": "2026-11-16T11:00:00+00:00", "affected": [cause], "slo": "",
        "remaining": None, "burn_rate": None, "runs_out": None, "worst": [],
        "summary": f"{cause} has been late since 2026-11-16 11:00.", "page": f"/assets/{cause}",
    } | other  # fmt: skip


def budget(remaining: float, **other: Any) -> dict[str, Any]:
    return {
        "slo": SLO, "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "tier": "0", "team": "platform",
        "period_days": 30, "remaining": remaining, "present_burn": 2.5, "runs_out": None, "watched": True,
        "page": "/slo/pipeline_success_rate/own-1-0?window=30d&tier=0",
    } | other  # fmt: skip


def result(status: str, **scope: Any) -> dict[str, Any]:
    return {
        "kpi": "mttr", "title": "Mean time to restore", "window": {"name": "28d"}, "scope": scope, "status": status,
        "value": 3600.0, "unit": "seconds", "targets": [], "series": [], "measure": "Samples",
    }  # fmt: skip


class Stage:
    """A store, a clock set by hand, and the receivers of some settings, each with its own memory."""

    def __init__(self, folder: Path, text: str, **environ: str) -> None:
        (folder / "tierline.yaml").write_text(f"store: sqlite:///{folder}/x.db\n{text}")
        self.config = load(str(folder / "tierline.yaml"), environ)
        self.store = Store(self.config.store_url)
        self.store.migrate()
        self.at, self.snapshot = NOON, Snapshot()
        self.restart()

    def restart(self) -> None:
        self.tasks = tasks(self.config)
        shown, now = lambda: self.snapshot, lambda: self.at
        self.ticks = [one.ticking(self.store, self.config, shown, now) for one in self.tasks]

    def see(
        self, minute: float, *alerts: Any, slos: Any = (), silenced: Any = (), results: Any = (), sources: Any = ()
    ) -> None:
        """An evaluation so many minutes after noon, and every receiver's look at it."""
        self.at = NOON + timedelta(minutes=minute)
        watch = {"as_of": self.at.isoformat(), "alerts": alerts, "silenced": silenced, "slos": slos}
        self.snapshot = Snapshot(as_of=self.at, watch=watch, results=list(results), sources=sources)
        self.look()

    def look(self) -> None:
        for tick in self.ticks:
            tick()

    def memory(self, name: str = "hook") -> Memory:
        return remembered(self.store, name)


@pytest.fixture
def hook(slack: Any, tmp_path: Path) -> Iterator[Stage]:
    """A webhook that knows that nothing was open at noon, and whose server has forgotten the message saying so."""
    stage = Stage(tmp_path, HOOK % ALL, HOOK=slack.url + "/canary-path")
    stage.see(0)
    slack.got.clear()
    yield stage
    stage.store.close()


def told(slack: Any) -> list[list[str]]:
    """Of each message the changes' texts."""
    return [[one["text"] for one in body["changes"]] for _, body, _ in slack.got]


LATE = "orders has been late since 2026-11-16 11:00. Team web, tier 0, ticket."


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
            "burn_rate": None, "runs_out": None,
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
        "until": "2026-11-16T12:30:00+00:00",
    }]  # fmt: skip
    after = hook.memory()
    assert (after.seen, after.told, after.about) == ({}, {}, {})


def test_two_evaluations_must_agree_even_where_nothing_must_hold(slack: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, HOOK % (ALL + ", after: 0s"), HOOK=slack.url)
    stage.see(0)
    stage.see(1, alert())
    stage.at += timedelta(hours=1)
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


TWO = """
notify:
  - {name: dead, webhook: 'env:DEAD', page: 'https://t.example', what: [alerts, changes]}
  - {name: chat, slack: 'env:CHAT', page: 'https://t.example', what: [alerts, changes]}
"""


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


def test_one_message_a_round_and_one_line_a_cause_as_slack_lays_it_out(slack: Any, tmp_path: Path) -> None:
    text = "notify: [{name: chat, slack: 'env:CHAT', page: 'https://t.example', what: [alerts, changes]}]\n"
    stage = Stage(tmp_path, text, CHAT=slack.url + "/canary-chat")
    stage.see(0, slos=[budget(0.6)], results=[result("met")])
    slack.got.clear()
    eats = alert("a & b", slo=SLO, remaining=0.4, severity="page")
    stage.see(1, slos=[budget(0.6)], results=[result("missed")])
    for minute in (56, 61):
        stage.see(minute, alert(), eats, slos=[budget(0.4)], results=[result("missed")])
    ((_, body, _),) = slack.got
    assert body["text"] == "\n".join([
        "2 alerts opened, 1 verdict changed", "",
        "Opened",
        "  ▲ a & b has been late since 2026-11-16 11:00. Pipeline success rate, tier 0: 40.0 % of the budget of "
        "30 days is left. Team web, tier 0, page.",
        "    https://t.example/assets/a & b",
        f"  ▲ {LATE}", "    https://t.example/assets/orders", "",
        "Verdicts",
        "  ▲ Mean time to restore, missed: The platform took 60 min on average to restore an incident in the last "
        "28 days. It was met before.",
        "    https://t.example/kpi/mttr", "",
        "as of 16 November 2026, 13:01 UTC", "https://t.example",
    ])  # fmt: skip
    assert body["blocks"][1]["text"]["text"] == (
        "*Opened*\n▲ a &amp; b has been late since 2026-11-16 11:00. Pipeline success rate, tier 0: 40.0 % of the "
        "budget of 30 days is left. Team web, tier 0, page. <https://t.example/assets/a &amp; b|open>\n"
        f"▲ {LATE} <https://t.example/assets/orders|open>"
    )
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
        stage.see(minute, alert(), sources=[{"name": "airflow", "stale": True}])
    assert slack.got == []
    read = [{"name": "airflow", "stale": False}]
    stage.see(9.5, alert(), slos=[budget(0.1)], results=[result("missed")], sources=read)
    ((_, body, _),) = slack.got
    assert (body["kind"], told(slack)) == ("baseline", [[LATE]])
    assert body["title"] == "Tierline tells of changes here from now on; 1 alert open"
    for minute in (10, 20):
        stage.see(minute, alert(), slos=[budget(0.1)], results=[result("missed")])
    assert len(slack.got) == 1
    stage.store.close()


def test_by_mail(smtp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = f"""notify:
  - name: desk
    page: https://t.example
    what: [alerts, changes]
    mail: {{host: 127.0.0.1, port: {smtp.port}, user: tierline, password: env:SMTP, sender: tierline@example.com,
           to: [a@example.com]}}
"""
    monkeypatch.setattr(outlets, "Mailer", lambda settings: Mailer(settings, smtp.trusting))
    stage = Stage(tmp_path, mail, SMTP="canary-password")
    stage.see(0)
    for minute in (1, 6):
        stage.see(minute, alert())
    assert [to for _, to, _ in smtp.got] == [["a@example.com"]] * 2
    got = email.message_from_bytes(smtp.got[1][2], policy=email.policy.default)
    assert got["Subject"] == "1 alert opened"
    body: Any = got.get_body(("plain",))
    assert body.get_content().replace("\r\n", "\n") == "\n".join([
        "1 alert opened", "", "Opened", f"  ▲ {LATE}", "    https://t.example/assets/orders", "",
        "as of 16 November 2026, 12:06 UTC", "https://t.example", "",
    ])  # fmt: skip
    stage.store.close()


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
def test_by_apprise(slack: Any, smtp: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """json:// is Apprise's own service that posts JSON. Its log tells tokens and addresses: none of it comes out."""
    caplog.set_level(logging.DEBUG)
    text = "notify: [{name: phone, apprise: 'env:URL', page: 'https://t.example', what: [alerts, changes]}]\n"
    stage = Stage(tmp_path, text, URL=slack.url.replace("http", "json") + "/canary-token")
    stage.see(0)
    for minute in (1, 6):
        stage.see(minute, alert())
    path, body, _ = slack.got[1]
    assert (path, body["title"]) == ("/canary-token", "1 alert opened")
    assert body["message"] == (
        f"Opened\n  ▲ {LATE}\n    https://t.example/assets/orders\n\nas of 16 November 2026, 12:06 UTC\nhttps://t.example"
    )
    slack.answers = [(503, "", {}), (404, "", {})]
    for minute in (7, 12, 13):
        stage.see(minute)
    assert stage.memory("phone").error == (
        "Apprise: the service answered 404; check the URL against Apprise's page of the service"
    )
    stage.tasks[0].outlet.url = f"json://127.0.0.1:{smtp.free_port()}/canary-token"  # type: ignore[attr-defined]
    stage.see(16)
    assert stage.memory("phone").error == (
        "Apprise: no connection to the service; the network or the service may be down"
    )
    assert stage.memory("phone").told != {}
    assert "canary" not in caplog.text
    assert "canary" not in json.dumps([one.standing(stage.store) for one in stage.tasks])
    stage.store.close()


def test_a_webhook_says_who_it_is_and_the_same_again_by_the_same_id(
    slack: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = HOOK % (ALL + ", authorization: 'env:TOKEN'")
    stage = Stage(tmp_path, text, HOOK=slack.url + "/canary-path", TOKEN="Bearer canary-token")
    slack.answers = [(503, "canary-token", {}), (200, "", {})]
    stage.see(0)
    stage.see(1)
    (_, first, who), (_, second, _) = slack.got
    assert who == "Bearer canary-token"
    assert first["id"] == second["id"]
    assert "canary" not in caplog.text
    assert stage.memory().state == "sent"
    stage.store.close()


def test_a_webhook_that_refuses_is_told_once_it_was_mended(hook: Stage, slack: Any) -> None:
    slack.answers = [(401, "", {}), (429, "", {"Retry-After": "600"}), (200, "", {})]
    for minute in (1, 6):
        hook.see(minute, alert())
    assert hook.memory().error == "webhook answered 401; check the URL and what stands in `authorization`"
    for minute in (7, 8, 16):
        hook.see(minute, alert())
    assert len(slack.got) == 2
    hook.at += timedelta(minutes=1)
    hook.look()
    assert (len(slack.got), hook.memory().state) == (3, "sent")


def test_the_digest_goes_to_whoever_asks_for_it(slack: Any, tmp_path: Path) -> None:
    text = "digest: {at: '12:00', page: 'https://t.example'}\n" + HOOK % ", what: [digest]"
    stage = Stage(tmp_path, text, HOOK=slack.url + "/canary")
    stage.see(0, results=[result("missed")])
    stage.see(1, results=[result("missed")])
    ((_, body, _),) = slack.got
    assert (body["version"], body["kind"]) == (1, "digest")
    assert body["title"] == "1 of 1 judged KPI missed a target in the last 28 days"
    assert (body["changes"], body["sources"], body["page"]) == ([], [], "https://t.example")
    (standing,) = [one.standing(stage.store) for one in stage.tasks]
    assert standing == {"name": "digest hook", "title": "webhook", "ok": True, "state": "sent",
                        "at": "2026-11-16T12:00:00+00:00", "error": ""}  # fmt: skip
    stage.store.close()


def test_the_command_tries_each_receiver_and_a_check_sends_nothing(
    slack: Any, smtp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    monkeypatch.setenv("DEAD", f"http://127.0.0.1:{smtp.free_port()}/canary-dead")
    monkeypatch.setenv("CHAT", slack.url + "/canary-chat")
    (tmp_path / "tierline.yaml").write_text("store: sqlite:///x.db\n" + TWO)
    assert run(["check", "--connect", "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(one["source"], one["ok"]) for one in findings] == [("notify dead", False), ("notify chat", True)]
    assert findings[0]["what"] == (
        "webhook: webhook: no connection (Connection refused); the network or the receiver may be down"
    )
    assert slack.got == []
    assert run(["notify", "--test"]) == 1
    assert [body["text"] for _, body, _ in slack.got] == ["Tierline's messages to chat come here."]
    said = capsys.readouterr().err
    assert "dead: webhook: no connection" in said and "chat: sent to Slack, incoming webhook" in said
    assert run(["notify", "chat", "--format", "json"]) == 0
    assert [one["state"] for one in json.loads(capsys.readouterr().out)] == ["nothing sent yet"]
    assert run(["notify", "nobody"]) == 2
    assert "canary" not in said


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "name one way"),
        ({"webhook": "x", "apprise": "y"}, "name one way"),
        ({"slack": "x", "slack_token": "y", "channel": "c"}, "name one way"),
        ({"slack_token": "y"}, "slack_token and channel belong together"),
        ({"apprise": "x", "authorization": "y"}, "authorization belongs to a webhook"),
        ({"mail": {"host": "h", "sender": "a@b.c", "drafts": {"x": ["a@b.c"]}}}, "needs addresses in `to`"),
        ({"webhook": "x", "after": "2d"}, "expected a time from 0s to 1d"),
    ],
)
def test_settings_that_name_no_single_way_are_refused(told: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Notify.model_validate({"name": "x"} | told)


def test_a_digest_to_nobody_and_one_name_for_two_are_refused(tmp_path: Path) -> None:
    for text, words in (
        ("digest: {at: '09:00'}\n", "the digest goes nowhere"),
        (TWO.replace("chat,", "dead,"), "two receivers are called 'dead'"),
    ):
        (tmp_path / "tierline.yaml").write_text(text)
        with pytest.raises(Exception, match=words):
            load(str(tmp_path / "tierline.yaml"), {"DEAD": "x", "CHAT": "y"})


def test_the_first_message_waits_for_the_history_that_it_tells_of(slack: Any, tmp_path: Path) -> None:
    text = "sources: {af: {type: airflow, url: 'http://127.0.0.1:1', username: x, password: 'env:HOOK'}}\n" + HOOK % ALL
    stage = Stage(tmp_path, text, HOOK=slack.url)
    for place, (days, messages) in enumerate(((1, 0), (27, 0), (28, 1), (90, 1))):
        state = {"began": NOON.isoformat(), "reached": (NOON - timedelta(days=days)).isoformat()}
        with stage.store.write() as tx:
            tx.set_source_state("af", state)
        stage.see(place)
        assert len(slack.got) == messages
    stage.store.close()


def test_a_receiver_that_never_answers_holds_no_other_up(
    slack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the service's threads, which look every tenth of a second: one takes the connection and says nothing."""
    monkeypatch.setattr("tierline.service.LOOK", timedelta(seconds=0.1))
    monkeypatch.setattr("tierline.notify.webhook.TIMEOUT", (1, 600))
    (tmp_path / "tierline.yaml").write_text(f"store: sqlite:///{tmp_path}/x.db\n{TWO}")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/canary-dead"
        config = load(str(tmp_path / "tierline.yaml"), {"DEAD": url, "CHAT": slack.url + "/canary-chat"})
        with Store(config.store_url) as store:
            store.migrate()
            service = Service(config, store, role="collect")
            watch = {"as_of": NOON.isoformat(), "alerts": (), "silenced": (), "slos": ()}
            service.snapshots.holder.replace(Snapshot(as_of=NOON, watch=watch))
            service.leader.leads.set()
            for task in tasks(config):
                service._thread(task.name, service._telling(task))
            deadline = time.monotonic() + 60
            while (remembered(store, "dead").state, remembered(store, "chat").state) != ("sending", "sent"):
                assert time.monotonic() < deadline
                service.stop.wait(0.1)
            assert len(slack.got) == 1
            service.stop.set()
            mute.accept()[0].close()
            service.close()
