"""Recorded answers in the place of the network, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from collectors import secrets

GOLDEN = Path(__file__).parents[1] / "golden"


@dataclass
class Recorded(BaseAdapter):
    """The transport of every requests session: an answer by path, and what was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    """Path -> JSON, (status, JSON or text), or a function of the query giving one of these."""
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    """(path, query, headers) of every request, in order."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        query = dict(parse_qsl(parts.query))
        self.asked.append((parts.path, query, dict(request.headers)))
        if parts.path not in self.answers:
            raise AssertionError(f"{parts.path} was asked, and no answer is recorded for it")
        found = self.answers[parts.path]
        found = found(query) if callable(found) else found
        status, content = found if isinstance(found, tuple) else (200, found)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = status, str(request.url), request
        answer._content = (content if isinstance(content, str) else json.dumps(content)).encode()
        answer.headers["Content-Type"] = "text/html" if isinstance(content, str) else "application/json"
        return answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def _own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test called a secret may be a plain word of this one."""
    monkeypatch.setattr(secrets, "_secrets", set())


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """No request of this test reaches a network; it gets what the test puts into ``recorded.answers``."""
    transport = Recorded()
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: transport)
    return transport


@pytest.fixture
def golden() -> Callable[[str], Any]:
    """A recorded JSON answer by its path below tests/golden."""
    return lambda path: json.loads((GOLDEN / path).read_text(encoding="utf-8"))
