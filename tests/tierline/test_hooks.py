"""Webhooks: routed to their source, asked for their credential, bounded, stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from collectors.base import Period, Raw, Source, SourceSettings
from collectors.runner import Runner
from slo.store import Store
from tierline.serving.hooks import Hooks

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Routes = Mapping[str, Callable[[bytes, Mapping[str, str]], list[dict[str, Any]]]]


class Bell(Source):
    """Tells an alert for every ring; the guarded door wants a word."""

    plugin, title, family = "bell", "Bell", "alerting"
    tells = {"alert": ("fired_at",)}
    has_history = False

    def fetch(self, period: Period) -> Iterator[Raw]:
        return iter(())

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        return iter(())

    def routes(self) -> Routes:
        return {"open": self._ring, "guarded": self._guarded}

    def _ring(self, body: bytes, headers: Mapping[str, str]) -> list[dict[str, Any]]:
        told = json.loads(body)
        return [{"fact": "alert", "id": str(one), "fired_at": NOW.isoformat()} for one in told["rings"]]

    def _guarded(self, body: bytes, headers: Mapping[str, str]) -> list[dict[str, Any]]:
        if headers.get("Authorization") != "Bearer open sesame":
            raise PermissionError("the word is missing")
        return self._ring(body, headers)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/x.db") as opened:
        opened.migrate()
        yield opened


@pytest.fixture
def hooks(store: Store) -> Hooks:
    bell = Bell("bell", SourceSettings(), lambda: NOW)
    return Hooks(Runner(store, [bell], lambda: NOW), [bell], 1_000)


def test_a_delivery_is_stored_once(hooks: Hooks, store: Store) -> None:
    client = Client(hooks)
    first = client.post("/hooks/bell/open", data=b'{"rings": [1, 2]}')
    assert (first.status_code, first.json) == (200, {"stored": 2, "unchanged": 0, "set_aside": 0})
    again = client.post("/hooks/bell/open", data=b'{"rings": [2, 3]}')
    assert again.json == {"stored": 1, "unchanged": 1, "set_aside": 0}
    assert [fact.id for fact in store.read("alert", order_by="id")] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/hooks/bell/none", b"{}", 404),
        ("POST", "/hooks/nobody/open", b"{}", 404),
        ("POST", "/hooks", b"{}", 404),
        ("GET", "/hooks/bell/open", b"", 405),
        ("POST", "/hooks/bell/open", b"not json", 400),
        ("POST", "/hooks/bell/open", b'{"rings": [' + b" " * 1_000 + b"]}", 413),
        ("POST", "/hooks/bell/guarded", b'{"rings": [1]}', 401),
    ],
)
def test_what_is_refused(hooks: Hooks, store: Store, method: str, path: str, body: bytes, status: int) -> None:
    assert Client(hooks).open(path, method=method, data=body).status_code == status
    assert store.read("alert") == []


def test_the_credential_reaches_the_route(hooks: Hooks) -> None:
    answer = Client(hooks).post(
        "/hooks/bell/guarded", data=b'{"rings": [1]}', headers={"Authorization": "Bearer open sesame"}
    )
    assert answer.status_code == 200


def test_routes_that_ask_for_a_credential_are_known(hooks: Hooks) -> None:
    assert hooks.guarded == {"/hooks/bell/guarded"}
