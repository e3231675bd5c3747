"""A small server on loopback that answers as a case says, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from collectors.contract.case import Answer, Case


@dataclass(frozen=True)
class Asked:
    """One request as it came. ``body`` is decoded: JSON, or a form's fields."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]

    def __str__(self) -> str:
        shown = "&".join(f"{name}={value}" for name, values in self.query.items() for value in values)
        return (
            f"{self.method} {self.path}{'?' + shown if shown else ''}{f' {json.dumps(self.body)}' if self.body else ''}"
        )


@dataclass(frozen=True)
class Reply:
    """What goes back. ``manner``: whole, cut (half of the body, then the connection breaks), silent (nothing comes)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    manner: str = "whole"


Disturb = Callable[[int, Asked, Reply], Reply]
"""Changes the nth reply (counted from 1)."""


def undisturbed(number: int, asked: Asked, reply: Reply) -> Reply:
    """Every reply as it is."""
    return reply


class Standin:
    """Answers a case's requests; ``asked`` and ``replies`` keep the exchange, ``unmatched`` what no answer fits."""

    def __init__(self, case: Case, disturb: Disturb = undisturbed) -> None:
        self.case, self.disturb = case, disturb
        self.asked: list[Asked] = []
        self.replies: list[Reply] = []
        self.unmatched: list[Asked] = []
        self._over = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Standin:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, asked: Asked) -> Reply:
        """What goes back to one request."""
        with self._lock:
            reply = self._told(asked)
            self.asked.append(asked)
            self.replies.append(reply)
            return self.disturb(len(self.asked), asked, reply)

    def _told(self, asked: Asked) -> Reply:
        answer = next((one for one in self.case.told.answers if fits(one, asked)), None)
        if answer is None:
            self.unmatched.append(asked)
            return Reply(404, {"Content-Type": "application/json"}, b'{"error": "no answer of the case fits this"}')
        demanded = self.case.told.demands
        if demanded and not answer.open and demanded not in asked.headers:
            return Reply(401, {"Content-Type": "application/json"}, b'{"error": "no credential"}')
        body = self.case.body(answer, self.url)
        kind = "text/plain" if isinstance(answer.reply, str) else "application/json"
        headers: dict[str, str] = {"Content-Type": kind, **self.case.filled(answer.headers, self.url)}
        return Reply(answer.status, headers, body.encode())

    def silent(self) -> None:
        """Says nothing until the client has long gone."""
        self._over.wait(10)


def fits(answer: Answer, asked: Asked) -> bool:
    """Whether an answer is one to this request."""
    if answer.method != asked.method or answer.path != asked.path:
        return False
    wanted = {name: value if isinstance(value, list) else [value] for name, value in answer.query.items()}
    return all(asked.query.get(name) == values for name, values in wanted.items()) and within(answer.body, asked.body)


def within(wanted: Any, told: Any) -> bool:
    """Whether an object holds all that is wanted of it, however deep; anything else must be equal."""
    if isinstance(wanted, Mapping):
        if not wanted:
            return True
        return isinstance(told, Mapping) and all(name in told and within(wanted[name], told[name]) for name in wanted)
    return bool(wanted == told)


def answer_for(case: Case, asked: Asked) -> Answer | None:
    """The answer of the case that fits."""
    return next((one for one in case.told.answers if fits(one, asked)), None)


def changed(reply: Reply, body: Any) -> Reply:
    """The reply with another JSON body."""
    return replace(reply, body=json.dumps(body).encode())


def _handler(standin: Standin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            reply = standin.reply(self._asked())
            if reply.manner == "silent":
                standin.silent()
                return
            self.send_response_only(reply.status)
            for name, value in {"Date": formatdate(usegmt=True), **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.manner == "cut" else reply.body)

        def _asked(self) -> Asked:
            parts = urlsplit(self.path)
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            query = parse_qs(parts.query, keep_blank_values=True)
            return Asked(str(self.command), unquote(parts.path), query, _decoded(text), dict(self.headers.items()))

        def log_message(self, *_: Any) -> None:
            """Silent."""

    return Handler


def _decoded(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
