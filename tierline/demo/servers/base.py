"""A small threaded HTTP server on loopback: a router of plain functions, answers in one write, keep-alive."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """What came in. ``query`` keeps every value of a repeated parameter."""

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    found: tuple[str, ...] = ()
    """What the route's groups matched, unquoted."""

    def one(self, name: str, default: str | None = None) -> str | None:
        return self.query.get(name, [default])[-1]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """An answer that is an error: its status and its body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.answer = Answer(status, json.dumps(body).encode())


Route = Callable[[Request], Any]


class Site:
    """What a server answers: (method, path pattern) -> function. It returns an Answer, bytes of JSON, or an object."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Route]] = []

    def on(self, method: str, pattern: str, route: Route) -> None:
        self._routes.append((method, re.compile(pattern + r"/?"), route))

    def before(self, request: Request) -> None:
        """Looks at every request first. Raises Refused."""

    def answer(self, method: str, request: Request) -> Answer:
        """The answer to one request; 404 in FastAPI's words where nothing fits."""
        for known, pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and known == method:
                groups = tuple(unquote(group) for group in match.groups())
                whole = Request(request.path, request.query, request.headers, request.body, groups)
                try:
                    self.before(whole)
                    return _answer(route(whole))
                except Refused as refused:
                    return refused.answer
        return Answer(404, b'{"detail":"Not Found"}')


def _answer(result: Any) -> Answer:
    if isinstance(result, Answer):
        return result
    return Answer(200, result if isinstance(result, bytes) else json.dumps(result).encode())


class Server:
    """A site on a loopback port. ``port`` 0: any free one; then ``url`` tells it."""

    def __init__(self, site: Site, port: int = 0) -> None:
        self._http = _Threads(("127.0.0.1", port), _handler(site))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def stop(self) -> None:
        """Takes no more requests, and frees the port."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 65536
        """Head and body leave together."""

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else b""
            url = urlsplit(self.path)
            query = parse_qs(url.query, keep_blank_values=True)
            answer = site.answer(self.command, Request(url.path, query, dict(self.headers), body))
            self.send_response_only(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()

        do_GET = _serve
        do_POST = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """The demo's console belongs to the demo."""

    return Handler
