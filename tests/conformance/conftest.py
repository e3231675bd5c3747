"""What both kinds of hand-worked cases share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slo.store import Store


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL a KPI's first case is enough: what differs there is the store, not the arithmetic."""
    if "TIERLINE_TEST_POSTGRES" not in os.environ:
        return
    first: dict[str, Path] = {}
    kept, left = [], []
    for item in items:
        case = getattr(item, "callspec", None) and item.callspec.params.get("case")  # type: ignore[attr-defined]
        whole = item.name.startswith("test_case[") and isinstance(case, Path)
        (left if whole and first.setdefault(case.parent.name, case) != case else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store migrated once; each case starts from a copy."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path
