"""Reading facts: filters to SQL, rows to facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, or_, select

from slo.facts import Fact
from slo.store.codec import DECODERS, Row, decode_value, micros
from slo.store.connection import among, fetch
from slo.store.names import Names
from slo.store.tables import FACTS, FORMS, KEEPS_DELETED, told

Filter = Any
"""(lo, hi): half-open [lo, hi), None is open; a set or list: one of; None: is null; anything else: equals."""

_UNFILTERED = frozenset({"json", "spans", "names"})


def read_facts(
    connection: Connection, names: Names, kind: str, where: Mapping[str, Filter], order_by: str | None,
    limit: int | None, descending: bool,
) -> list[Fact]:  # fmt: skip
    """Facts of one kind. See Store.read."""
    names.refresh(connection)
    table = FACTS[kind]
    conditions = [_condition(connection, names, kind, field, wanted) for field, wanted in where.items()]
    statement = select(table).where(readable(kind), *conditions)
    if order_by is not None:
        statement = _ordered(statement, kind, order_by, descending)
    if limit is not None:
        statement = statement.limit(limit)
    return decode_rows(names, kind, fetch(connection, statement))


def decode_rows(names: Names, kind: str, rows: list[Row]) -> list[Fact]:
    """Facts of rows that begin with ``pk``."""
    decode, sources, assets, renamed = DECODERS[kind], names.sources.of_key, names.present, names.renamed
    return [decode(row, sources, assets, renamed) for row in rows]


def named(
    connection: Connection, names: Names, kind: str, where: Mapping[str, Filter], as_of: datetime
) -> dict[str, set[Any]]:
    """Asset, team and tier -> the values that facts of one kind bear. See Store.named."""
    names.refresh(connection)
    table = FACTS[kind]
    conditions = [_condition(connection, names, kind, field, wanted) for field, wanted in where.items()]
    seen = or_(table.c.placed_at.is_(None), table.c.placed_at <= micros(as_of))
    bearing = [field for field in ("asset", "assets", "team", "tier") if field in FORMS[kind]]
    found: dict[str, set[Any]] = {"asset": set()}
    if bearing:
        statement = select(*(table.c[field] for field in bearing)).where(readable(kind), seen, *conditions).distinct()
        columns = zip(*fetch(connection, statement), strict=True)
        found |= {field: set(values) - {None} for field, values in zip(bearing, columns, strict=False)}
    lists = (json.loads(text) for text in found.pop("assets", ()))
    found["asset"] = {names.present[key] for key in found["asset"]} | {
        names.renamed.get(name, name) for told in lists for name in told
    }
    return found


def readable(kind: str) -> ColumnElement[bool]:
    """Whether a row is shown to readers at all."""
    table = FACTS[kind]
    if kind in KEEPS_DELETED:  # one that was deleted before it was ever told has no content to show
        return or_(table.c.deleted.is_(False), table.c.asset.is_not(None))
    return table.c.deleted.is_(False)


def _ordered(statement: Select[Any], kind: str, order_by: str, descending: bool) -> Select[Any]:
    column = _column(kind, order_by)
    table = FACTS[kind]
    # nulls lowest in both databases; SQLite's own order, so its index serves it
    first = column.desc().nulls_last() if descending else column.asc().nulls_first()
    ties = [key.desc() if descending else key.asc() for key in (table.c.source_id, table.c.id)]
    return statement.order_by(first, *ties)


def _column(kind: str, field: str) -> ColumnElement[Any]:
    if field in ("id", "url", "placed_at", "revised_at", "deleted") or field in FORMS[kind]:
        return FACTS[kind].c[field]
    raise ValueError(f"{kind}.{field}: no such field to read by; one of {', '.join(FORMS[kind])}")


def _condition(connection: Connection, names: Names, kind: str, field: str, wanted: Filter) -> ColumnElement[bool]:
    if field == "source":
        sources = names.sources.of_name
        return _keyed(connection, FACTS[kind].c.source_id, wanted, lambda name: _known(sources, name))
    column = _column(kind, field)
    form = FORMS[kind].get(field)
    if wanted is None:
        return column.is_(None)
    if form in _UNFILTERED:
        raise ValueError(f"{kind}.{field}: lists and objects can only be read by null")
    if form == "asset":
        return _keyed(connection, column, wanted, names.keys_of_asset)
    if isinstance(wanted, tuple):
        return _within(column, *wanted)
    if isinstance(wanted, (set, frozenset, list)):
        return _one_of(connection, column, [_plain(value) for value in wanted])
    return equals(column, _plain(wanted))


def equals(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    equal: ColumnElement[bool] = column == value
    return equal


def _known(keys: Mapping[str, int], name: str) -> list[int]:
    return [keys[name]] if name in keys else []


def _keyed(connection: Connection, column: ColumnElement[Any], wanted: Filter, keys_of: Any) -> ColumnElement[bool]:
    """A filter by names on a column of keys."""
    if wanted is None:
        return column.is_(None)
    several = wanted if isinstance(wanted, (set, frozenset, list)) else [wanted]
    keys = [key for name in several if name is not None for key in keys_of(name)]
    matches = column == keys[0] if len(keys) == 1 else among(connection, column, sorted(keys))
    return or_(matches, column.is_(None)) if None in several else matches


def _within(column: ColumnElement[Any], low: Any, high: Any) -> ColumnElement[bool]:
    bounds = []
    if low is not None:
        bounds.append(column >= _plain(low))
    if high is not None:
        bounds.append(column < _plain(high))
    return and_(*bounds) if bounds else column.is_not(None)


def _one_of(connection: Connection, column: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
    present = [value for value in values if value is not None]
    matches = among(connection, column, sorted(present)) if present else false()
    return or_(matches, column.is_(None)) if None in values else matches


def _plain(value: Any) -> Any:
    return micros(value) if isinstance(value, datetime) else value


def original(connection: Connection, names: Names, fact: Fact) -> dict[str, Any]:
    """Field -> what was collected, of the fields that a correction overlays."""
    names.refresh(connection)
    table = FACTS[fact.kind_of_fact]
    statement = select(table.c.collected).where(
        table.c.source_id == names.sources.of_name.get(fact.source), table.c.id == fact.id
    )
    stored = connection.execute(statement).scalar()
    return {
        field: decode_value(fact.kind_of_fact, field, value, names.present, names.renamed)
        for field, value in json.loads(stored or "{}").items()
    }


def told_rows(connection: Connection, names: Names) -> list[tuple[str, str, int, int | None]]:
    """(source, kind, facts not deleted, least placed_at) of all that was ever told."""
    names.refresh(connection)
    rows = fetch(connection, select(told.c.source_id, told.c.kind, told.c.facts, told.c.earliest))
    return [(names.sources.of_key[row[0]], row[1], row[2], row[3]) for row in rows]


def asset_names(connection: Connection, names: Names) -> list[str]:
    """Present names of every asset with a key."""
    names.refresh(connection)
    return sorted(set(names.present.values()))
