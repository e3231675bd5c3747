"""A message as JSON, by POST to a URL. It raises as ``slack.py`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError

from collectors.secrets import star
from slo.errors import RetriableError, SourceError
from tierline.notify.faults import Refused, raise_for
from tierline.notify.urls import LONG, reached

if TYPE_CHECKING:
    from tierline.notify.message import Message

TIMEOUT = (5, 15)
"""Seconds to connect, seconds without a byte."""
_REMEDY = "check the URL and what stands in `authorization`"


class JsonWebhook:
    """A URL that takes the message; ``authorization``: what the header of this name says."""

    title = "webhook"

    def __init__(self, url: str, authorization: str = "") -> None:
        star(url, authorization, *_path(url))
        self.url, self.authorization = url, authorization

    def deliver(self, message: Message) -> None:
        """Posts it. Raises Busy, RetriableError, Refused or SourceError."""
        headers = {"Idempotency-Key": message.identity, "User-Agent": "tierline"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        try:
            answer = requests.post(
                self.url, json=message.body, headers=headers, timeout=TIMEOUT, allow_redirects=False, auth=_as_it_is
            )
        except ValueError:
            raise Refused(f"webhook: its URL cannot be used; {_REMEDY}") from None
        except requests.RequestException as error:
            raise _lost(error) from None
        if 300 <= answer.status_code < 400:
            raise Refused(f"webhook answered {answer.status_code}, which leads elsewhere; write the URL it leads to")
        raise_for("webhook", answer.status_code, "", answer.headers, _REMEDY)

    def check(self) -> str:
        """That its host takes connections. Raises RetriableError or Refused."""
        return reached("webhook", self.url, _REMEDY, "tierline notify --test")


def _path(url: str) -> list[str]:
    """What stands behind the host, where it is long enough to be a secret: so urllib3 logs a request."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return [path] if len(path) >= LONG else []


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Otherwise ~/.netrc would speak in place of what the settings say."""
    return request


def _lost(error: requests.RequestException) -> SourceError:
    """Whether it may have arrived; the error itself would quote the URL."""
    before = isinstance(error, requests.ConnectTimeout) or (
        isinstance(error, requests.ConnectionError) and bool(error.args) and isinstance(error.args[0], MaxRetryError)
    )
    if before:
        return RetriableError("webhook: no connection; the network or the receiver may be down")
    return SourceError("webhook: no answer; the message may have arrived, so it is not repeated")
