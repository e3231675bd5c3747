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
from pydantic import BaseModel, SecretStr

from collectors.http import CursorPages, Http, OffsetPages
from collectors.patience import Garbled, Pace, asked_wait, hurried, throttled
from collectors.secrets import star, star_settings, starred
from slo.errors import PermissionMissing, RetriableError, SourceError
from tests.ports import free_port

Reply = tuple[int, dict[str, str], str]
CUT = "<cut>"
"""Where the connection breaks in the middle of a body."""


@dataclass
class Peer:
    """A server on loopback that gives what a test tells it to, in order; the last one for ever."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    shown: list[str | None] = field(default_factory=list)
    """The Authorization header of every request."""

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def peer() -> Iterator[Peer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            told.shown.append(self.headers.get("Authorization"))
            status, headers, body = told.next()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.replace(CUT, ""))))
            self.end_headers()
            self.wfile.write(body.split(CUT)[0].encode())

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
def slept() -> Iterator[list[float]]:
    """How long the session would have waited; no test waits."""
    waits: list[float] = []
    with hurried(waits.append, (1.0, 0.3)):
        yield waits


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
    port = free_port()
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


def rows(items: list[Any], following: str | None = None) -> Reply:
    """One page under a cursor."""
    return (200, {}, json.dumps({"rows": items, "next_cursor": following}))


def test_a_record_that_moved_to_the_next_page_counts_once(peer: Peer, http: Http, slept: list[float]) -> None:
    peer.replies = [rows([{"id": 1}, {"id": 2}], "b"), rows([{"id": 2}, {"id": 3}])]
    found = list(http.pages("/rows", CursorPages("rows"), key=lambda row: row["id"]))
    assert found == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_a_page_that_comes_twice_is_asked_for_again(peer: Peer, http: Http, slept: list[float]) -> None:
    peer.replies = [rows([1, 2], "b"), rows([1, 2], "b"), rows([3])]
    assert list(http.pages("/rows", CursorPages("rows"))) == [1, 2, 3]
    assert peer.asked[1:] == ["/rows?limit=100&cursor=b"] * 2
    assert slept == [1.0]


def test_a_page_that_keeps_coming_is_an_error(peer: Peer, http: Http, slept: list[float]) -> None:
    peer.replies = [rows([1, 2], "b")]
    with pytest.raises(Garbled, match=r"/rows: the same page came twice"):
        list(http.pages("/rows", CursorPages("rows")))
    assert len(peer.asked) == 4


def test_a_cursor_that_leads_back_is_an_error_and_no_endless_loop(peer: Peer, http: Http) -> None:
    peer.replies = [rows([1], "b"), rows([], "c"), rows([], "b")]
    with pytest.raises(SourceError, match=r"leads back to a page that was read before .*\"b\""):
        list(http.pages("/rows", CursorPages("rows")))
    assert len(peer.asked) == 3


def test_links_that_lead_back_are_an_error(peer: Peer, http: Http) -> None:
    peer.replies = [(200, {"Link": f'<{peer.url}/rows?page=1>; rel="next"'}, "[]")]
    with pytest.raises(SourceError, match="leads back"):
        list(http.linked("/rows"))
    assert peer.asked == ["/rows", "/rows?page=1"]


def test_a_listing_has_an_end(monkeypatch: pytest.MonkeyPatch, peer: Peer, http: Http) -> None:
    monkeypatch.setattr("collectors.pages.MOST_PAGES", 2)
    peer.replies = [rows([], str(number)) for number in range(5)]
    with pytest.raises(SourceError, match="more than 2 pages"):
        list(http.pages("/rows", CursorPages("rows")))
    assert len(peer.asked) == 2


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


BROKEN = [
    pytest.param((200, {}, '{"fine": tr' + CUT + "ue}"), id="cut"),
    pytest.param((200, {}, '{"fine": tr'), id="truncated"),
    pytest.param((200, {"Content-Type": "text/html"}, "<p>Sign in</p>"), id="html"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_answer_is_asked_for_again(peer: Peer, http: Http, slept: list[float], broken: Reply) -> None:
    peer.replies = [broken, broken, OK]
    assert http.get("/x") == {"fine": True}
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize("broken", BROKEN)
def test_an_answer_that_stays_broken_is_an_error(peer: Peer, http: Http, slept: list[float], broken: Reply) -> None:
    peer.replies = [broken]
    with pytest.raises(SourceError, match=r"/x: (expected JSON|the connection broke in the middle of an answer)"):
        http.get("/x")
    assert len(peer.asked) == 3


def test_a_github_limit_is_waited_for_and_is_no_missing_right(peer: Peer, http: Http, slept: list[float]) -> None:
    limit = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000030"}
    peer.replies = [(403, limit, "{}"), (403, {"Retry-After": "9"}, "{}"), OK]
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("collectors.patience.time.time", lambda: 1_800_000_000.0)
        assert http.get("/x") == {"fine": True}
    assert slept == [30.0, 9.0]
    assert len(peer.asked) == 3


def test_a_limit_that_stays_says_so(peer: Peer, http: Http, slept: list[float]) -> None:
    peer.replies = [(403, {"Retry-After": "500"}, '{"message": "secondary rate limit"}')]
    with pytest.raises(RetriableError, match=r"secondary rate limit.*The rate limit is reached") as caught:
        http.get("/x")
    assert not isinstance(caught.value, PermissionMissing)
    assert slept == [120.0, 120.0]


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"ratelimit-reset": "4"}, 4.0),
        (429, {"X-RateLimit-Reset": "2027-01-15T08:00:20Z"}, 20.0),
        (429, {"X-RateLimit-Reset": "1800000012"}, 12.0),
        (429, {"x-ratelimit-reset": "1799999000"}, 0.0),
        (429, {"Retry-After": "3", "ratelimit-reset": "40"}, 3.0),
        (429, {"ratelimit-reset": "4000"}, 120.0),
        (429, {"X-RateLimit-Reset": "tomorrow"}, None),
        (429, {"X-RateLimit-Reset": "2027-01-15T08:00:20"}, None),
        (502, {"x-ratelimit-reset": "1800003000", "x-ratelimit-remaining": "4999"}, None),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": "7"}, 7.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000060"}, 60.0),
    ],
)
def test_every_vendors_header(
    monkeypatch: pytest.MonkeyPatch, status: int, headers: dict[str, str], wait: float | None
) -> None:
    monkeypatch.setattr("collectors.patience.time.time", lambda: 1_800_000_000.0)  # 2027-01-15 08:00 UTC
    assert asked_wait(status, headers) == wait


def test_what_is_a_limit_and_what_a_missing_right() -> None:
    assert throttled(403, {"X-RateLimit-Remaining": "0"})
    assert throttled(403, {"retry-after": "60"})
    assert not throttled(403, {"X-RateLimit-Remaining": "12"})
    assert not throttled(401, {"X-RateLimit-Remaining": "0"})


def test_nothing_is_asked_while_nothing_is_left(peer: Peer, http: Http, slept: list[float]) -> None:
    peer.replies = [(200, {"ratelimit-remaining": "0", "ratelimit-reset": "7"}, "{}"), OK]
    http.get("/x")
    assert slept == []
    http.get("/x")
    assert len(slept) == 1
    assert 6.5 < slept[0] <= 7.0


@pytest.mark.parametrize(
    ("rate", "starts"),
    [
        (2.0, [0, 0, 1, 1, 2]),  # two in any second
        (0.5, [0, 2, 4, 6, 8]),  # one in any two seconds
        (2.5, [0, 0, 1, 1, 2]),  # what is over a whole number is not used
        (None, [0, 0, 0, 0, 0]),
    ],
)
def test_a_budget_of_requests(monkeypatch: pytest.MonkeyPatch, rate: float | None, starts: list[float]) -> None:
    clock = 100.0

    def sleep(seconds: float) -> None:
        nonlocal clock
        clock += seconds

    monkeypatch.setattr("collectors.patience.time.monotonic", lambda: clock)
    pace, sent = Pace(rate), []
    with hurried(sleep):
        for _ in starts:
            pace.wait()
            sent.append(clock - 100.0)
    assert sent == starts


def test_an_expired_token_is_renewed_once_a_request(peer: Peer, slept: list[float]) -> None:
    made = iter(["fresh-token-one", "fresh-token-two"])
    session = Http(
        peer.url, headers={"Authorization": "Bearer old"}, renew=lambda: {"Authorization": f"Bearer {next(made)}"}
    )
    peer.replies = [(401, {}, "expired"), OK, OK, (401, {}, "fresh-token-two is no good")]
    assert session.get("/a") == session.get("/b") == {"fine": True}
    with pytest.raises(PermissionMissing, match=r"HTTP 401, \*\*\* is no good"):
        session.get("/c")
    session.session.close()
    assert peer.shown == ["Bearer old", *["Bearer fresh-token-one"] * 3, "Bearer fresh-token-two"]


def test_which_refusals_mean_an_expired_token_is_the_sources_word(peer: Peer, slept: list[float]) -> None:
    session = Http(peer.url, renew=lambda: {"Authorization": "Bearer new-one"}, renew_on=(401, 403))
    peer.replies = [(403, {}, "expired"), OK]
    assert session.get("/a") == {"fine": True}
    session.session.close()


def test_silence_is_a_timeout(peer: Peer, slept: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        session = Http(f"http://127.0.0.1:{mute.getsockname()[1]}", retries=1)
        with pytest.raises(RetriableError, match="Read timed out"):
            session.get("/x")
        session.session.close()


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


class _Inner(BaseModel):
    key: SecretStr


class _Outer(BaseModel):
    inner: _Inner
    named: dict[str, SecretStr]
    several: list[_Inner]


def test_secrets_are_found_however_deep_settings_hold_them() -> None:
    told = {"inner": {"key": "deep-one"}, "named": {"key": "deep-two"}, "several": [{"key": "deep-three"}]}
    star_settings(_Outer.model_validate(told))
    assert starred("deep-one, deep-two, deep-three") == "***, ***, ***"
