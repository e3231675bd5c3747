"""Storing facts: identity, the latest telling, the change log. One batch is one short writing transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Connection, func, select

from slo.errors import FactError
from slo.facts import Fact
from slo.store import overlay, renames
from slo.store.codec import ENCODERS, ID, SOURCE, Row, asset_names_of, why_not
from slo.store.connection import among, fetch, insert_many, update_many
from slo.store.counting import count
from slo.store.names import Names
from slo.store.tables import FACTS, changes, told
from slo.store.telling import Counts, Key, old_content, readable, seen_differently, settle

BATCH = 5000
"""Facts a writing transaction: enough to spread its cost, few enough to keep it well under a second."""

Refuse = Callable[[Fact, FactError], None]


@dataclass
class Existing:
    """Rows of a batch's identities as they stand before it."""

    pks: dict[Key, int] = field(default_factory=dict)
    effective: dict[Key, Row] = field(default_factory=dict)
    """With corrections laid over."""
    collected: dict[Key, Row] = field(default_factory=dict)
    """As the sources told them."""


def batches(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    source = iter(facts)
    while batch := list(islice(source, BATCH)):
        yield batch


def write_batch(connection: Connection, names: Names, facts: list[Fact]) -> tuple[Counts, list[tuple[Fact, FactError]]]:
    """Stores a batch within an open writing transaction. Also returns what cannot be stored, and why."""
    refused: list[tuple[Fact, FactError]] = []
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.kind_of_fact, []).append(fact)
    counts = Counts()
    for kind in sorted(groups, key=lambda kind: kind not in ("alias", "correction")):
        counts.add(_write_kind(connection, names, kind, groups[kind], lambda *refusal: refused.append(refusal)))
    return counts, refused


def _write_kind(connection: Connection, names: Names, kind: str, facts: list[Fact], refuse: Refuse) -> Counts:
    names.sources.ensure(connection, {fact.source for fact in facts if isinstance(fact.source, str)})
    names.assets.ensure(connection, asset_names_of(kind, facts))
    if kind == "alias":
        facts = renames.without_cycles(connection, names, facts, refuse)
    elif kind == "correction":
        facts = overlay.sound(facts, refuse)
    rows = _encoded(names, kind, facts, refuse)
    existing = _existing(connection, kind, rows)
    after, counts = settle(kind, rows, existing.collected)
    touched = _store(connection, names, kind, existing, after)
    if kind == "alias" and touched:
        renames.apply(connection, names)
    elif kind == "correction":
        _relay(connection, names, touched)
    return counts


def _encoded(names: Names, kind: str, facts: list[Fact], refuse: Refuse) -> list[Row]:
    encode, sources, assets = ENCODERS[kind], names.sources.of_name, names.assets.of_name
    try:
        return [encode(fact, sources, assets) for fact in facts]
    except (TypeError, ValueError, KeyError, AttributeError):
        return list(_encoded_singly(names, kind, facts, refuse))


def _encoded_singly(names: Names, kind: str, facts: list[Fact], refuse: Refuse) -> Iterator[Row]:
    for fact in facts:
        try:
            yield ENCODERS[kind](fact, names.sources.of_name, names.assets.of_name)
        except (TypeError, ValueError, KeyError, AttributeError):
            refuse(fact, why_not(fact, names.assets.of_name))


def _existing(connection: Connection, kind: str, rows: list[Row]) -> Existing:
    """What is stored under the identities of these rows."""
    ids: dict[int, set[str]] = {}
    for row in rows:
        ids.setdefault(row[SOURCE], set()).add(row[ID])
    table, found = FACTS[kind], Existing()
    for source, wanted in ids.items():
        condition = among(connection, table.c.id, sorted(wanted))
        for stored in fetch(connection, select(table).where(table.c.source_id == source, condition)):
            _note(found, kind, stored)
    return found


def _note(found: Existing, kind: str, stored: Row) -> None:
    row = stored[1:]
    key = row[:2]
    found.pks[key] = stored[0]
    found.effective[key] = row
    found.collected[key] = overlay.uncover(kind, row)


def _store(connection: Connection, names: Names, kind: str, existing: Existing, after: dict[Key, Row]) -> list[Row]:
    """Writes what differs, with its changes. Returns the rows that changed, old and new."""
    moved = {key: row for key, row in after.items() if existing.collected.get(key) != row}
    laid = overlay.laid(connection, names, kind, moved)
    fresh = [(key, row) for key, row in laid.items() if key not in existing.pks]
    known = [(key, row) for key, row in laid.items() if key in existing.pks]
    inserted = _insert(connection, kind, [row for _, row in fresh])
    _update(connection, kind, [(*row, existing.pks[key]) for key, row in known])
    visible = [(key, row) for key, row in known if seen_differently(kind, existing.effective[key], row)]
    logged: list[Row] = [(kind, pk, None) for pk, row in inserted if readable(kind, row)]
    logged += [(kind, existing.pks[key], old_content(kind, existing.effective[key])) for key, _ in visible]
    insert_many(connection, changes, ("kind", "pk", "old"), logged)
    count(connection, kind, [(None, row) for _, row in fresh] + [(existing.effective[key], row) for key, row in known])
    return [row for _, row in fresh] + [row for key, new in visible for row in (existing.effective[key], new)]


def _insert(connection: Connection, kind: str, rows: list[Row]) -> list[tuple[int, Row]]:
    """New rows, numbered from the highest key on: only one writer works at a time."""
    if not rows:
        return []
    table = FACTS[kind]
    top = connection.execute(select(func.coalesce(func.max(table.c.pk), 0))).scalar_one()
    numbered = list(enumerate(rows, top + 1))
    insert_many(connection, table, [column.name for column in table.columns], [(pk, *row) for pk, row in numbered])
    return numbered


def _update(connection: Connection, kind: str, rows: list[Row]) -> None:
    table = FACTS[kind]
    update_many(connection, table, [column.name for column in table.columns if column.name != "pk"], rows)


def _relay(connection: Connection, names: Names, corrections: list[Row]) -> None:
    """Lays corrections that came, changed or went over the facts they name."""
    for kind, wanted in overlay.targets(corrections).items():
        found = _stored_by_id(connection, kind, wanted)
        _store_again(connection, names, kind, found)


def _stored_by_id(connection: Connection, kind: str, ids: set[str]) -> Existing:
    """Rows with these ids, of any source."""
    table, found = FACTS[kind], Existing()
    by_id = among(connection, table.c.id, sorted(ids))
    for source in sorted(_sources_of(connection, kind)):
        for stored in fetch(connection, select(table).where(table.c.source_id == source, by_id)):
            _note(found, kind, stored)
    return found


def _sources_of(connection: Connection, kind: str) -> list[int]:
    return [row[0] for row in fetch(connection, select(told.c.source_id).where(told.c.kind == kind))]


def _store_again(connection: Connection, names: Names, kind: str, found: Existing) -> None:
    laid = overlay.laid(connection, names, kind, found.collected)
    moved = {key: row for key, row in laid.items() if row != found.effective[key]}
    _update(connection, kind, [(*row, found.pks[key]) for key, row in moved.items()])
    visible = [key for key, row in moved.items() if seen_differently(kind, found.effective[key], row)]
    logged: list[Row] = [(kind, found.pks[key], old_content(kind, found.effective[key])) for key in visible]
    insert_many(connection, changes, ("kind", "pk", "old"), logged)
    count(connection, kind, [(found.effective[key], row) for key, row in moved.items()])
