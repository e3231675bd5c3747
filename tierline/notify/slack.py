"""Ways out for a message: Slack, by an incoming webhook or by a bot's token. The library is Slack's own.

A message that surely did not arrive raises RetriableError and may be sent again; what may have arrived, and what will
never be taken, raises SourceError: nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.client import HTTPException, InvalidURL
from typing import TYPE_CHECKING, Any, Protocol
from urllib.error import URLError

from collectors.secrets import star, starred
from slo.errors import RetriableError, SourceError
from tierline.notify.faults import Refused, raise_for
from tierline.notify.urls import reached

if TYPE_CHECKING:
    from tierline.settings.out import Channel

TIMEOUT = 15
"""Seconds for one message."""
SLACK = "https://slack.com/api/"
_CHECK = "check the webhook or the token and the channel"
_REMEDIES = {
    "no_service": "the webhook was removed: make a new one",
    "channel_is_archived": "unarchive the channel, or make a webhook for another one",
    "channel_not_found": "give the channel's id, and invite the bot to it",
    "not_in_channel": "invite the bot to the channel",
    "invalid_auth": "make a new token",
    "missing_scope": "give the app the scope chat:write and install it again",
}


class Receiver(Protocol):
    """Where a message goes."""

    title: str

    def send(self, text: str, blocks: list[dict[str, Any]]) -> None:
        """Delivers it. Raises Busy, RetriableError (it did not arrive) or SourceError (it may have, or never will)."""
        ...

    def check(self) -> str:
        """What is known of the receiver without sending anything. Raises SourceError."""
        ...


def receiver(settings: Channel, base: str = SLACK) -> Receiver:
    """The receiver that the settings name."""
    star(settings.slack, settings.slack_token)
    if settings.slack is not None:
        return Webhook(settings.slack.get_secret_value())
    token = settings.slack_token.get_secret_value() if settings.slack_token else ""
    return Bot(token, settings.channel or "", base)


class Webhook:
    """An incoming webhook: one URL, one channel."""

    title = "Slack, incoming webhook"

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, text: str, blocks: list[dict[str, Any]]) -> None:
        from slack_sdk.webhook import WebhookClient

        client = WebhookClient(self.url, timeout=TIMEOUT, retry_handlers=[])
        answer = _connected(lambda: client.send(text=text, blocks=blocks or None, unfurl_links=False))
        _refuse(answer.status_code, answer.body.strip(), answer.headers)

    def check(self) -> str:
        return reached("Slack", self.url, _CHECK, "tierline digest --test")


class Bot:
    """A bot's token and a channel it was invited to."""

    def __init__(self, token: str, channel: str, base: str = SLACK) -> None:
        self.token, self.channel, self.base = token, channel, base
        self.title = f"Slack, {channel}"

    def _client(self) -> Any:
        from slack_sdk import WebClient

        return WebClient(self.token, base_url=self.base, timeout=TIMEOUT, retry_handlers=[])

    def send(self, text: str, blocks: list[dict[str, Any]]) -> None:
        client = self._client()
        self._asked(lambda: client.chat_postMessage(
            channel=self.channel, text=text, blocks=blocks or None, unfurl_links=False
        ))  # fmt: skip

    def check(self) -> str:
        told = self._asked(self._client().auth_test)
        return f"the token is good for {told.get('team', 'a workspace')}; nothing was sent"

    def _asked(self, call: Callable[[], Any]) -> Any:
        from slack_sdk.errors import SlackApiError

        try:
            return _connected(call)
        except SlackApiError as error:
            answer = error.response
            word = str(answer.get("error", "")) if isinstance(answer.data, dict) else ""
            _refuse(answer.status_code if answer.status_code >= 400 else 400, word, answer.headers)


def _connected(call: Callable[[], Any]) -> Any:
    """The call's answer. A connection that was refused delivered nothing; one that broke off may have."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        return call()
    except SlackApiError:
        raise
    except (ValueError, InvalidURL, SlackClientError):
        # They quote the URL.
        raise Refused(f"Slack: what the settings say cannot be used; {_CHECK}") from None
    except URLError as error:
        reason = starred(error.reason)
        raise RetriableError(f"Slack: no connection ({reason}); the network or a proxy may be down") from None
    except (OSError, HTTPException) as error:
        reason = starred(error) or type(error).__name__
        raise SourceError(f"Slack: no answer ({reason}); the message may have arrived, so it is not repeated") from None


def _refuse(status: int, word: str, headers: Mapping[str, Any]) -> None:
    raise_for("Slack", status, word, headers, _REMEDIES.get(word, _CHECK))
