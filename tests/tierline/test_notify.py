"""Slack, spoken to over HTTP: what arrived, what surely did not, and what may have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from slo.errors import RetriableError, SourceError
from tests.ports import free_port
from tierline.notify.faults import Busy, Refused, raise_for
from tierline.notify.slack import Bot, Webhook, receiver
from tierline.settings.out import Digest

HOOK = "/services/T0/B0/canary-webhook"


BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}


def test_a_message_arrives_at_the_webhook(slack: Any) -> None:
    Webhook(slack.url + HOOK).send("hello", [BLOCK])
    assert slack.got == [(HOOK, {"text": "hello", "blocks": [BLOCK], "unfurl_links": False}, "")]


def test_429_says_how_long_to_wait(slack: Any) -> None:
    slack.answers = [(429, "rate_limited", {"Retry-After": "45"})]
    with pytest.raises(Busy, match="Slack answered 429, rate_limited; it asks to wait") as caught:
        Webhook(slack.url + HOOK).send("hello", [])
    assert caught.value.seconds == 45
    assert len(slack.got) == 1


def test_429_without_a_time_waits_half_a_minute(slack: Any) -> None:
    slack.answers = [(429, "", {})]
    with pytest.raises(Busy) as caught:
        Webhook(slack.url + HOOK).send("hello", [])
    assert caught.value.seconds == 30


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0), ("0.5", 0.5), ("3600", 3600), ("3601", 3600), ("31536000", 3600), ("1000000000000", 3600), ("-5", 0),
        ("inf", 30), ("-inf", 0), ("9" * 400, 30), ("nan", 0), ("", 30), ("soon", 30),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        (f"Fri, 31 Dec {'9' * 30} 23:59:59 GMT", 30), ("Wed, 21 Oct 2015", 30),
    ],
)  # fmt: skip
def test_whatever_429_asks_for_it_is_an_hour_at_most(header: str, seconds: float) -> None:
    with pytest.raises(Busy) as caught:
        raise_for("Slack", 429, "", {"Retry-After": header}, "")
    assert caught.value.seconds == seconds


def test_500_may_be_tried_again(slack: Any) -> None:
    slack.answers = [(500, "server_error", {})]
    with pytest.raises(RetriableError, match="Slack answered 500, server_error; it may work later"):
        Webhook(slack.url + HOOK).send("hello", [])


def test_a_webhook_that_was_removed_is_not_tried_again(slack: Any) -> None:
    slack.answers = [(404, "no_service", {})]
    with pytest.raises(SourceError, match="no_service; the webhook was removed: make a new one") as caught:
        Webhook(slack.url + HOOK).send("hello", [])
    assert not isinstance(caught.value, RetriableError)


def test_a_connection_that_breaks_off_may_have_delivered(slack: Any) -> None:
    slack.answers = [(0, "", {})]
    with pytest.raises(SourceError, match="the message may have arrived, so it is not repeated") as caught:
        Webhook(slack.url + HOOK).send("hello", [])
    assert not isinstance(caught.value, RetriableError)


def test_nobody_there_delivered_nothing() -> None:
    with pytest.raises(RetriableError, match="Slack: no connection") as caught:
        Webhook(f"http://127.0.0.1:{free_port()}{HOOK}").send("hello", [])
    assert "canary" not in str(caught.value)


def test_a_bot_posts_into_its_channel(slack: Any) -> None:
    slack.answers = [(200, '{"ok": true, "ts": "1"}', {"Content-Type": "application/json"})]
    Bot("canary-token", "C1", slack.url + "/api/").send("hello", [BLOCK])
    ((path, told, credential),) = slack.got
    assert (path, credential) == ("/api/chat.postMessage", "Bearer canary-token")
    assert told == {"channel": "C1", "text": "hello", "blocks": [BLOCK], "unfurl_links": False}


@pytest.mark.parametrize(
    ("word", "remedy"),
    [("not_in_channel", "invite the bot to the channel"), ("missing_scope", "give the app the scope chat:write")],
)
def test_what_slack_refuses_says_what_to_do(slack: Any, word: str, remedy: str) -> None:
    slack.answers = [(200, json.dumps({"ok": False, "error": word}), {"Content-Type": "application/json"})]
    with pytest.raises(SourceError, match=f"{word}; {remedy}"):
        Bot("canary-token", "C1", slack.url + "/api/").send("hello", [])


def test_a_bot_that_is_limited_waits(slack: Any) -> None:
    body = '{"ok": false, "error": "ratelimited"}'
    slack.answers = [(429, body, {"Retry-After": "7", "Content-Type": "application/json"})]
    with pytest.raises(Busy) as caught:
        Bot("canary-token", "C1", slack.url + "/api/").send("hello", [])
    assert caught.value.seconds == 7


def test_checking_sends_nothing(slack: Any) -> None:
    slack.answers = [(200, '{"ok": true, "team": "Acme"}', {"Content-Type": "application/json"})]
    bot = receiver(Digest(slack_token=SecretStr("canary-token"), channel="C1"), slack.url + "/api/")
    assert (bot.title, bot.check()) == ("Slack, C1", "the token is good for Acme; nothing was sent")
    hook = receiver(Digest(slack=SecretStr(slack.url + HOOK)))
    assert "nothing was sent" in hook.check()
    assert [path for path, _, _ in slack.got] == ["/api/auth.test"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"slack": "x", "slack_token": "y", "channel": "c"}, "say either slack"),
        ({"slack_token": "y"}, "slack_token and channel belong together"),
        ({"slack": "x", "channel": "c"}, "slack_token and channel belong together"),
        ({"slack": "x", "page": "tierline.example"}, "String should match pattern"),
    ],
)
def test_settings_that_name_no_way_are_refused(told: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Digest.model_validate(told)


@pytest.mark.parametrize(
    "url", ["hooks.slack.com/canary", "http://[canary", "http://127.0.0.1:1/canary path", "canary"]
)
def test_a_webhook_that_is_no_url_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(Refused) as caught:
        Webhook(url).send("hello", [])
    assert str(caught.value) == (
        "Slack: what the settings say cannot be used; check the webhook or the token and the channel"
    )
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    with pytest.raises(SourceError) as caught:
        Webhook(url).check()
    assert "canary" not in str(caught.value)


def test_a_webhook_of_which_nobody_answers_is_found_by_a_check() -> None:
    with pytest.raises(RetriableError, match=r"Slack: no connection \(Connection refused\)"):
        Webhook(f"http://127.0.0.1:{free_port()}{HOOK}").check()
