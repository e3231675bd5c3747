"""The invented platform."""

from types import ModuleType

import pytest

from tests.dashboards import fake as invented


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    return invented


@pytest.fixture(scope="session")
def reader(fake):
    return fake.FakeReader()
