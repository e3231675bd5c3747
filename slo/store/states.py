"""States: the rows that KPIs keep a unit (an asset or the platform, and a day), and their roll-ups."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from slo.store.codec import Row, dump, micros, micros_or_none, moment_or_none
from slo.store.connection import among, fetch, insert_many, remove
from slo.store.names import Dim, Names
from slo.store.tables import rollups, states

Merge = Callable[[str, list[dict[str, Any]]], dict[str, Any]]
"""(KPI, states in a steady order) -> their merged state."""

_COLUMNS = ("kpi_id", "asset", "day", "dim_id", "state", "valid_from", "valid_until", "member", "matches")
_SHORT = 80
_ROLLED = ("kpi_id", "day", "dim_id", "state", "valid_from", "valid_until")


@dataclass(slots=True)
class StateRow:
    """What one KPI knows of one unit, slice and set of dimensions. Valid for an as-of in [valid_from, valid_until)."""

    slice: str
    asset: str | None
    day: date
    tier: int | None = None
    team: str | None = None
    domain: str | None = None
    environment: str | None = None
    state: dict[str, Any] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    member: str | None = None
    matches: list[Any] | None = None

    @property
    def dim(self) -> Dim:
        return (self.slice, self.tier, self.team, self.domain, self.environment)


@dataclass(frozen=True)
class Only:
    """Which rows are wanted; None: any. ``assets``: those of these assets. ``dims``: those of dimensions that it holds
    for, and all that match assets by themselves."""

    assets: Collection[str] | None = None
    dims: Callable[[Dim], bool] | None = None


ALL = Only()


class Touched:
    """Roll-ups whose rows have changed in this transaction; they are made anew at its end."""

    def __init__(self) -> None:
        self._keys: dict[str, set[tuple[int, int]]] = {}
        self._merges: dict[str, Merge] = {}

    def add(self, kpi: str, keys: Iterable[tuple[int, int]], merge: Merge) -> None:
        """``keys`` are (day, dim key) of rows of assets that came or went."""
        self._keys.setdefault(kpi, set()).update(keys)
        self._merges[kpi] = merge

    def drop(self, kpi: str) -> None:
        self._keys.pop(kpi, None)

    def rebuild(self, connection: Connection, names: Names) -> None:
        for kpi, keys in self._keys.items():
            for days in _stretches({day for day, _ in keys}):
                wanted = {key for key in keys if days[0] <= key[0] <= days[1]}
                _rebuild(connection, names, kpi, wanted, days, self._merges[kpi])
        self._keys.clear()


def put_states(
    connection: Connection, names: Names, touched: Touched, kpi: str, assets: Collection[str] | None,
    days: tuple[date, date | None], rows: Iterable[StateRow], merge: Merge,
) -> None:  # fmt: skip
    """Replaces the rows of units; only what differs is written. See Tx.put_states."""
    given = list(rows)
    _check_units(assets, days, given)
    names.refresh(connection)
    names.kpis.ensure(connection, [kpi])
    names.assets.ensure(connection, assets or ())
    names.dims.ensure(connection, [row.dim for row in given])
    key = names.kpis.of_name[kpi]
    old = _rows_of(connection, names, key, assets, days)
    new = Counter(_encoded(names, key, row) for row in given)
    gone = Counter(row[1:] for row in old) - new
    fresh = list((new - Counter(row[1:] for row in old)).elements())
    remove(connection, states, _keys_of(old, gone))
    insert_many(connection, states, _COLUMNS, fresh)
    if assets is not None:
        touched.add(kpi, {(row[2], row[3]) for row in [*gone, *fresh]}, merge)


def _check_units(assets: Collection[str] | None, days: tuple[date, date | None], rows: list[StateRow]) -> None:
    first, last = days
    for row in rows:
        of_unit = row.asset is None if assets is None else row.asset in assets
        if not of_unit or row.day < first or (last is not None and row.day > last):
            raise ValueError(f"a state of {row.asset} on {row.day} is not of the units that are replaced")


def _units(
    connection: Connection, names: Names, key: int, assets: Collection[str] | None, days: tuple[date, date | None]
) -> list[ColumnElement[bool]]:
    c, (first, last) = states.c, days
    keys = None if assets is None else sorted(names.assets.of_name[name] for name in set(assets))
    of_asset = c.asset.is_(None) if keys is None else among(connection, c.asset, keys)
    found = [c.kpi_id == key, of_asset, c.day >= first.toordinal()]
    return found if last is None else [*found, c.day <= last.toordinal()]


def _rows_of(
    connection: Connection, names: Names, key: int, assets: Collection[str] | None, days: tuple[date, date | None]
) -> list[Row]:
    """Stored rows of these units: pk, then _COLUMNS."""
    columns = [states.c.pk, *(states.c[name] for name in _COLUMNS)]
    return fetch(connection, select(*columns).where(*_units(connection, names, key, assets, days)))


def _keys_of(old: list[Row], gone: Counter[Row]) -> list[int]:
    left, keys = Counter(gone), []
    for pk, *row in old:
        if left[tuple(row)] > 0:
            left[tuple(row)] -= 1
            keys.append(pk)
    return keys


def _encoded(names: Names, key: int, row: StateRow) -> Row:
    asset = None if row.asset is None else names.assets.of_name[row.asset]
    matches = None if row.matches is None else dump(row.matches)
    span = (micros_or_none(row.valid_from), micros_or_none(row.valid_until))
    dim = names.dims.of_dim[row.dim]
    return (key, asset, row.day.toordinal(), dim, dump(row.state or {}), *span, row.member, matches)


def _stretches(days: Collection[int]) -> list[tuple[int, int]]:
    """Days as unbroken stretches (first, last)."""
    found: list[tuple[int, int]] = []
    for day in sorted(days):
        if found and day == found[-1][1] + 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _rebuild(
    connection: Connection, names: Names, kpi: str, wanted: set[tuple[int, int]], days: tuple[int, int], merge: Merge
) -> None:
    """Makes the roll-ups of these (day, dim) anew from their rows, in the order of the assets' names."""
    key, c = names.kpis.of_name[kpi], states.c
    in_dims = among(connection, c.dim_id, sorted({dim for _, dim in wanted}))
    columns = (c.day, c.dim_id, c.asset, c.member, c.state, c.valid_from, c.valid_until)
    statement = select(*columns).where(c.kpi_id == key, c.day.between(*days), in_dims, c.asset.is_not(None))
    groups: dict[tuple[int, int], list[Row]] = {}
    for row in fetch(connection, statement):
        if row[:2] in wanted:
            groups.setdefault(row[:2], []).append((names.assets.of_key[row[2]], row[3] or "", *row[4:]))
    _forget(connection, key, wanted)
    insert_many(connection, rollups, _ROLLED, [_rolled(kpi, key, unit, rows, merge) for unit, rows in groups.items()])


