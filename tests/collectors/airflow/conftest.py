"""Sources on Airflows that answer as the recorded ones did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from collectors import registry
from collectors.base import Source
from tests.collectors.airflow.served import NOW, Replay, replayed


@pytest.fixture
def three() -> Iterator[Replay]:
    yield from replayed(3)


@pytest.fixture
def two() -> Iterator[Replay]:
    yield from replayed(2)


@pytest.fixture
def connect() -> Callable[..., Source]:
    """A source on a recorded Airflow; more settings by name."""

    def build(replay: Replay, **settings: Any) -> Source:
        login = {"username": "viewer", "password": "viewer-password"}
        return registry.build("af", "airflow", {"url": replay.url, **login, **settings}, lambda: NOW)

    return build


@pytest.fixture
def now() -> datetime:
    return NOW
