"""From judged items to state rows, and from rows back to one merged state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slo.blame import assigned
from slo.kpi import Kpi
from slo.measure import Item, Ratio, merge_all
from slo.store import StateRow
from slo.view import View, in_production, later

Matches = list[list[str | None]]


@dataclass(frozen=True)
class Scope:
    """What is asked for. Empty means the whole. ``tiers`` narrows to exactly these."""

    tiers: tuple[int, ...] = ()
    team: str | None = None
    domain: str | None = None
    asset: str | None = None

    def narrowed(self, tiers: tuple[int, ...], asset: str | None) -> Scope:
        """Narrowed to what a promise is about; what was asked for stays."""
        return replace(self, tiers=self.tiers or tiers, asset=self.asset or asset)

    def holds(self, row: StateRow) -> bool:
        """Whether a row counts: by its own dimensions, or by any of the assets it matches."""
        if not in_production(row.environment):
            return False
        if row.matches is not None:
            return self.matches(row.matches, row.tier)
        return self._tier(row.tier) and self._fits(row.asset, row.team, row.domain)

    def takes(self, item: Item) -> bool:
        """Whether an item counts: as the row would that it folds into."""
        dims = item.dims
        if not in_production(dims.environment):
            return False
        if item.matches is not None:
            return self.matches(item.matches, dims.tier)
        return self._tier(dims.tier) and self._fits(item.asset, dims.team, dims.domain)

    def matches(self, matches: Matches, tier: int | None) -> bool:
        """Of a platform row: its own tier, and one asset that fits the whole scope."""
        if not self._tier(tier):
            return False
        if self.team is None and self.domain is None and self.asset is None:
            return True
        return any(self._fits(asset, team, domain) for asset, team, domain in matches)

    def _tier(self, tier: int | None) -> bool:
        return not self.tiers or tier in self.tiers

    def _fits(self, asset: str | None, team: str | None, domain: str | None) -> bool:
        return (
            (self.team is None or team == self.team)
            and (self.domain is None or domain == self.domain)
            and (self.asset is None or asset == self.asset)
        )


def fold(kpi: Kpi, view: View, items: Iterable[Item], slice_: str) -> list[StateRow]:
    """One row for each unit, set of dimensions and (platform KPIs) member."""
    groups: dict[tuple[Any, ...], list[Item]] = {}
    for item in assigned(view, items) if kpi.measure is Ratio else items:
        dims = item.dims
        unit = item.asset if kpi.by_asset else None
        key = (unit, view.day(item.at), dims.tier, dims.team, dims.domain, dims.environment, item.member)
        groups.setdefault(key, []).append(item)
    return [_row(kpi, view, key, members, slice_) for key, members in groups.items()]


def _row(kpi: Kpi, view: View, key: tuple[Any, ...], items: list[Item], slice_: str) -> StateRow:
    asset, day, tier, team, domain, environment, member = key
    ahead = (view.history(asset).ahead(item.at) for item in items) if kpi.by_asset else ()
    since = later(*(item.since for item in items), *ahead)
    until = min((item.until for item in items if item.until is not None), default=None)
    return StateRow(
        slice_, asset, day, tier, team, domain, environment, kpi.measure.of(items).to_json(), since, until, member,
        items[0].matches,
    )  # fmt: skip


def merge_json(kpi: Kpi, states: list[dict[str, Any]]) -> dict[str, Any]:
    """A roll-up: states merged as they are stored. What must be read asset by asset has none."""
    if kpi.per_asset_reading:
        return {}
    return merge_all(kpi.measure, (kpi.measure.from_json(state) for state in states)).to_json()


def counts_on(state: Any) -> bool:
    """Whether anything counted in a state (not only left out, pending or unknown)."""
    return bool(getattr(state, "total", 0) or getattr(state, "n", 0))


def holds_at(row: StateRow, as_of: datetime) -> bool:
    """Whether a stored row is what it would be if worked out as of an instant."""
    return (row.valid_from is None or row.valid_from <= as_of) and (row.valid_until is None or row.valid_until > as_of)
