"""Who may read the page. With tokens or a trusted proxy everybody is asked who they are; without, the page answers only
to this machine's own names, so that a web site opened in the same browser cannot reach it by a rebound name."""

from __future__ import annotations

import base64
import hmac
import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from tierline.settings import TrustedProxy, Web

Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]

_HEADERS = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer")]
_OWN_NAMES = {"localhost", "127.0.0.1", "::1"}


def plain(start: Start, status: str, text: str, headers: list[tuple[str, str]] | None = None) -> list[bytes]:
    """A short answer in words."""
    body = (text + "\n").encode()
    kind = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start(status, [*kind, *_HEADERS, *(headers or [])])
    return [body]


class Guard:
    """Stands before the page. ``open_paths`` says which paths look after themselves."""

    def __init__(self, app: App, web: Web, open_paths: Callable[[str], bool] = lambda path: False) -> None:
        self.app = app
        self.web = web
        self.open_paths = open_paths
        self.tokens = [token.get_secret_value().encode() for token in web.tokens]

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not self.web.authenticated:
            if not self._own_name(environ.get("HTTP_HOST", "")):
                return plain(start, "403 Forbidden", "This page is called by another name here; list it in web.hosts.")
        elif not (self.open_paths(environ.get("PATH_INFO", "")) or self.admits(environ)):
            ask = [("WWW-Authenticate", 'Basic realm="Tierline: any name, and a token as the password"')]
            return plain(start, "401 Unauthorized", "A token is needed, or the way through the proxy.", ask)

        def headed(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            return start(status, [*headers, *(pair for pair in _HEADERS if pair[0].lower() not in said)], *rest)

        return self.app(environ, headed)

    def admits(self, environ: Environ) -> bool:
        """Whether the request carries a token, or comes through the trusted proxy."""
        given = _credential(environ.get("HTTP_AUTHORIZATION", ""))
        matches = [hmac.compare_digest(given, token) for token in self.tokens]
        return any(matches) or (self.web.trusted_proxy is not None and _through(self.web.trusted_proxy, environ))

    def _own_name(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") and host.count(":") != 0 else host
        return name.strip("[]").lower() in _OWN_NAMES | {one.lower() for one in self.web.hosts}


def _credential(header: str) -> bytes:
    """The token of a Bearer header, or the password of a Basic one."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except ValueError:
        return b""


def _through(proxy: TrustedProxy, environ: Environ) -> bool:
    user = environ.get("HTTP_" + proxy.header.upper().replace("-", "_"), "")
    try:
        address = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return bool(user) and any(address in ipaddress.ip_network(network) for network in proxy.networks)