def _forget(connection: Connection, key: int, wanted: set[tuple[int, int]]) -> None:
    c = rollups.c
    by_dim: dict[int, list[int]] = {}
    for day, dim in wanted:
        by_dim.setdefault(dim, []).append(day)
    for dim, days in by_dim.items():
        in_days = among(connection, c.day, sorted(days))
        connection.execute(rollups.delete().where(c.kpi_id == key, c.dim_id == dim, in_days))


def _rolled(kpi: str, key: int, unit: tuple[int, int], rows: list[Row], merge: Merge) -> Row:
    rows.sort(key=lambda row: row[:3])
    merged = merge(kpi, [json.loads(row[2]) for row in rows])
    since = max((row[3] for row in rows if row[3] is not None), default=None)
    until = min((row[4] for row in rows if row[4] is not None), default=None)
    return (key, *unit, dump(merged), since, until)


def clear_states(connection: Connection, names: Names, touched: Touched, kpi: str) -> None:
    names.refresh(connection)
    key = names.kpis.of_name.get(kpi)
    connection.execute(states.delete().where(states.c.kpi_id == key))
    connection.execute(rollups.delete().where(rollups.c.kpi_id == key))
    touched.drop(kpi)


def read_states(
    connection: Connection, names: Names, kpi: str, slice_: str, first: date, last: date, asset: str | None,
    rollup: bool, only: Only = ALL,
) -> list[StateRow]:  # fmt: skip
    """Rows of [first, last], by day. See Store.states."""
    names.refresh(connection)
    key = names.kpis.of_name.get(kpi)
    in_slice = [dim_key for dim_key, dim in list(names.dims.of_key.items()) if dim[0] == slice_]
    c = states.c
    conditions = [c.kpi_id == key, c.day.between(first.toordinal(), last.toordinal())]
    rolled: list[StateRow] = []
    if asset is not None:
        conditions.append(c.asset == names.assets.of_name.get(asset))
    elif rollup:
        conditions.append(c.asset.is_(None))
        rolled = _read_rollups(connection, names, key, in_slice, first, last)
    columns = [c[name] for name in _COLUMNS]
    conditions += [among(connection, c.dim_id, in_slice), *_only(connection, names, only, in_slice)]
    statement = select(*columns).where(*conditions)
    found = [_decoded(names, row) for row in fetch(connection, statement)]
    return sorted([*rolled, *found], key=_steady)


