"""Who may read the page: tokens, a trusted proxy, and this machine's own names."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client

from tierline.serving.guard import Guard
from tierline.settings import Web


def page(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Referrer-Policy", "same-origin")])
    return [b"the page"]


def client(**web: Any) -> Client:
    return Client(Guard(page, Web(**web), lambda path: path == "/hooks/alerts/alerts"))


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


TOKEN = {"host": "0.0.0.0", "tokens": ("hunter2hunter2", "other")}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer hunter2hunter2"}, 200),
        ({"Authorization": "bearer other"}, 200),
        ({"Authorization": "Bearer hunter2"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": basic("hunter2hunter2")}, 200),
        ({"Authorization": basic("wrong")}, 401),
        ({"Authorization": "Basic %%%"}, 401),
        ({"X-Forwarded-User": "jane"}, 401),
    ],
)
def test_tokens(header: dict[str, str], status: int) -> None:
    answer = client(**TOKEN).get("/", headers=header)
    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("address", "user", "status"),
    [("10.1.2.3", "jane", 200), ("10.1.2.3", None, 401), ("192.168.0.9", "jane", 401), ("", "jane", 401)],
)
def test_a_trusted_proxy(address: str, user: str | None, status: int) -> None:
    web = {"host": "0.0.0.0", "trusted_proxy": {"networks": ("10.0.0.0/8",), "header": "X-Auth-User"}}
    headers = {"X-Auth-User": user} if user else {}
    answer = client(**web).get("/", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_a_webhook_that_looks_after_itself_is_let_through() -> None:
    assert client(**TOKEN).post("/hooks/alerts/alerts").status_code == 200
    assert client(**TOKEN).post("/hooks/alerts/alerts/").status_code == 401
    assert client(**TOKEN).post("/hooks/other/alerts").status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8050", 200), ("localhost", 200), ("LOCALHOST:8050", 200), ("[::1]:8050", 200), ("[::1]", 200),
        ("evil.example:8050", 403), ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("tierline.lan:1", 200),
    ],
)  # fmt: skip
def test_without_authentication_only_our_own_names_answer(host: str, status: int) -> None:
    """A web site that rebinds its name to 127.0.0.1 still sends its own name."""
    assert client(hosts=("tierline.lan",)).get("/", headers={"Host": host}).status_code == status


def test_headers_are_added_where_the_page_says_nothing() -> None:
    headers = client().get("/", headers={"Host": "localhost"}).headers
    assert headers.getlist("Referrer-Policy") == ["same-origin"]
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
