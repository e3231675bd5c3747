"""A message by Apprise: one library, many services. It raises as ``slack.py`` does.

Apprise logs what it asked, with the tokens that stand in its URLs; none of that leaves this file.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from collectors.secrets import star
from slo.errors import RetriableError, SourceError
from tierline.notify.faults import Refused
from tierline.notify.urls import LONG

if TYPE_CHECKING:
    from tierline.notify.message import Message

TIMEOUT = 30
"""Seconds for one message."""
_REMEDY = "check the URL against Apprise's page of the service"
_HOST = re.compile(r"[\d.]+|[a-z0-9.-]+\.[a-z]{2,}|localhost")
_BEFORE = re.compile(r"NewConnectionError|ConnectTimeout|NameResolutionError|Connection refused")
_ANSWERED = re.compile(r"error[=:]? ?(\d{3})")


class Service:
    """One URL of Apprise's."""

    def __init__(self, url: str) -> None:
        star(url, *_tokens(url))
        self.url = url
        schema = re.match(r"([a-z0-9]{1,20})://", url)
        self.title = f"Apprise, {schema[1]}" if schema else "Apprise"

    def deliver(self, message: Message) -> None:
        """Hands it to the service. Raises RetriableError, Refused or SourceError."""
        service = self._opened()
        sent = service.notify(
            title=message.title, body=message.rest, body_format="text", timeout=TIMEOUT, log_level=logging.DEBUG
        )
        if not sent:
            raise _lost("\n".join(entry.message for one in sent.results for entry in one.logs()))

    def check(self) -> str:
        self._opened()
        return "Apprise knows the URL; nothing was sent (`tierline notify --test` sends one line)"

    def _opened(self) -> Any:
        log = logging.getLogger("apprise")
        log.propagate = False
        log.setLevel(logging.DEBUG)
        import apprise

        opened = apprise.Apprise()
        if not opened.add(self.url):
            raise Refused(f"Apprise: the URL is none that Apprise knows; {_REMEDY}")
        return opened


def _tokens(url: str) -> list[str]:
    """The URL's parts that may be secrets: Apprise puts them into other URLs, which urllib3 logs."""
    parts = re.split(r"[/:@?&=#]", url)
    return [one for one in parts if len(one) >= LONG and not _HOST.fullmatch(one)]


def _lost(told: str) -> SourceError:
    """What Apprise's own log tells: it says no more than that it failed."""
    status = _ANSWERED.search(told)
    if _BEFORE.search(told):
        return RetriableError("Apprise: no connection to the service; the network or the service may be down")
    if status and (status[1] == "429" or status[1] >= "500"):
        return RetriableError(f"Apprise: the service answered {status[1]}; it may work later")
    if status:
        return Refused(f"Apprise: the service answered {status[1]}; {_REMEDY}")
    return SourceError("Apprise: the service did not take the message; it may have arrived, so it is not repeated")
