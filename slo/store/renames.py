"""Aliases: an asset renamed, its history follows. Facts keep the key they were told under; each key knows the name that
its asset bears now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from slo.errors import FactError
from slo.facts import Alias, Fact
from slo.store.codec import micros_or_none, older
from slo.store.connection import fetch, update_many
from slo.store.names import ALIASES, Names
from slo.store.tables import FACTS, asset_names, meta


@dataclass(frozen=True)
class _Rename:
    """One alias as it was last told; ``old`` is None where it is deleted."""

    revised_at: int | None
    old: str | None
    new: str | None


_Told = dict[tuple[str, str], _Rename]
"""(source, id) of an alias -> its telling, in the order in which they first came."""


def without_cycles(
    connection: Connection, names: Names, facts: list[Fact], refuse: Callable[[Fact, FactError], None]
) -> list[Fact]:
    """The aliases that can be followed; one that would close a circle is refused."""
    names.refresh(connection)
    known = _stored(connection, names)
    good: list[Fact] = []
    for fact in facts:
        assert isinstance(fact, Alias)
        told = _with(known, fact)
        circle = _circle(_edges(told), fact.old) if told is not known and fact.old else []
        if circle:
            path = " -> ".join(circle)
            where = f"alias {fact.id!r} of {fact.source!r}"
            refuse(fact, FactError(f"{where}: {path} goes in a circle; delete one of these aliases"))
        else:
            known = told
            good.append(fact)
    return good


def _with(known: _Told, fact: Alias) -> _Told:
    """What is known after this telling; ``known`` itself where the telling is too old to matter or has no offset."""
    if fact.revised_at is not None and fact.revised_at.tzinfo is None:
        return known
    key, revised = (fact.source, fact.id), micros_or_none(fact.revised_at)
    if key in known and older(revised, known[key].revised_at):
        return known
    return {**known, key: _Rename(revised, None if fact.deleted else fact.old, fact.new)}


def _stored(connection: Connection, names: Names) -> _Told:
    table = FACTS["alias"].c
    columns = (table.source_id, table.id, table.revised_at, table.old, table.new, table.deleted)
    rows = fetch(connection, select(*columns).order_by(table.pk))
    sources = names.sources.of_key
    return {
        (sources[source], id_): _Rename(revised, None if deleted else old, new)
        for source, id_, revised, old, new, deleted in rows
    }


def _edges(told: _Told) -> dict[str, str]:
    """Old name -> new. Where several speak of one name, the one with the latest revised_at is followed."""
    ordered = sorted(told.values(), key=lambda rename: (rename.revised_at is not None, rename.revised_at or 0))
    return {rename.old: rename.new for rename in ordered if rename.old and rename.new}


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
