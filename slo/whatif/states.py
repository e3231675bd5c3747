"""States under what is supposed: worked out in memory, but for assets that it does not touch."""

from __future__ import annotations

from datetime import date

from slo.calendars import DAY
from slo.folding import fold
from slo.kpi import Kpi, Params
from slo.params import slice_name
from slo.register import RegisterKpi
from slo.states import States
from slo.store import StateRow
from slo.view import View


class SupposedStates(States):
    """``base`` are the states as they are. ``touched`` names the assets whose states differ; None: all may."""

    def __init__(self, view: View, base: States, touched: frozenset[str] | None) -> None:
        super().__init__(view, frozenset(), fresh=False, settled=False)
        self._base, self._touched = base, touched

    def _computed(self, kpi: Kpi, first: date, last: date, asset: str | None, params: Params) -> list[StateRow]:
        touched = self._touched
        if touched is None or not kpi.by_asset or isinstance(kpi, RegisterKpi):
            return super()._computed(kpi, first, last, asset, params)
        if asset is not None:
            if asset in touched:
                return super()._computed(kpi, first, last, asset, params)
            return self._base.rows_of_all(kpi, first, last, params, asset)
        start, end = self.view.start_of(first), self.view.start_of(last + DAY)
        items = kpi.items(self.view, sorted(touched), start, end, params)
        kept = self._base.rows_of_all(kpi, first, last, params)
        return [row for row in kept if row.asset not in touched] + fold(kpi, self.view, items, slice_name(kpi, params))
