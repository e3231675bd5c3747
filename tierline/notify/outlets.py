"""The ways out of a message, as the settings name them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Protocol

from dashboards import format as fmt
from tierline.notify.mail import Mailer
from tierline.notify.mail import message as mail_of
from tierline.notify.services import Service
from tierline.notify.slack import Receiver, receiver
from tierline.notify.webhook import JsonWebhook

if TYPE_CHECKING:
    from tierline.notify.message import Message
    from tierline.settings.notify import Notify
    from tierline.settings.out import Channel


class Outlet(Protocol):
    """Where messages go."""

    title: str

    def deliver(self, message: Message) -> None:
        """Raises Busy, RetriableError or Refused (it did not arrive), SourceError (it may have)."""
        ...

    def check(self) -> str:
        """What is known of it without sending anything. Raises SourceError."""
        ...


class ToSlack:
    """A channel of Slack."""

    def __init__(self, to: Receiver) -> None:
        self.to, self.title = to, to.title

    def deliver(self, message: Message) -> None:
        self.to.send(message.text, message.blocks)

    def check(self) -> str:
        return self.to.check()


class ToMail:
    """Some addresses."""

    def __init__(self, mailer: Mailer) -> None:
        count = len(mailer.settings.to)
        self.mailer, self.title = mailer, f"{mailer.title}, {fmt.plural(count, 'address', 'addresses')}"

    def deliver(self, message: Message) -> None:
        settings = self.mailer.settings
        html = as_html(message.text)
        made = mail_of(
            message.title, settings.sender, settings.to, message.text + "\n", html, {}, message.at,
            f"{message.kind}-{message.identity}",
        )  # fmt: skip
        self.mailer.send(made, settings.to)

    def check(self) -> str:
        return self.mailer.check()


def as_html(text: str) -> str:
    """A message's text as it stands, line by line: indented, its headings bold, its links to be clicked."""
    lines = text.split("\n")
    below = [*lines[1:], ""]
    return "\n".join(_line(line, next_one.startswith("  ")) for line, next_one in zip(lines, below, strict=True))


def _line(line: str, heads: bool) -> str:
    told = line.lstrip()
    indent = len(line) - len(told)
    shown = escape(told) or "<br>"
    if told.startswith(("https://", "http://")):
        shown = f'<a href="{shown}">{shown}</a>'
    elif indent:
        shown = shown.replace(" ", "&nbsp;", 1)  # the mark stays with what it marks
    elif heads:
        shown = f"<b>{shown}</b>"
    return f'<div style="padding-left: {indent / 2:g}em; overflow-wrap: anywhere">{shown}</div>'


def slack_outlet(settings: Channel) -> Outlet:
    """The channel that the settings name."""
    return ToSlack(receiver(settings))


def outlet(settings: Notify) -> Outlet:
    """The one way that a receiver's settings name."""
    if settings.mail is not None:
        return ToMail(Mailer(settings.mail))
    if settings.webhook is not None:
        token = settings.authorization.get_secret_value() if settings.authorization else ""
        return JsonWebhook(settings.webhook.get_secret_value(), token)
    if settings.apprise is not None:
        return Service(settings.apprise.get_secret_value())
    return slack_outlet(settings)
