"""The states of a window and of the one before it, read once and parted by any dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from slo.drivers.amounts import Parting, parting, ranked
from slo.drivers.groups import Cut, cut
from slo.kpi import Reading
from slo.measure import merge_all
from slo.promises.verdicts import Asked
from slo.states import Decoded, States
from slo.windows import Window, previous

Days = tuple[date, date]
"""First and last."""
DIRECTLY_BEFORE = ""
"""The name of the stretch that a KPI of two windows compares with, among those it reads around a window."""


class Parts:
    """What a KPI's value was made of in the asked window and in the one before."""

    def __init__(self, states: States, asked: Asked) -> None:
        self.states, self.asked = states, asked
        self.windows = (previous(asked.window), asked.window)
        self.readings = tuple(self._reading(window) for window in self.windows)
        self.values = tuple(asked.kpi.figures(reading).value for reading in self.readings)
        self._rows: dict[Days, Decoded] = {}

    def by(self, dimension: str) -> tuple[Parting, Parting]:
        """(the window before, the window itself), parted by a dimension."""
        before, now = (self._parting(*pair, dimension) for pair in zip(self.windows, self.readings, strict=True))
        return before, now

    def exact(self) -> Parting:
        """The value of the window itself, as the numerator and denominator it is made of."""
        return parting(self.asked.kpi, self.readings[1], {}, self._whole_assets)

    def _reading(self, window: Window) -> Reading:
        reading = self.states.reading(self.asked.kpi, window, self.asked.scope, self.asked.params)
        return replace(reading, light=True)

    @cached_property
    def _whole_assets(self) -> bool:
        """Whether the KPI judges asset by asset: it then asks for each asset's own state."""
        asked: list[bool] = []

        def noted() -> Mapping[str | None, Any]:
            asked.append(True)
            return self.readings[1].by_asset()

        self.asked.kpi.figures(replace(self.readings[1], by_asset=noted))
        return bool(asked)

    def _stretches(self, window: Window) -> dict[str, Days]:
        """The days of the window (by its own name), and the others that the KPI reads beside them."""
        kpi = self.asked.kpi
        beside = {DIRECTLY_BEFORE: kpi.compared_with(window, self.asked.params)} if kpi.reread else {}
        around = dict(kpi.around(window, self.states.view.as_of))
        return {**beside, **around, "window": (window.first_day, window.last_day)}

    def _parting(self, window: Window, reading: Reading, dimension: str) -> Parting:
        asked, stretches = self.asked, self._stretches(window)
        rows = [row for days in sorted(stretches.values()) for row in self._read(days)]
        edge = cut(rows, dimension, asked.scope, asked.kpi.measure, self._whole_assets)
        worth = asked.kpi.worth(reading)
        if worth is not None:
            return ranked((edge.group(asset), amount) for asset, amount in worth.items())
        found = {name: edge.parted(self._read(days)) for name, days in stretches.items()}
        return parting(asked.kpi, reading, dict(self._groups(reading, edge, found)), self._whole_assets)

    def _groups(
        self, reading: Reading, edge: Cut, found: Mapping[str, Mapping[Any, Any]]
    ) -> Iterator[tuple[Any, Reading]]:
        """Each group's own reading: what the KPI would read were nothing else there."""
        nothing = self.asked.kpi.measure.of(())
        for group, state in found["window"].items():
            around = {name: found[name].get(group, nothing) for name in reading.around}
            before = found.get(DIRECTLY_BEFORE, {}).get(group, nothing)
            apart = _apart(reading, edge, group)
            yield group, replace(reading, state=state, before=before, around=around, by_asset=apart)

    def _read(self, days: Days) -> Decoded:
        if days not in self._rows:
            asked = self.asked
            rows = self.states.rows(asked.kpi, *days, asked.scope, asked.params)
            self._rows[days] = _gathered(rows, asked.kpi.measure)
        return self._rows[days]


def _apart(reading: Reading, edge: Cut, group: Any) -> Callable[[], Mapping[str | None, Any]]:
    """The states of a group's own assets."""
    return lambda: {asset: state for asset, state in reading.by_asset().items() if edge.group(asset) == group}


def _gathered(rows: Decoded, kind: Any) -> Decoded:
    """Rows of one asset and the same dimensions as one, the last: a month is then parted as quickly as a day."""
    found: dict[Any, Decoded] = {}
    for row, state in rows:
        found.setdefault((row.asset, row.tier, row.team, row.domain, str(row.matches)), []).append((row, state))
    return [
        (max((row for row, _ in same), key=lambda row: row.day), merge_all(kind, (state for _, state in same)))
        for same in found.values()
    ]
