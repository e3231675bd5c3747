"""A declared KPI at work: its items are the figures that a query, or an import, told of assets and days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from zlib import crc32

from slo.facts import Figure
from slo.kpi import Kpi, Params, tellings
from slo.marks import asset_marks
from slo.measure import Count, Item, Ratio, Samples
from slo.measure.state import State
from slo.metering.readings import reading_marks, readings
from slo.own.declaration import Declaration
from slo.store import ChangeRow, Mark
from slo.view import View

MEASURES: dict[str, type[State]] = {"ratio": Ratio, "count": Count, "samples": Samples}
FORMULAS = {"ratio": "good / (good + bad)", "count": "the values added up", "samples": "{pick} of the values"}


class Declared(Kpi):
    """What every declared KPI does; each one is a class of its own with the words of its file."""

    facts = ("figure", "asset")

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"kpi": self.id} | ({} if assets is None else {"asset": assets})
        for at, figure in readings(view, "figure", start, end, **where):
            yield self._item(view, at, figure)

    def _item(self, view: View, at: datetime, figure: Figure) -> Item:
        dims = view.dims(figure.asset, at)
        item = Item(
            at=at, asset=figure.asset, dims=dims, since=figure.at, facts=(figure,),
            excluded=view.exclusion(self.id, figure.asset, dims, at),
        )  # fmt: skip
        if self.measure is not Ratio:
            item.value = figure.value
        elif figure.good is not None and figure.bad is not None:
            item.good, item.bad = figure.good, figure.bad
            item.note = f"good {figure.good}, bad {figure.bad}"
        return item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from reading_marks((change for change in changes if self._own(change)), view)

    def _own(self, change: ChangeRow) -> bool:
        return any(isinstance(fact, Figure) and fact.kpi == self.id for fact in tellings([change]))


def declared(one: Declaration) -> Kpi:
    """The KPI of a declaration."""
    minimum = one.minimum if one.minimum is not None else (0 if one.measure == "count" else 5)
    words = {
        "id": one.id, "title": one.title, "family": one.family, "lens": one.lens, "measure": MEASURES[one.measure],
        "unit": one.shown_unit, "better": one.better, "definition": one.definition, "example": one.example,
        "not_counted": one.not_counted, "formula": FORMULAS[one.measure].format(pick=one.pick), "pick": one.pick,
        "complement": one.measure == "ratio" and one.better == "down", "minimum": minimum,
        "needs": ((f"figure.{one.id}",),), "witness": f"figure.{one.id}", "version": _version(one),
    }  # fmt: skip
    kind: type[Kpi] = type(f"Declared_{one.id}", (Declared,), words)
    return kind()


def _version(one: Declaration) -> int:
    """The file's own version, and what else decides how its states look: another measure makes them anew."""
    return one.version if one.measure == "ratio" else crc32(f"{one.measure}/{one.version}".encode())
