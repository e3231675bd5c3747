"""What stood at the end of each day: the running sum of a register's changes, in any scope."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Any

from slo.folding import Scope
from slo.measure import State
from slo.store import StateRow

Address = tuple[str | None, int | None, str | None, str | None, str | None]
"""asset, tier, team, domain, environment."""


class Timeline:
    """Changes by the dimensions they carry. ``first``: the day from which on it knows what stood."""

    def __init__(self, kind: type[State], rows: Iterable[StateRow], first: date) -> None:
        self.kind, self.first = kind, first
        self._rows: dict[Address, tuple[StateRow, list[tuple[date, Any]]]] = {}
        for row in rows:
            if row.state:
                address = (row.asset, row.tier, row.team, row.domain, row.environment)
                changes = self._rows.setdefault(address, (row, []))[1]
                changes.append((row.day, kind.from_json(row.state)))
        self._sums: dict[Scope, tuple[list[date], list[Any]]] = {}

    def at(self, day: date, scope: Scope) -> Any:
        """The merged state at the end of a day, in a scope."""
        if scope not in self._sums:
            self._sums[scope] = self._summed(scope)
        days, sums = self._sums[scope]
        place = bisect_right(days, day)
        return sums[place - 1] if place else self.kind.of(())

    def _summed(self, scope: Scope) -> tuple[list[date], list[Any]]:
        """Days on which anything changed, and what stood at the end of each."""
        changed: dict[date, list[Any]] = {}
        for row, changes in self._rows.values():
            if scope.holds(row):
                for day, state in changes:
                    changed.setdefault(day, []).append(state)
        days, sums = sorted(changed), []
        total: Any = self.kind.of(())
        for day in days:
            total = self.kind.together([total, *changed[day]])
            sums.append(total)
        return days, sums
