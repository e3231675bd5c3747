"""What the KPIs share that judge new assets: one belongs to the day on which it was first seen, and is judged by its
newest version up to seven days later, not past as-of (kpi_rules, section 8)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from slo.assets import AssetHistory, Told
from slo.facts import Asset
from slo.kpi import Kpi, Params, tellings
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View, later

SETTLING = timedelta(days=7)
"""How long a new asset has to be registered, or to name its template."""
Look = Callable[[str], Any]
"""A field of the asset as it is judged."""


class OfNewcomers(Kpi):
    """Of the new assets of one kind, the share that a subclass finds good."""

    newcomer: ClassVar[str]
    """The kind of asset."""
    lens = "leading"
    measure = Ratio
    unit = "ratio"
    better = "up"
    facts = ("asset",)

    @abstractmethod
    def good(self, view: View, look: Look) -> bool:
        """Whether a new asset, as it looks, is as it should be."""

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for name in view.asset_names if assets is None else assets:
            history = view.history(name)
            seen = history.told(view.as_of).get("first_seen")
            for moment in first_seens(history):
                if start <= moment < end and moment <= view.as_of:
                    yield self._item(view, history, moment, seen)

    def _item(self, view: View, history: AssetHistory, moment: datetime, seen: Told | None) -> Item:
        dims = view.dims(history.name, moment)
        item = Item(at=moment, asset=history.name, dims=dims, since=_since(view, history, moment))
        at = min(moment + SETTLING, view.as_of)
        if seen is not None and seen.value == moment and history.get("kind", at) == self.newcomer:
            good = self.good(view, lambda name: history.get(name, at))
            item.good, item.bad, item.facts = int(good), int(not good), (seen.fact,)
            item.excluded = view.exclusion(self.id, history.name, dims, moment)
        return item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """The days on which the asset was, or was said to be, first seen: whatever changes of it, no other looks
        different."""
        for fact in tellings(changes):
            if isinstance(fact, Asset):
                told = {fact.first_seen, *first_seens(view.history(fact.asset))}
                for day in {view.day(moment) for moment in told if moment is not None}:
                    yield Mark(fact.asset, day, day)

    def extent(self, view: View, asset: str | None) -> datetime | None:
        return min(first_seens(view.history(asset)), default=None)


def first_seens(history: AssetHistory) -> set[datetime]:
    """Every moment at which some version says that the asset was first seen."""
    return {told.value for told in history.tellings("first_seen")}


def _since(view: View, history: AssetHistory, moment: datetime) -> datetime | None:
    """From when on the asset looked as it is judged. Where its versions disagree on when it was new, any may decide."""
    until = view.as_of if len(first_seens(history)) > 1 else min(moment + SETTLING, view.as_of)
    told = history.tellings("first_seen")[0].since
    return later(moment, told, *(edge for edge in history.breaks if edge <= until))
