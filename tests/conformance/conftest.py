"""What both kinds of hand-worked cases share."""

from __future__ import annotations

from pathlib import Path

import pytest

from slo.store import Store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store migrated once; each case starts from a copy."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path
