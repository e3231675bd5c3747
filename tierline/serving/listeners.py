"""The two listeners: the web (page, API, webhooks) and ops (/metrics, /healthz, /readyz), each on its own address."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from slo.errors import ConfigError
from tierline.serving.guard import App, Environ, Start

CLOSING = 3.0
"""Seconds given to a listener to close."""
LOOKING = 0.2
"""Seconds without a request after which a listener looks whether it is to close."""


class Listener:
    """A WSGI application on waitress, in a thread of its own."""

    def __init__(self, name: str, app: App, host: str, port: int, threads: int, most: int = 1_000_000) -> None:
        self._sockets: dict[int, Any] = {}
        self._closing = threading.Event()
        try:
            self._server: Any = create_server(
                app,
                map=self._sockets,
                host=host,
                port=port,
                threads=threads,
                max_request_body_size=most,
                ident=None,
                clear_untrusted_proxy_headers=True,
            )
        except OSError as error:
            raise ConfigError(
                f"{name}: cannot listen on {host}:{port}: {error.strerror}; choose another port "
                f"({name}.port in the settings, or TIERLINE_PORT), or end what listens there"
            ) from None
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{port}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Takes no more requests, and lets those in flight end."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=CLOSING)
        self._closing.set()
        if self._thread.ident is None:
            wasyncore.close_all(self._sockets)
        else:
            self._thread.join(CLOSING)

    def _run(self) -> None:
        """Waits for requests. The thread that waits for sockets closes them: another would pull them from under it."""
        while not self._closing.is_set():
            wasyncore.loop(LOOKING, map=self._sockets, count=1)
        wasyncore.close_all(self._sockets)


def mounted(page: App, below: Mapping[str, App]) -> App:
    """The page, and other applications for what stands below ``/name``."""

    def route(environ: Environ, start: Start) -> Iterable[bytes]:
        first = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        app = below.get(first)
        return (app or page)(environ, start)

    return route
