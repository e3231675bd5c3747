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

Show = Callable[..., dict[str, Any]]


class Told:
    """A store of some facts, and its engine."""

    def __init__(self, store: Store, **platform: Any) -> None:
        self.store, self.engine, self._number = store, Engine(store, Platform(**platform)), 0

    def tell(self, *facts: dict[str, Any]) -> None:
        """Each gets an id of its own, unless it has one."""
        for fact in facts:
            self._number += 1
            self.store.upsert([parse({"source": "s", "id": f"{self._number}", **fact})])

    def show(self, kpi: str, now: str, **query: Any) -> dict[str, Any]:
        return self.engine.show(kpi, Query(**query), instant(now))

    def explain(self, kpi: str, now: str, **query: Any) -> dict[str, Any]:
        return self.engine.explain(kpi, Query(**query), instant(now))


@pytest.fixture
def told(tmp_path: Path, template: Path) -> Iterator[Callable[..., Told]]:
    """told(**platform) opens a store that nobody told anything."""
    made: list[Store] = []

    def build(**platform: Any) -> Told:
        path = tmp_path / f"t{len(made)}.db"
        path.write_bytes(template.read_bytes())
        made.append(Store(f"sqlite:///{path}"))
        return Told(made[-1], **platform)

    yield build
    for store in made:
        store.close()
