"""States for many windows that overlap: what two of them have in common is merged once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from slo.folding import Scope
from slo.kpi import Kpi, Params, Reading
from slo.measure import merge_all
from slo.params import slice_name
from slo.register import RegisterKpi
from slo.states import States
from slo.windows import Window

Block = tuple[int, int]
"""The ordinal of its first day, and how many days it has: a power of two, of which the ordinal is a multiple."""


class OverlappingStates(States):
    """The same states as ``base``, read afresh. A window is merged from blocks of 1, 2, 4 ... days."""

    def __init__(self, base: States) -> None:
        super().__init__(base.view, base.stored, base.fresh, base.settled)
        self._blocks: dict[tuple[str, str, Scope], dict[Block, Any]] = {}

    def reading(self, kpi: Kpi, window: Window, scope: Scope, params: Params, light: bool = True) -> Reading:
        """What the value needs, and no more; a value that is a comparison has what it is compared with."""
        found = super().reading(kpi, window, scope, params, light=True)
        if not kpi.reread or isinstance(kpi, RegisterKpi):
            return found
        days = self.days(kpi, *kpi.compared_with(window, params), scope, params)
        return replace(found, before=self.together(kpi, days, scope, params))

    def together(self, kpi: Kpi, days: Mapping[date, Any], scope: Scope, params: Params) -> Any:
        if not days:
            return merge_all(kpi.measure, ())
        kept = self._blocks.setdefault((kpi.id, slice_name(kpi, params), scope), {})
        states = {day.toordinal(): state for day, state in days.items()}
        found = (_merged(kpi, block, states, kept) for block in _blocks(min(states), max(states)))
        return merge_all(kpi.measure, [state for state in found if state is not None])


def _blocks(first: int, last: int) -> Iterator[Block]:
    """The days first to last in as few blocks as there can be."""
    while first <= last:
        size = first & -first
        while first + size - 1 > last:
            size //= 2
        yield first, size
        first += size


def _merged(kpi: Kpi, block: Block, states: Mapping[int, Any], kept: dict[Block, Any]) -> Any:
    """A block's state, merged from its halves; None where none of its days has one."""
    first, size = block
    if size == 1:
        return states.get(first)
    if block not in kept:
        halves = [_merged(kpi, (start, size // 2), states, kept) for start in (first, first + size // 2)]
        there = [state for state in halves if state is not None]
        kept[block] = merge_all(kpi.measure, there) if there else None
    return kept[block]
