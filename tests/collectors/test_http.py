"""The one session: what is retried and for how long it waits, what errors say, and that no secret leaves."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from collectors.http import CursorPages, Http, OffsetPages
from collectors.secrets import star, starred
from slo.errors import PermissionMissing, RetriableError, SourceError

Reply = tuple[int, dict[str, str], str]


@dataclass
class Peer:
    """A server on loopback that gives what a test tells it to, in order; the last one for ever."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def peer() -> Iterator[Peer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            status, headers, body = told.next()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Peer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the session would have waited; no test waits."""
    waits: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waits.append)
    return waits


@pytest.fixture
def http(peer: Peer) -> Iterator[Http]:
    session = Http(peer.url, secrets=("a-very-secret-token",))
    yield session
    session.session.close()


OK: Reply = (200, {}, '{"fine": true}')


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_asked_again(peer: Peer, http: Http, slept: list[float], status: int) -> None:
    peer.replies = [(status, {}, "{}"), OK]
    assert http.get("/x") == {"fine": True}
    assert peer.asked == ["/x", "/x"]


@pytest.mark.parametrize(("header", "waited"), [("7", 7.0), ("99999", 120.0), ("soon", None), ("0", None)])
def test_retry_after_in_seconds_is_honoured_up_to_a_bound(
    peer: Peer, http: Http, slept: list[float], header: str, waited: float | None
) -> None:
    peer.replies = [(429, {"Retry-After": header}, "{}"), OK]
    http.get("/x")
    assert slept == ([waited] if waited else [])


def test_retry_after_may_be_a_date(peer: Peer, http: Http, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.util.retry.time.time", lambda: 1_800_000_000.0)
    peer.replies = [(503, {"Retry-After": formatdate(1_800_000_030, usegmt=True)}, "{}"), OK]
    http.get("/x")
    assert slept == [30.0]


def test_waits_grow_stay_capped_and_come_to_an_end(peer: Peer, http: Http, slept: list[float]) -> None:
    peer.replies = [(503, {}, "out of order")]
    with pytest.raises(RetriableError, match=r"HTTP 503, out of order\. It kept failing"):
        http.get("/x")
    assert len(peer.asked) == 6
    assert len(slept) == 4
    for wait, least in zip(slept, [1.0, 2.0, 4.0, 8.0], strict=True):
        assert least <= wait <= least + 0.5


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_right_names_the_remedy_and_is_not_asked_again(peer: Peer, slept: list[float], status: int) -> None:
    session = Http(peer.url, remedy="Grant role Viewer.")
    peer.replies = [(status, {}, '{"detail": "Forbidden"}')]
    with pytest.raises(PermissionMissing) as caught:
        session.get("/dags")
    session.session.close()
    assert str(caught.value) == f'{peer.url}/dags: HTTP {status}, {{"detail": "Forbidden"}}. Grant role Viewer.'
    assert len(peer.asked) == 1


def test_any_other_refusal_is_final(peer: Peer, http: Http, slept: list[float]) -> None:
    peer.replies = [(404, {}, "nothing here")]
    with pytest.raises(SourceError, match="HTTP 404, nothing here") as caught:
        http.get("/x")
    assert not isinstance(caught.value, RetriableError)
    assert len(peer.asked) == 1


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("text/html; charset=utf-8", "<html>\n<title>Sign in</title>", "got text/html: <html> <title>Sign in</title>"),
        ("application/json", '{"dags": [{"dag_id"', 'got application/json: {"dags": [{"dag_id" Was it cut off?'),
        ("application/json", "", "an empty body"),
    ],
)
def test_what_is_not_json_is_shown(peer: Peer, http: Http, slept: list[float], kind: str, body: str, says: str) -> None:
    peer.replies = [(200, {"Content-Type": kind}, body)]
    with pytest.raises(SourceError) as caught:
        http.get("/x?token=abcdefgh")
    assert says in str(caught.value)
    assert f"{peer.url}/x?token=***" in str(caught.value)


def test_a_closed_port_is_said_plainly(slept: list[float]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    session = Http(f"http://127.0.0.1:{port}")
    with pytest.raises(RetriableError) as caught:
        session.get("/x")
    session.session.close()
    assert str(caught.value) == (
        f"http://127.0.0.1:{port}/x: no connection ([Errno 111] Connection refused). "
        "Check the host, the port and the network."
    )
    assert len(slept) == 2


def test_a_plain_server_behind_https_is_no_certificate_anyone_trusts(peer: Peer, slept: list[float]) -> None:
    session = Http(peer.url.replace("http:", "https:"))
    with pytest.raises(SourceError, match="certificate is not trusted"):
        session.get("/x")
    session.session.close()
    assert slept == []


def test_offset_pages_end_by_the_total_not_by_a_short_page(peer: Peer, http: Http) -> None:
    page: Callable[[list[int]], Reply] = lambda items: (200, {}, json.dumps({"rows": items, "total_entries": 5}))  # noqa: E731
    peer.replies = [page([1, 2]), page([3, 4]), page([5])]
    assert list(http.pages("/rows", OffsetPages("rows", limit=1000), {"a": "b"})) == [1, 2, 3, 4, 5]
    assert peer.asked == [f"/rows?a=b&limit=1000&offset={offset}" for offset in (0, 2, 4)]


def test_cursor_pages_end_by_a_null_cursor(peer: Peer, http: Http) -> None:
    peer.replies = [(200, {}, '{"rows": [1], "next_cursor": "n2"}'), (200, {}, '{"rows": [], "next_cursor": null}')]
    assert list(http.pages("/rows", CursorPages("rows"))) == [1]
    assert peer.asked == ["/rows?limit=100&cursor=", "/rows?limit=100&cursor=n2"]


def test_linked_pages_follow_the_header(peer: Peer, http: Http) -> None:
    peer.replies = [(200, {"Link": f'<{peer.url}/rows?page=2>; rel="next"'}, "[1, 2]"), (200, {}, "[3]")]
    assert list(http.linked("/rows", {"per_page": 2})) == [1, 2, 3]
    assert peer.asked == ["/rows?per_page=2", "/rows?page=2"]


def test_no_secret_reaches_a_log_line_or_an_error(
    peer: Peer, http: Http, slept: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    peer.replies = [(404, {}, "no a-very-secret-token here")]
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as caught:
        http.get("/x", {"q": "a-very-secret-token", "api_key": "0123"})
    assert "q=***&api_key=***" in caplog.text
    assert "a-very-secret-token" not in caplog.text + str(caught.value)
    assert "no *** here" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://ada:pw@host/x", "https://***@host/x"),
        ("GET /x?a=1&access_token=zz&b=2", "GET /x?a=1&access_token=***&b=2"),
        ("Authorization: Bearer abcdefghij.k", "Authorization: Bearer ***"),
        ("p%40ss%2Fword and p@ss/word", "*** and ***"),
        ("a basic matter", "a basic matter"),
    ],
)
def test_starred(text: str, clean: str) -> None:
    star("p@ss/word", "", None)
    assert starred(text) == clean
