"""A store whose clock the test sets."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slo.store import Store

sys.path.insert(0, str(Path(__file__).parent))
from worked import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(place: Any, clock: Clock) -> Iterator[Store]:
    with Store(place.fresh(), clock=clock) as store:
        yield store
