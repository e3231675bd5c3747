"""Two readings of one asset and instant that say something only together: a part and the whole it is a part of
(kpi_rules, sections 4 and 7: good and total, busy and provisioned, used and paid)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import ClassVar

from slo.facts import Meter
from slo.intervals import INSTANT
from slo.kpi import Kpi, Params, tellings
from slo.marks import asset_marks
from slo.measure import Item
from slo.metering.readings import AROUND, placed
from slo.store import ChangeRow, Mark
from slo.view import View, later

Key = tuple[str | None, datetime]
"""Asset and ``at``: what belongs together."""


@dataclass(slots=True)
class Pair:
    """What was told of one asset at one instant. Of several readings of one side their amounts add up."""

    part: list[Meter] = field(default_factory=list)
    whole: list[Meter] = field(default_factory=list)

    @property
    def readings(self) -> list[Meter]:
        return [*self.whole, *self.part]

    @property
    def complete(self) -> bool:
        return bool(self.part and self.whole)

    def place(self, view: View) -> datetime:
        """Where the whole stands in time; without one, where the part does."""
        return placed(view, self.readings[0])


def amount(readings: Iterable[Meter]) -> Fraction:
    """What several readings tell together, as it is written."""
    return sum((Fraction(str(reading.amount)) for reading in readings), Fraction(0))


def pairs(readings: Iterable[Meter], part: str, whole: str) -> dict[Key, Pair]:
    """(asset, at) -> what was told of it then."""
    found: dict[Key, Pair] = {}
    for reading in readings:
        assert reading.at is not None
        pair = found.setdefault((reading.asset, reading.at), Pair())
        if reading.meter in (part, whole):
            (pair.part if reading.meter == part else pair.whole).append(reading)
    return found


class OfPairs(Kpi):
    """A KPI over pairs of readings. A subclass names both meters and judges one pair."""

    part: ClassVar[str]
    whole: ClassVar[str]
    facts = ("meter", "asset")

    @abstractmethod
    def judge(self, view: View, item: Item, pair: Pair) -> None:
        """Fills in what the pair counts as."""

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"meter": [self.part, self.whole], "placed_at": (start - AROUND, end + AROUND)}
        readings = view.read("meter", where | ({} if assets is None else {"asset": assets}))
        for (asset, _), pair in pairs(readings, self.part, self.whole).items():
            at = pair.place(view)
            if start <= at < end:
                yield self._item(view, asset, at, pair)

    def _item(self, view: View, asset: str | None, at: datetime, pair: Pair) -> Item:
        dims = view.dims(asset, at)
        item = Item(
            at=at, asset=asset, dims=dims, since=later(*(reading.at for reading in pair.readings)),
            facts=tuple(pair.readings), excluded=view.exclusion(self.id, asset, dims, at),
        )  # fmt: skip
        self.judge(view, item, pair)
        return item

    def missing_side(self, pair: Pair) -> str:
        """In words, which reading is not there."""
        return f"no {self.whole if pair.part else self.part} told for this instant"

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        told = [fact for fact in tellings(changes) if isinstance(fact, Meter) and fact.meter in (self.part, self.whole)]
        yield from self._days(view, told)

    def _days(self, view: View, told: Sequence[Meter]) -> Iterator[Mark]:
        """The days of changed readings, and of the partners that may stand elsewhere in time."""
        keys = {(reading.asset, reading.at) for reading in told}
        moments = [reading.at for reading in told if reading.at is not None]
        if not moments:
            return
        where = {"meter": [self.part, self.whole], "placed_at": (min(moments), max(moments) + INSTANT)}
        partners = view.store.read("meter", where | {"asset": list({asset for asset, _ in keys})})
        for reading in (*told, *(one for one in partners if isinstance(one, Meter) and (one.asset, one.at) in keys)):
            day = view.day(placed(view, reading))
            yield Mark(reading.asset, day, day)
