"""The two listeners: the web (page, API, webhooks) and ops (/metrics, /healthz, /readyz), each on its own address."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from waitress.server import create_server

from slo.errors import ConfigError
from tierline.serving.guard import App, Environ, Start

CLOSING = 3.0
"""Seconds given to a listener to close."""


class Listener:
    """A WSGI application on waitress, in a thread of its own."""

    def __init__(self, name: str, app: App, host: str, port: int, threads: int, most: int = 1_000_000) -> None:
        try:
            self._server: Any = create_server(
                app,
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
        self._thread = threading.Thread(target=self._server.run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Takes no more requests, and lets those in flight end."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=CLOSING)
        self._server.close()


def mounted(page: App, below: Mapping[str, App]) -> App:
    """The page, and other applications for what stands below ``/name``."""

    def route(environ: Environ, start: Start) -> Iterable[bytes]:
        first = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        app = below.get(first)
        return (app or page)(environ, start)

    return route
