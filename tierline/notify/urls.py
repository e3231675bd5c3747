"""The URLs that messages go to. They are secrets: none is quoted."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

from slo.errors import RetriableError
from tierline.notify.faults import Refused

LONG = 8
"""Shorter parts of a URL would star half of every text, and keep no secret."""
TIMEOUT = 5
"""Seconds to connect."""


def reached(who: str, url: str, remedy: str, command: str) -> str:
    """That the URL's host takes connections. Raises RetriableError or Refused. ``command``: what sends a line."""
    host, port = _place(url)
    if not host:
        raise Refused(f"{who}: its URL cannot be used; {remedy}")
    if get_environ_proxies(url):
        return "the webhook is configured, behind a proxy; nothing was sent"
    try:
        socket.create_connection((host, port), TIMEOUT).close()
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        raise RetriableError(f"{who}: no connection ({said}); the network or the receiver may be down") from None
    return f"its host takes connections; nothing was sent (`{command}` sends one line)"


def _place(url: str) -> tuple[str, int]:
    """Host and port; ("", 0) where it is no URL of the web."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https"):
            return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        pass
    return "", 0
