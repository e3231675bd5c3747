"""The product's side of the comparison: a store of its own, asked as the command line asks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from slo.engine import Engine, Query
from slo.interchange import parse
from slo.platform import Platform
from slo.store import Store
from slo.targets import Targets, load_targets

RATES = {"EUR": {date(2026, 3, 1): 1.1, date(2026, 3, 25): 1.25}}


@cache
def _template() -> Path:
    """A store migrated once; each example starts from a copy."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@cache
def _targets() -> Targets:
    return load_targets()


@contextmanager
def engine(timezone: str, kpis: Iterable[str] = ()) -> Iterator[Engine]:
    """An engine over an empty store; with ``kpis`` only these are kept up to date."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.db"
        shutil.copy(_template(), path)
        store = Store(f"sqlite:///{path}")
        try:
            made = Engine(store, Platform(timezone=ZoneInfo(timezone), rates=RATES), _targets())
            wanted = [made.shelf[kpi] for kpi in kpis] or list(made.shelf.values())
            made._refresher.kpis = wanted
            yield made
        finally:
            store.close()


def tell(made: Engine, facts: Iterable[dict[str, Any]]) -> None:
    """Facts one by one, in order of arrival, as separate tellings."""
    made.store.upsert(parse(fact) for fact in facts)


def show(made: Engine, kpis: Iterable[str], query: Query, now: datetime) -> dict[str, dict[str, Any]]:
    """Results by KPI."""
    names = list(kpis)
    return dict(zip(names, made.show_all(names, query, now), strict=True))
