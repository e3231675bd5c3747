"""Slack on loopback, for what sends to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Slack:
    """Answers POSTs as Slack does. ``answers``: status, body, headers, one a request, the last for all that follow;
    status 0 cuts the connection without an answer."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str, dict[str, str]]] = [(200, "ok", {})]
        self.got: list[tuple[str, dict[str, Any], str]] = []
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = json.loads(body) if body.startswith(b"{") else {}
                slack.got.append((self.path, told, self.headers.get("Authorization") or ""))
                status, text, headers = slack.answers.pop(0) if len(slack.answers) > 1 else slack.answers[0]
                if status:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def slack() -> Iterator[Slack]:
    made = Slack()
    yield made
    made.stop()
