"""A platform with a few KPIs alone, told fact by fact and looked at between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.interchange import instant
from slo.platform import Platform
from slo.shelf import get_kpi
from slo.store import Store
from slo.targets import load_targets

TARGETS = load_targets()


class Watched:
    """``tell`` stores facts, ``show`` looks at a moment such as "2026-10-05 12:00"."""

    def __init__(self, store: Store) -> None:
        self.store, self.engine = store, Engine(store, Platform(step=timedelta(seconds=1)), TARGETS)

    def tell(self, *facts: Any) -> None:
        self.store.upsert(facts)

    def show(self, kpi: str, now: str, **query: Any) -> dict[str, Any]:
        return self.engine.show(kpi, Query(**query), instant(f"{now.replace(' ', 'T')}:00Z"))

    def explain(self, kpi: str, now: str, **query: Any) -> dict[str, Any]:
        return self.engine.explain(kpi, Query(**query), instant(f"{now.replace(' ', 'T')}:00Z"))


@pytest.fixture
def watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watched]]:
    """watched("kpi", ..) is a platform that works out these KPIs and no others."""

    def made(*kpis: str) -> Watched:
        monkeypatch.setattr("slo.engine.shelf", lambda: {name: get_kpi(name) for name in kpis})
        return Watched(store)

    yield made
