from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tierline.demo.world import World

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def year() -> World:
    """The whole platform; its days are worked out as they are asked for."""
    return World(NOW)


@pytest.fixture(scope="session")
def small() -> World:
    """Twelve pipelines for 35 days, with the DST change of 25 October 2026 in them."""
    return World(NOW, pipelines=12, datasets=30, days=35)
