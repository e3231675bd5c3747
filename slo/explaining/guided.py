"""The worst items without reading all: the states say in which units (an asset's day) they can be.

A unit's state bounds what its items can be worth, so units are read the most promising first, until no unread one can
hold anything worse than what is listed already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from typing import Any

from slo.calendars import DAY, days_between
from slo.explaining.listing import WORST, Listing, Order, inside, order, reasons, unknown, verdict
from slo.kpi import Kpi
from slo.measure import Change, Item, Ratio, Samples, Share, merge_all
from slo.measure.samples import GAMMA
from slo.promises.verdicts import Asked
from slo.register import RegisterKpi
from slo.results import Results
from slo.states import Decoded

Unit = tuple[str, date]
"""An asset and a day."""
Weight = tuple[float, float]
"""How many items of a verdict, and the most that one of them can be worth."""
GUIDED = (Ratio, Share, Samples, Change)
AT_LEAST = 24
"""Units read at once, at first; each time it was not enough twice as many."""
WASTE = 2
"""Days are read together while at most so many times the wanted units are read with them."""


def guided(results: Results, asked: Asked, limit: int) -> Listing | None:
    """As ``listing`` has it; None where the states cannot guide, and everything has to be read."""
    kpi, window, states = asked.kpi, asked.window, results.states
    if not kpi.by_asset or isinstance(kpi, RegisterKpi) or not issubclass(kpi.measure, GUIDED):
        return None
    if not states.holds(kpi, asked.params):
        return None
    rows = states.rows(kpi, window.first_day, window.last_day, asked.scope, asked.params)
    search = _Search(results, asked, _weighed(kpi, rows))
    worst = search.worst(limit)
    whole = merge_all(kpi.measure, (state for _, state in rows))
    total = search.found if not search.waiting else _number(kpi, whole) if kpi.singly else None
    return Listing(worst, total, reasons(_excluded(whole), kpi.scale), unknown(search.unknown(), kpi))


class _Search:
    """Units, those that may hold the worst first."""

    def __init__(self, results: Results, asked: Asked, weighed: dict[Unit, dict[str, Weight]]) -> None:
        self.view, self.asked, self.weighed = results.view, asked, weighed
        best = [
            ((WORST[name], -most, -self.view.start_of(unit[1] + DAY).timestamp()), unit, n)
            for unit, weights in weighed.items()
            for name, (n, most) in weights.items()
        ]
        self.waiting: list[tuple[Order, Unit, float]] = sorted(best, reverse=True)
        self._at_once = AT_LEAST
        self._read: dict[Unit, list[Item]] = {}
        self._judged: list[tuple[Order, Item]] = []

    @property
    def found(self) -> int:
        return len(self._judged)

    def worst(self, limit: int) -> list[Item]:
        """The worst items, as many as are wanted."""
        while self.waiting and not self._enough(limit):
            self.read(self._next(limit - len(self._judged)))
            while self.waiting and self.waiting[-1][1] in self._read:
                self.waiting.pop()
        return [item for _, item in self._judged[:limit]]

    def _enough(self, limit: int) -> bool:
        """Whether no unread unit can hold anything worse than the last that is listed."""
        return len(self._judged) >= limit and self._judged[limit - 1][0] < self.waiting[-1][0]

    def _next(self, wanted: float) -> list[Unit]:
        """The units to read next: about as many as hold what is still wanted."""
        chosen: dict[Unit, None] = {}
        while self.waiting and (wanted > 0 or len(chosen) < self._at_once):
            _, unit, n = self.waiting.pop()
            chosen[unit] = None
            wanted -= n if self.asked.kpi.singly else 1
        self._at_once *= 2
        return list(chosen)

    def read(self, units: Iterable[Unit]) -> None:
        """Judges the items of units that were not read yet, some days at a time."""
        kpi, view, params = self.asked.kpi, self.view, self.asked.params
        for first, last, assets in _together(unit for unit in units if unit not in self._read):
            fresh = {(asset, day) for asset in assets for day in days_between(first, last)} - self._read.keys()
            self._read |= {unit: [] for unit in fresh}
            for item in kpi.items(view, sorted(assets), view.start_of(first), view.start_of(last + DAY), params):
                unit = (item.asset or "", view.day(item.at))
                if unit in fresh and inside(self.asked.scope, item):
                    self._read[unit].append(item)
                    if verdict(item) is not None:
                        self._judged.append((order(kpi, item), item))
        self._judged.sort(key=lambda one: one[0])

    def unknown(self) -> list[Item]:
        """All items of units in which anything could not be judged: only they say why."""
        units = [unit for unit, weights in self.weighed.items() if "unknown" in weights]
        self.read(units)
        return [item for unit in units for item in self._read[unit]]


def _together(units: Iterable[Unit]) -> Iterator[tuple[date, date, set[str]]]:
    """First day, last day and assets of what is read with one question: days in a row, while hardly more is read than
    is wanted."""
    days: dict[date, set[str]] = {}
    for asset, day in units:
        days.setdefault(day, set()).add(asset)
    first: date | None = None
    last, assets, wanted = date.min, set[str](), 0
    for day in sorted(days):
        both, n = assets | days[day], wanted + len(days[day])
        if first is not None and day == last + DAY and len(both) * ((day - first).days + 1) <= WASTE * n:
            last, assets, wanted = day, both, n
            continue
        if first is not None:
            yield first, last, assets
        first, last, assets, wanted = day, day, days[day], len(days[day])
    if first is not None:
        yield first, last, assets


def _weighed(kpi: Kpi, rows: Decoded) -> dict[Unit, dict[str, Weight]]:
    """What the states say of each unit that holds anything, by verdict."""
    found: dict[Unit, dict[str, Weight]] = {}
    for row, state in rows:
        if row.asset is not None:
            unit = found.setdefault((row.asset, row.day), {})
            for name, weight in _weights(kpi, state):
                unit[name] = _both(unit[name], weight) if name in unit else weight
    return found


def _weights(kpi: Kpi, state: Any) -> Iterable[tuple[str, Weight]]:
    match state:
        case Ratio():
            parts = {"bad": state.bad, "unknown": state.unknown, "excluded": state.excluded_total, "good": state.good}
            for name, n in parts.items():
                if n:
                    yield name, (n, n / kpi.scale if kpi.scale > 1 else 0.0)
        case Samples():
            if state.n:
                yield "good", (state.n, _largest(state))
            if state.excluded:
                yield "excluded", (sum(state.excluded.values()), float("inf"))
        case Share() | Change():
            for own in state.assets.values():
                yield from _weights(kpi, own)


def _both(one: Weight, two: Weight) -> Weight:
    return one[0] + two[0], max(one[1], two[1])


def _largest(state: Samples) -> float:
    if state.values:
        return state.values[-1]
    return GAMMA ** max(state.buckets) if state.buckets else 0.0


def _number(kpi: Kpi, state: Any) -> int:
    """How many items a state was made of, where each counts once."""
    return int(sum(n for _, (n, _) in _weights(kpi, state)))


def _excluded(state: Any) -> dict[str, tuple[float, float, float]]:
    """Good, bad and number of what was left out, by reason."""
    match state:
        case Ratio():
            return {reason: (good, bad, good + bad + other) for reason, (good, bad, other) in state.excluded.items()}
        case Samples():
            return {reason: (0, 0, n) for reason, n in state.excluded.items()}
        case _:
            return reduce(_added, map(_excluded, state.assets.values()), {})


def _added(
    one: dict[str, tuple[float, float, float]], two: dict[str, tuple[float, float, float]]
) -> dict[str, tuple[float, float, float]]:
    nothing: Sequence[float] = (0, 0, 0)
    sums = {reason: zip(one.get(reason, nothing), two.get(reason, nothing), strict=True) for reason in {*one, *two}}
    return {reason: tuple(a + b for a, b in pairs) for reason, pairs in sums.items()}  # type: ignore[misc]
