"""A scope's states parted by a dimension: every fact is in exactly one group, so that the groups merge to the whole.

A platform row (an incident, a deployment) may match several teams: it stands in the group SEVERAL then, once. An asset
that is judged as a whole is not cut through: it stands in the group of its last row in the window. A key that several
groups hold (Distinct) is SEVERAL's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slo.folding import Scope
from slo.measure import Change, Distinct, Levels, Share, State, Totals, merge_all
from slo.states import Decoded
from slo.store import StateRow

NONE, SEVERAL = "none", "several"
"""Group of what has no such dimension; group of what has more than one of it."""
_PLACE = {"asset": 0, "team": 1, "domain": 2}
"""Where a dimension stands in a platform row's matches."""
WHOLE = (Share, Change, Totals, Levels)
"""Measures that look at each asset by itself first."""


def group_of(row: StateRow, by: str, scope: Scope) -> Any:
    """The one group of a row. Of a platform row only the matches inside the asked scope speak."""
    if row.matches is None or by == "tier":
        value = getattr(row, by)
        return NONE if value is None else value
    inside = [match for match in row.matches if scope.matches([match], row.tier)]
    found = {match[_PLACE[by]] for match in inside} - {None}
    if len(found) > 1:
        return SEVERAL
    return next(iter(found), NONE)


@dataclass(frozen=True)
class Cut:
    """How rows are parted: by the group of each row, or, where ``owners`` is told, by that of its asset; of a Distinct
    by that of its key."""

    by: str
    scope: Scope
    kind: type[State]
    owners: Mapping[str | None, Any] | None = None

    def parted(self, rows: Decoded) -> dict[Any, Any]:
        """Group -> its merged state."""
        if issubclass(self.kind, Distinct):
            return self._by_key(merge_all(self.kind, (state for _, state in rows)))
        groups: dict[Any, list[Any]] = {}
        for row, state in rows:
            own = group_of(row, self.by, self.scope) if self.owners is None else self.group(row.asset)
            groups.setdefault(own, []).append(state)
        return {group: merge_all(self.kind, states) for group, states in groups.items()}

    def group(self, asset: str | None) -> Any:
        """The group of an asset that is judged as a whole."""
        if self.owners is None:
            return NONE if asset is None else asset
        return self.owners.get(asset, NONE)

    def _by_key(self, state: Distinct) -> dict[Any, Distinct]:
        groups: dict[Any, set[str]] = {}
        for key in state.keys:
            groups.setdefault(self.group(key), set()).add(key)
        return {group: state.only(members) for group, members in groups.items()}


def cut(rows: Decoded, by: str, scope: Scope, kind: type[State], judged: bool) -> Cut:
    """The cut of a window's rows. ``judged``: the KPI judges each asset as a whole, whatever its measure."""
    if issubclass(kind, Distinct):
        return Cut(by, scope, kind, _holders(rows, by, scope))
    if (judged or issubclass(kind, WHOLE)) and by != "asset":
        return Cut(by, scope, kind, _last(rows, by, scope))
    return Cut(by, scope, kind)


def _last(rows: Decoded, by: str, scope: Scope) -> dict[str | None, Any]:
    """Asset -> the group of its last row; of one moment's rows any fixed choice does."""
    return {row.asset: group_of(row, by, scope) for row, _ in sorted(rows, key=lambda pair: _order(pair[0]))}


def _order(row: StateRow) -> tuple[str, ...]:
    since = "" if row.valid_from is None else row.valid_from.isoformat()
    return row.day.isoformat(), since, *(str(part) for part in row.dim)


def _holders(rows: Decoded, by: str, scope: Scope) -> dict[str | None, Any]:
    """Key -> the one group that holds it, or SEVERAL."""
    groups: dict[Any, list[Any]] = {}
    for row, state in rows:
        groups.setdefault(group_of(row, by, scope), []).append(state)
    held: dict[str | None, Any] = {}
    for group, states in groups.items():
        held.update({key: SEVERAL if key in held else group for key in merge_all(Distinct, states).keys})
    return held
