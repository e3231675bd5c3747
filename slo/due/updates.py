"""Updates of datasets read ahead: many at once where one by one would be a query each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime

from slo.facts import DatasetUpdate


class Ahead:
    """Updates of some datasets in one stretch of time, by dataset."""

    def __init__(self, assets: frozenset[str], start: datetime, end: datetime, found: Iterable[DatasetUpdate]) -> None:
        self.assets, self.start, self.end = assets, start, end
        self._of: dict[str, list[DatasetUpdate]] = {}
        for update in found:
            self._of.setdefault(update.asset or "", []).append(update)

    def covers(self, asset: str, start: datetime, end: datetime) -> bool:
        return asset in self.assets and self.start <= start and end <= self.end

    def between(self, asset: str, start: datetime, end: datetime) -> list[DatasetUpdate]:
        mine = self._of.get(asset, [])
        first, last = (bisect_left(mine, edge, key=landed) for edge in (start, end))
        return mine[first:last]


def landed(update: DatasetUpdate) -> datetime:
    """When an update landed."""
    assert update.at is not None
    return update.at
