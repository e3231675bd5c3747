"""A platform told fact by fact, and looked at between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.interchange import instant, parse
from slo.platform import Platform
from slo.store import Store


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Callable[..., Callable[..., dict[str, Any]]]]:
    """tell(*facts) stores them; tell.show(kpi, now, **query) looks."""
    store = Store(f"sqlite:///{tmp_path / 't.db'}")
    store.migrate()
    engine = Engine(store, Platform())

    def told(*facts: dict[str, Any]) -> None:
        store.upsert(parse({"source": "s", **fact}) for fact in facts)

    def show(kpi: str, now: str, **query: Any) -> dict[str, Any]:
        return engine.show(kpi, Query(**query), instant(now))

    told.show = show  # type: ignore[attr-defined]
    yield told  # type: ignore[misc]
    store.close()
