"""A dataset that nobody says the tier, team, domain or owner of takes them from its relatives (slo/lineage/kin.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from slo.assets import BEGINNING, AssetHistory
from slo.derive import Derivation
from slo.facts import INFERRED, Fact
from slo.lineage.kin import INHERITED, Kin, own_tellings
from slo.view import View


class Inherit(Derivation):
    name = "inherit"
    reads = ("asset", "edge", "alias")
    tells = ("asset",)

    def facts(self, view: View, standing: Mapping[str, Fact]) -> Iterator[dict[str, Any]]:
        """One version of each dataset from the moment on at which what it inherits changes."""
        kin = Kin(view)
        for asset in kin.datasets:
            yield from _versions(asset, kin, view)


def _versions(asset: str, kin: Kin, view: View) -> Iterator[dict[str, Any]]:
    history = view.history(asset)
    wanted = [field for field in INHERITED if not own_tellings(history, field)]
    told: dict[str, Any] = {}
    for start in _starts(asset, kin, view) if wanted else ():
        found = {field: one.value for field in wanted if (one := kin.inherited(asset, field, start)) is not None}
        if found != told:
            told = found
            always = start == BEGINNING
            yield {
                "fact": "asset", "id": asset if always else f"{asset}@{start.isoformat()}", "asset": asset,
                "valid_from": None if always else start, **found,
            }  # fmt: skip


def _starts(asset: str, kin: Kin, view: View) -> list[datetime]:
    """From when the asset is known, and whenever a relative says something else later on."""
    begin = known_since(view.history(asset))
    return [begin, *sorted(since for since in kin.moments(asset) if begin < since <= view.as_of)]


def known_since(history: AssetHistory) -> datetime:
    """When anybody first told of the asset."""
    return min(version.valid_from or BEGINNING for version in history.versions if version.source != INFERRED)
