"""The ways to a receiver, over real connections: what each delivers, and what a fault of one is answered with."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards.reading.reader import Snapshot
from slo.store import Store
from tests.tierline.stage import ALL, HOOK, LATE, NOON, TWO, Stage, alert, result, told
from tierline.cli import run
from tierline.config import load
from tierline.notify import message, outlets
from tierline.notify.mail import Mailer
from tierline.notify.memory import remembered
from tierline.notify.receivers import tasks
from tierline.service import Service
from tierline.settings.notify import Notify


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
        "1 alert opened", "", "Opened", f"  △ {LATE}", "    https://t.example/assets/orders", "",
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
        f"Opened\n  △ {LATE}\n    https://t.example/assets/orders\n\nas of 16 November 2026, 12:06 UTC\nhttps://t.example"
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


@pytest.mark.parametrize("asks", ["inf", "nan", "-1", "31536000", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_receiver_that_asks_for_odd_patience_is_told_within_the_hour(hook: Stage, slack: Any, asks: str) -> None:
    slack.answers = [(429, "", {"Retry-After": asks}), (200, "", {})]
    for minute in (1, 6, 66):
        hook.see(minute, alert())
    assert told(slack) == [[LATE], [LATE]]
    assert hook.memory().state == "sent"


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


CHAT = "notify: [{name: chat, slack: 'env:CHAT', page: 'https://t.example', what: [alerts, changes]}]\n"


def test_what_stands_wrongly_in_the_settings_is_told_once_it_was_mended(
    slack: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(tmp_path, CHAT, CHAT="127.0.0.1/canary-path")
    stage.see(0, alert())
    told = "Slack: what the settings say cannot be used; check the webhook or the token and the channel"
    assert (stage.memory("chat").state, stage.memory("chat").error) == ("failed", told)
    assert stage.memory("chat").told == {}
    stage.tasks[0].outlet.to.url = slack.url  # type: ignore[attr-defined]
    stage.see(1, alert())
    assert [body["text"].splitlines()[0] for _, body, _ in slack.got] == [
        "Tierline tells of changes here from now on; 1 alert open"
    ]
    assert "canary" not in caplog.text
    stage.store.close()


def test_a_fault_that_no_way_foresees_loses_nothing(
    hook: Stage, slack: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    way, fault = hook.tasks[0].outlet, KeyError("canary")
    with monkeypatch.context() as patched:
        patched.setattr(way, "deliver", lambda message: (_ for _ in ()).throw(fault))
        for minute in (1, 6):
            hook.see(minute, alert())
    assert hook.memory().error == "webhook: unexpected KeyError; check what the settings say of it"
    hook.see(7, alert())
    assert [[one["text"] for one in body["changes"]] for _, body, _ in slack.got] == [[LATE]]
    assert "canary" not in caplog.text


def test_one_that_cannot_be_used_keeps_no_other_from_its_line(
    slack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    monkeypatch.setenv("CHAT", "hooks.slack.com/canary-chat")
    monkeypatch.setenv("HOOK", slack.url)
    hook = "  - {name: hook, webhook: 'env:HOOK'}\n"
    (tmp_path / "tierline.yaml").write_text(
        f"store: sqlite:///x.db\nnotify:\n  - {{name: chat, slack: 'env:CHAT'}}\n{hook}"
    )
    assert run(["check", "--connect", "--format", "json"]) == 1
    said = capsys.readouterr().out
    assert [(one["source"], one["ok"]) for one in json.loads(said)["findings"]] == [
        ("notify chat", False), ("notify hook", True),
    ]  # fmt: skip
    assert run(["notify", "--test"]) == 1
    assert [body["title"] for _, body, _ in slack.got] == ["Tierline's messages to hook come here."]
    assert run(["digest", "--test"]) == 1
    assert [body["title"] for _, body, _ in slack.got[1:]] == ["Tierline's digest comes here."]
    said += capsys.readouterr().err
    assert "chat: Slack: what the settings say cannot be used" in said
    assert "canary" not in said


def test_two_tests_and_two_days_that_say_the_same_are_two_messages(slack: Any, tmp_path: Path) -> None:
    """A receiver may drop what it has got already. Monday's digest is sent again after 15 minutes: it is one."""
    moments = [NOON, NOON + timedelta(seconds=1)]
    first, second = (message.test_line("hook", at) for at in moments)
    assert first.body["at"] == "2026-11-16T12:00:00+00:00"
    assert first.identity != second.identity
    text = "digest: {at: '12:00', page: 'https://t.example'}\n" + HOOK % ", what: [digest]"
    stage = Stage(tmp_path, text, HOOK=slack.url)
    slack.answers = [(403, "", {}), (200, "", {})]
    for minute in (0, 15, 24 * 60):
        stage.see(minute, results=[result("met")])
    monday, again, tuesday = (body for _, body, _ in slack.got)
    assert monday["title"] == again["title"] == tuesday["title"]
    assert monday["id"] == again["id"] != tuesday["id"]
    stage.store.close()
