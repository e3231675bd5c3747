"""Reading registers: what stood at a window's end, from the stored changes where they are fresh, else worked out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from slo.calendars import DAY
from slo.folding import Scope, fold
from slo.kpi import Params
from slo.params import slice_name
from slo.register.base import RegisterKpi
from slo.register.timeline import Timeline
from slo.store import StateRow
from slo.view import View
from slo.windows import Window

Stored = Callable[[str, str], bool]
"""Whether the store keeps the changes of a KPI's slice, up to the view's very instant."""


class Registers:
    """Registers as of one instant. Nothing is judged day by day: an instant's state is a running sum of changes."""

    def __init__(self, view: View, stored: Stored) -> None:
        self.view, self._stored = view, stored
        self._timelines: dict[tuple[str, str, str | None], Timeline] = {}
        self._rows: dict[tuple[str, str, str | None, datetime], list[StateRow]] = {}

    def state(self, kpi: RegisterKpi, window: Window, scope: Scope, params: Params) -> Any:
        """What stood in a scope at the window's end, or as of now where that is earlier. Of a window that has not begun
        nothing is known."""
        if window.start > self.view.as_of:
            return kpi.measure.of(())
        asset = scope.asset if kpi.by_asset else None
        timeline = self._timeline(kpi, asset, window.first_day, params)
        return timeline.at(min(window.last_day, self.view.day(self.view.as_of)), scope)

    def rows(self, kpi: RegisterKpi, last: date, asset: str | None, params: Params) -> list[StateRow]:
        """A row for each thing that stood there at the end of a day: its whole worth, not what changed."""
        at = min(self.view.start_of(last + DAY), self.view.as_of)
        key = (kpi.id, slice_name(kpi, params), asset, at)
        if key not in self._rows:
            wanted = [asset] if asset is not None else None
            self._rows[key] = fold(kpi, self.view, kpi.standing(self.view, wanted, at, params), key[1])
        return self._rows[key]

    def read_ahead(self, kpi: RegisterKpi, params: Params) -> None:
        """The changes of every asset by itself, read at once where the store keeps them."""
        name = slice_name(kpi, params)
        if not kpi.by_asset or not self._stored(kpi.id, name):
            return
        apart: dict[str | None, list[StateRow]] = {}
        for row in self.view.store.states(kpi.id, name, date.min, self.view.day(self.view.as_of), rollup=False):
            apart.setdefault(row.asset, []).append(row)
        for asset, rows in apart.items():
            if asset is not None:
                self._timelines[kpi.id, name, asset] = Timeline(kpi.measure, rows, date.min)

    def _timeline(self, kpi: RegisterKpi, asset: str | None, first: date, params: Params) -> Timeline:
        name = slice_name(kpi, params)
        found = self._timelines.get((kpi.id, name, asset))
        if found is None or found.first > first:
            if self._stored(kpi.id, name):
                today = self.view.day(self.view.as_of)
                rows = self.view.store.states(kpi.id, name, date.min, today, asset=asset)
                found = Timeline(kpi.measure, rows, date.min)
            else:
                found = Timeline(kpi.measure, self._computed(kpi, asset, first, params), first)
            self._timelines[kpi.id, name, asset] = found
        return found

    def _computed(self, kpi: RegisterKpi, asset: str | None, first: date, params: Params) -> list[StateRow]:
        """What stood when the first day began, and what changed from there on."""
        view, wanted = self.view, [asset] if asset is not None else None
        start, end = view.start_of(first), view.start_of(view.day(view.as_of) + DAY)
        stood = kpi.standing(view, wanted, start, params)
        changed = kpi.items(view, wanted, start, end, params)
        name = slice_name(kpi, params)
        return [*fold(kpi, view, stood, name), *fold(kpi, view, changed, name)]