def _only(connection: Connection, names: Names, only: Only, in_slice: list[int]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.assets is not None:
        keys = sorted(names.assets.of_name[name] for name in set(only.assets) if name in names.assets.of_name)
        found.append(among(connection, states.c.asset, keys))
    if only.dims is not None:
        wanted = [key for key in in_slice if only.dims(names.dims.of_key[key])]
        found.append(or_(among(connection, states.c.dim_id, wanted), states.c.matches.is_not(None)))
    return found


def _steady(row: StateRow) -> Any:
    tier = -1 if row.tier is None else row.tier
    return (row.day, row.asset or "", tier, row.team or "", row.domain or "", row.environment or "", row.member or "")


def _read_rollups(
    connection: Connection, names: Names, key: int | None, in_slice: Sequence[int], first: date, last: date
) -> list[StateRow]:
    c = rollups.c
    days = c.day.between(first.toordinal(), last.toordinal())
    columns = (c.kpi_id, c.dim_id, c.day, c.dim_id, c.state, c.valid_from, c.valid_until)
    statement = select(*columns).where(c.kpi_id == key, days, among(connection, c.dim_id, in_slice))
    rows = fetch(connection, statement)
    return [_decoded(names, (row[0], None, row[2], *row[3:], None, None)) for row in rows]


@lru_cache(maxsize=8_192)
def _kept(state: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(state)
    return told


def _told(state: str) -> dict[str, Any]:
    """What a state says; the short ones are much alike (a day on which all went well) and are read once. Nobody writes
    to them."""
    return _kept(state) if len(state) < _SHORT else json.loads(state)


def _decoded(names: Names, row: Row) -> StateRow:
    _, asset, day, dim_key, state, valid_from, valid_until, member, matches = row
    name = None if asset is None else names.assets.of_key[asset]
    dim = names.dims.of_key[dim_key]
    return StateRow(
        dim[0], name, date.fromordinal(day), *dim[1:], _told(state), moment_or_none(valid_from),
        moment_or_none(valid_until), member, None if matches is None else json.loads(matches),
    )  # fmt: skip


def expiring(connection: Connection, names: Names, kpi: str, at: datetime) -> list[tuple[str | None, date]]:
    """Units with a row whose valid_until is not after ``at``, by day."""
    names.refresh(connection)
    c = states.c
    statement = (
        select(c.asset, c.day)
        .distinct()
        .where(c.kpi_id == names.kpis.of_name.get(kpi), c.valid_until.is_not(None), c.valid_until <= micros(at))
    )
    found = [(None if row[0] is None else names.assets.of_key[row[0]], row[1]) for row in fetch(connection, statement)]
    return [(asset, date.fromordinal(day)) for asset, day in sorted(found, key=lambda unit: (unit[1], unit[0] or ""))]
