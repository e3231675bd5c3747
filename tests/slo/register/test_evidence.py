"""A register says nothing of a time before anybody told what it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.interchange import instant, parse
from slo.platform import Platform, SourceInfo
from slo.store import Store

NOW = instant("2026-11-20T12:00:00Z")
WAREHOUSE = SourceInfo("dwh", {"asset": ("kind", "tier")})
CATALOGUE = SourceInfo("cat", {"asset": ("owner", "description")})
TOLD = [
    {"fact": "asset", "source": "dwh", "id": "1", "asset": "d/a", "kind": "dataset",
     "valid_from": "2026-11-01T00:00:00Z"},
    {"fact": "asset", "source": "dwh", "id": "2", "asset": "d/a", "kind": "dataset", "tier": 1,
     "valid_from": "2026-11-12T00:00:00Z"},
    {"fact": "asset", "source": "cat", "id": "3", "asset": "d/a", "owner": "team-a", "description": "Orders",
     "valid_from": "2026-11-10T00:00:00Z"},
]  # fmt: skip


def _shown(folder: Path, sources: tuple[SourceInfo, ...], window: str, *facts: dict[str, Any]) -> dict[str, Any]:
    with Store(f"sqlite:///{folder / 't.db'}") as store:
        store.migrate()
        store.upsert(parse(one) for one in facts)
        return Engine(store, Platform(sources=sources)).show("ownership_coverage", Query(window=window), NOW)


@pytest.mark.parametrize(
    ("window", "value", "unknown"),
    [("2026-11-05", None, 1), ("2026-11-09", 1.0, 0), ("2026-11-08", None, 1), ("2026-11-11", 1.0, 0)],
)
def test_before_the_catalogue_was_read_nothing_is_known(
    tmp_path: Path, window: str, value: float | None, unknown: int
) -> None:
    """It is read from the midnight that ends the 9th on; the tier that came on the 12th was always known."""
    shown = _shown(tmp_path, (WAREHOUSE, CATALOGUE), window, *TOLD)
    assert (shown["value"], shown["unknown"], shown["bad"]) == (value, unknown, 0)


def test_imports_are_taken_at_their_word(tmp_path: Path) -> None:
    """Nothing is read here: a dataset without an owner had none."""
    shown = _shown(tmp_path, (), "2026-11-05", *TOLD)
    assert (shown["value"], shown["bad"]) == (0.0, 1)
