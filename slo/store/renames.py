"""Aliases: an asset renamed, its history follows. Facts keep the key they were told under; each key knows the name that
its asset bears now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select

from slo.errors import FactError
from slo.facts import Alias, Fact
from slo.store.codec import micros_or_none
from slo.store.connection import fetch, update_many
from slo.store.names import ALIASES, Names
from slo.store.tables import FACTS, asset_names, meta

Renames = dict[tuple[str, str], tuple[int, str, str]]
"""(source, id) of an alias -> (order of telling, old, new)."""


def without_cycles(
    connection: Connection, names: Names, facts: list[Fact], refuse: Callable[[Fact, FactError], None]
) -> list[Fact]:
    """The aliases that can be followed; one that would close a circle is refused."""
    names.refresh(connection)
    known = _stored(connection, names)
    good: list[Fact] = []
    for fact in facts:
        assert isinstance(fact, Alias)
        told = {**known}
        told.pop((fact.source, fact.id), None)
        if not fact.deleted and fact.old and fact.new:
            told[fact.source, fact.id] = (micros_or_none(fact.revised_at) or 0, fact.old, fact.new)
            if circle := _circle(_edges(told), fact.old):
                refuse(fact, _refusal(fact, circle))
                continue
        known = told
        good.append(fact)
    return good


def _refusal(fact: Alias, circle: list[str]) -> FactError:
    path = " -> ".join(circle)
    return FactError(f"alias {fact.id!r} of {fact.source!r}: {path} goes in a circle; delete one of these aliases")


def _stored(connection: Connection, names: Names) -> Renames:
    table = FACTS["alias"].c
    columns = (table.source_id, table.id, table.revised_at, table.old, table.new)
    statement = select(*columns).where(table.deleted.is_(False)).order_by(table.pk)
    sources = names.sources.of_key
    return {(sources[row[0]], row[1]): (row[2] or 0, row[3], row[4]) for row in fetch(connection, statement)}


def _edges(told: Renames) -> dict[str, str]:
    """Old name -> new. Where several speak of one name, the one told last is followed."""
    return {old: new for _, old, new in sorted(told.values(), key=lambda item: item[0])}


def _circle(edges: Mapping[str, str], start: str) -> list[str]:
    path = [start]
    while path[-1] in edges:
        path.append(edges[path[-1]])
        if path[-1] == start or len(path) > len(edges) + 1:
            return path
    return []


def apply(connection: Connection, names: Names) -> None:
    """Writes the present name of every renamed asset, and tells readers that names have moved."""
    edges = _edges(_stored(connection, names))
    names.assets.ensure(connection, {name for pair in edges.items() for name in pair})
    present = {old: _end(edges, old) for old in edges}
    stored = select(asset_names.c.name).where(asset_names.c.canonical_id.is_not(None))
    before = [row[0] for row in fetch(connection, stored)]
    keys = names.assets.of_name
    rows = [(keys[present[old]] if old in present else None, keys[old]) for old in {*before, *present}]
    update_many(connection, asset_names, ("canonical_id",), rows)
    _raise_version(connection)
    names.refresh(connection)


def _end(edges: Mapping[str, str], name: str) -> str:
    while name in edges:
        name = edges[name]
    return name


def _raise_version(connection: Connection) -> None:
    here = meta.c.key == ALIASES
    version = connection.execute(select(meta.c.value).where(here)).scalar()
    connection.execute(meta.delete().where(here))
    connection.execute(meta.insert().values(key=ALIASES, value=str(int(version or 0) + 1)))
