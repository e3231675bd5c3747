"""Reading states: the stored ones where they hold, worked out in memory where they don't."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from slo.calendars import DAY, days_between
from slo.folding import Scope, counts_on, fold, holds_at
from slo.kpi import Figures, Kpi, Params, Reading
from slo.left_out import left_out
from slo.measure import merge_all
from slo.params import slice_name
from slo.register import RegisterKpi, Registers
from slo.store import Only, StateRow
from slo.view import View
from slo.windows import Window

Decoded = list[tuple[StateRow, Any]]
"""Rows, each with its state."""
Key = tuple[str, str, str | None]
"""KPI, slice, asset."""
WHOLE = Scope()


class States:
    """State rows as of one instant. ``stored`` names the (KPI, slice) pairs that the store keeps; ``fresh`` says that
    they are those of this very instant, ``settled`` that nothing waits to be worked out."""

    def __init__(self, view: View, stored: frozenset[tuple[str, str]], fresh: bool, settled: bool) -> None:
        self.view, self.stored, self.fresh, self.settled = view, stored, fresh, settled
        self._kept: dict[Key, dict[date, Decoded]] = {}
        self._merged: dict[tuple[Key, Scope], dict[date, Any]] = {}
        self._around: dict[tuple[str, str, Scope, date, date], Any] = {}
        self._apart: dict[tuple[str, str, date, date, Scope], Decoded] = {}
        self._registers = Registers(view, self._is_fresh)

    def figures(self, kpi: Kpi, window: Window, scope: Scope, params: Params) -> Figures:
        """The figures of a window in a scope."""
        reading = self.reading(kpi, window, scope, params)
        return replace(kpi.figures(reading), left_out=left_out(reading.state), state=reading.state)

    def reading(self, kpi: Kpi, window: Window, scope: Scope, params: Params, light: bool = False) -> Reading:
        """``light``: only what the value needs."""
        if isinstance(kpi, RegisterKpi):
            state = self._registers.state(kpi, window, scope, params)
            return Reading(self.view, window, params, state, matches=scope.matches, light=light, scope=scope)
        days = self.days(kpi, window.first_day, window.last_day, scope, params)
        before = kpi.measure.of(())
        if kpi.reread and not light:
            first, last = kpi.compared_with(window, params)
            before = self.together(kpi, self.days(kpi, first, last, scope, params), scope, params)
        counted = frozenset(day for day, state in days.items() if counts_on(state))
        stretches = kpi.around(window, self.view.as_of).items()
        around = {name: self._stretch(kpi, first, last, scope, params) for name, (first, last) in stretches}
        return Reading(
            self.view, window, params, self.together(kpi, days, scope, params), before, scope.matches, counted, around,
            lambda: self.by_asset(kpi, window, scope, params), light, scope,
        )  # fmt: skip

    def together(self, kpi: Kpi, days: Mapping[date, Any], scope: Scope, params: Params) -> Any:
        """The states of unbroken days in a scope, merged."""
        return merge_all(kpi.measure, days.values())

    def _stretch(self, kpi: Kpi, first: date, last: date, scope: Scope, params: Params) -> Any:
        """The merged state of some days; once worked out it is kept, since every day of a series may ask for it."""
        key = (kpi.id, slice_name(kpi, params), scope, first, last)
        if key not in self._around:
            self._around[key] = merge_all(kpi.measure, self.days(kpi, first, last, scope, params).values())
        return self._around[key]

    def by_asset(self, kpi: Kpi, window: Window, scope: Scope, params: Params) -> dict[str | None, Any]:
        """Each asset's own merged state of a window, in a scope."""
        found: dict[str | None, list[Any]] = {}
        for row, state in self.rows(kpi, window.first_day, window.last_day, scope, params):
            found.setdefault(row.asset, []).append(state)
        return {asset: merge_all(kpi.measure, states) for asset, states in found.items()}

    def _all_apart(self, kpi: Kpi, first: date, last: date, params: Params, scope: Scope = WHOLE) -> Decoded:
        """Every row of the days first to last with its state, asset by asset: read once. Of a scope at least the rows
        that it holds, and where the store keeps them, hardly any others."""
        last = min(last, self.view.day(self.view.as_of))
        of = (kpi.id, slice_name(kpi, params), first, last)
        if isinstance(kpi, RegisterKpi) or not self._is_fresh(*of[:2]) or (*of, WHOLE) in self._apart:
            scope = WHOLE
        key = (*of, replace(scope, asset=None))
        if key not in self._apart:
            rows = self._apart_rows(kpi, first, last, params, key[-1]) if first <= last else []
            self._apart[key] = _decoded(kpi, rows)
        return self._apart[key]

    def read_ahead(self, kpi: Kpi, assets: Iterable[str], window: Window, params: Params) -> None:
        """What each of these assets by itself will be asked for, read at once and not asset by asset."""
        name = slice_name(kpi, params)
        if isinstance(kpi, RegisterKpi):
            self._registers.read_ahead(kpi, params)
        elif kpi.by_asset and self._is_fresh(kpi.id, name):
            for first, last in self._spans(kpi, window, params):
                self._keep_apart(kpi, (kpi.id, name), set(assets), (first, last), params)

    def _spans(self, kpi: Kpi, window: Window, params: Params) -> list[tuple[date, date]]:
        """The window's days, and those of other stretches that its figures rest on."""
        before = [kpi.compared_with(window, params)] if kpi.reread else []
        return [(window.first_day, window.last_day), *before, *kpi.around(window, self.view.as_of).values()]

    def _keep_apart(
        self, kpi: Kpi, of: tuple[str, str], assets: set[str], days: tuple[date, date], params: Params
    ) -> None:
        last = min(days[1], self.view.day(self.view.as_of))
        wanted = list(days_between(days[0], last)) if days[0] <= last else []
        fresh: dict[str, dict[date, Decoded]] = {asset: {day: [] for day in wanted} for asset in assets}
        for row, state in self._apart.get((*of, days[0], last, WHOLE)) or self._of_assets(kpi, of, assets, wanted):
            if row.asset in fresh:
                fresh[row.asset][row.day].append((row, state))
        for asset, rows in fresh.items():
            self._kept.setdefault((*of, asset), {}).update(rows)

    def _of_assets(self, kpi: Kpi, of: tuple[str, str], assets: set[str], days: list[date]) -> Decoded:
        """The stored rows of some assets."""
        if not days:
            return []
        stored = self.view.store.states(*of, days[0], days[-1], rollup=False, only=Only(assets=assets))
        return _decoded(kpi, stored)

    def _apart_rows(self, kpi: Kpi, first: date, last: date, params: Params, scope: Scope) -> list[StateRow]:
        """Rows asset by asset, not rolled up; of a scope other than the whole those that the store finds for it."""
        if isinstance(kpi, RegisterKpi):
            return self._registers.rows(kpi, last, None, params)
        if scope == WHOLE:
            return list(self._rows(kpi, first, last, None, params, rollup=False))
        only = Only(dims=lambda dim: scope.holds(StateRow("", None, first, *dim[1:])))
        return self.view.store.states(kpi.id, slice_name(kpi, params), first, last, rollup=False, only=only)

    def days(self, kpi: Kpi, first: date, last: date, scope: Scope, params: Params) -> dict[date, Any]:
        """The merged state of each day first to last that has one, in a scope."""
        last = min(last, self.view.day(self.view.as_of))
        key = (kpi.id, slice_name(kpi, params), scope.asset if kpi.by_asset else None)
        wanted = list(days_between(first, last)) if first <= last else []
        self._load(kpi, key, wanted, params)
        merged = self._merged.setdefault((key, scope), {})
        for day in wanted:
            if day not in merged:
                states = [state for row, state in self._kept[key][day] if scope.holds(row)]
                merged[day] = merge_all(kpi.measure, states) if states else None
        return {day: merged[day] for day in wanted if merged[day] is not None}

    def assets(self, kpi: Kpi, window: Window, scope: Scope, params: Params) -> set[str]:
        """Assets that any row of a window is of, or matches; where that tells whether an asset has figures in a tier,
        team or domain, of these alone."""
        tells = kpi.by_asset and len(self._spans(kpi, window, params)) == 1
        inside = replace(scope, asset=None) if tells else WHOLE
        rows = [row for row, _ in self.rows(kpi, window.first_day, window.last_day, inside, params)]
        matched = {match[0] for row in rows for match in row.matches or ()}
        return {asset for asset in {row.asset for row in rows} | matched if asset is not None}

    def _load(self, kpi: Kpi, key: Key, wanted: list[date], params: Params) -> None:
        kept = self._kept.setdefault(key, {})
        for start, end in _stretches(day for day in wanted if day not in kept):
            kept.update({day: [] for day in days_between(start, end)})
            for row in self._rows(kpi, start, end, key[2], params, rollup=not kpi.per_asset_reading):
                kept[row.day].append((row, kpi.measure.from_json(row.state or {})))

    def rows(self, kpi: Kpi, first: date, last: date, scope: Scope, params: Params) -> Decoded:
        """Every row of the days first to last in a scope with its state, asset by asset: nothing rolled up. Of a
        register what stood at the end of the last day."""
        last = min(last, self.view.day(self.view.as_of))
        if first > last:
            return []
        asset = scope.asset if kpi.by_asset else None
        if asset is None:
            found = self._all_apart(kpi, first, last, params, scope)
        elif isinstance(kpi, RegisterKpi):
            found = _decoded(kpi, self._registers.rows(kpi, last, asset, params))
        else:
            key, days = (kpi.id, slice_name(kpi, params), asset), list(days_between(first, last))
            self._load(kpi, key, days, params)
            found = [pair for day in days for pair in self._kept[key][day]]
        return [(row, state) for row, state in found if scope.holds(row)]

    def rows_of_few(self, kpi: Kpi, first: date, last: date, params: Params, assets: Collection[str]) -> Decoded:
        """Every row of the days first to last of some assets with its state, in any scope. Quick for few assets."""
        name = slice_name(kpi, params)
        if self._is_fresh(kpi.id, name):
            only = Only(assets=assets)
            return _decoded(kpi, self.view.store.states(kpi.id, name, first, last, rollup=False, only=only))
        start, end = self.view.start_of(first), self.view.start_of(last + DAY)
        return _decoded(kpi, fold(kpi, self.view, kpi.items(self.view, sorted(assets), start, end, params), name))

    def rows_of_all(
        self, kpi: Kpi, first: date, last: date, params: Params, asset: str | None = None
    ) -> list[StateRow]:
        """Every row of the days first to last (of one asset, where named), asset by asset, in any scope."""
        return list(self._rows(kpi, first, last, asset, params, rollup=False))

    def holds(self, kpi: Kpi, params: Params) -> bool:
        """Whether the rows of a choice of parameters are the stored ones, as of this very instant."""
        return self._is_fresh(kpi.id, slice_name(kpi, params))

    def _is_fresh(self, kpi_id: str, name: str) -> bool:
        """Whether the store keeps a slice up to this very instant."""
        return self.fresh and (kpi_id, name) in self.stored

    def _rows(
        self, kpi: Kpi, first: date, last: date, asset: str | None, params: Params, rollup: bool
    ) -> Iterator[StateRow]:
        name = slice_name(kpi, params)
        usable = self.fresh or (self.settled and kpi.by_asset)
        if not usable or (kpi.id, name) not in self.stored:
            yield from self._computed(kpi, first, last, asset, params)
            return
        stored = self.view.store.states(kpi.id, name, first, last, asset=asset, rollup=rollup)
        yield from stored if self.fresh else self._of_the_past(kpi, first, last, asset, params, stored)

    def _of_the_past(
        self, kpi: Kpi, first: date, last: date, asset: str | None, params: Params, stored: list[StateRow]
    ) -> Iterator[StateRow]:
        """Days that had ended and look the same today come from the store, the others are worked out."""
        changed = {row.day for row in stored if not holds_at(row, self.view.as_of)}
        ended = {day for day in days_between(first, last) if self.view.start_of(day + DAY) <= self.view.as_of}
        reused = ended - changed
        yield from (row for row in stored if row.day in reused)
        for start, end in _stretches(day for day in days_between(first, last) if day not in reused):
            yield from self._computed(kpi, start, end, asset, params)

    def _computed(self, kpi: Kpi, first: date, last: date, asset: str | None, params: Params) -> list[StateRow]:
        start, end = self.view.start_of(first), self.view.start_of(last + DAY)
        wanted = [asset] if asset is not None else None
        return fold(kpi, self.view, kpi.items(self.view, wanted, start, end, params), slice_name(kpi, params))


def _decoded(kpi: Kpi, rows: Iterable[StateRow]) -> Decoded:
    return [(row, kpi.measure.from_json(row.state or {})) for row in rows]


def _stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Days as unbroken stretches."""
    first = last = None
    for day in days:
        if last is not None and day == last + DAY:
            last = day
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = day
    if first is not None and last is not None:
        yield first, last


def floor_to_step(now: datetime, step: timedelta) -> datetime:
    """An instant floored to the evaluation step."""
    since = datetime(1970, 1, 1, tzinfo=now.tzinfo)
    return since + (now - since) // step * step
