"""A store whose clock the test sets."""

from collections.abc import Iterator
from typing import Any

import pytest

from slo.store import Store
from tests.slo.ledger.worked import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(place: Any, clock: Clock) -> Iterator[Store]:
    with Store(place.fresh(), clock=clock) as store:
        yield store
