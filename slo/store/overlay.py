"""Corrections, laid over collected rows when they are written. The row holds the effective values, its column
``collected`` what the source told, so that a correction can change and go without asking the source again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from slo.errors import FactError
from slo.facts import ENVELOPE, INFERRED, KINDS, REQUIRED, Correction, Fact
from slo.interchange import convert, field_name, wire_name
from slo.store.codec import (
    FIELDS,
    ID,
    PLACED,
    SOURCE,
    Row,
    collected_at,
    dump,
    encode_value,
    placed,
    position,
)
from slo.store.connection import among, fetch
from slo.store.names import Names
from slo.store.tables import FACTS, FORMS
from slo.store.telling import Key

_STEERING = ("correction", "alias")
"""Kinds that steer the store itself: to change one, tell it again."""


def sound(facts: list[Fact], refuse: Callable[[Fact, FactError], None]) -> list[Fact]:
    """The corrections that can be laid; the others are refused."""
    good: list[Fact] = []
    for fact in facts:
        try:
            if not fact.deleted:
                _check(fact)
            good.append(fact)
        except FactError as error:
            refuse(fact, error)
    return good


def _check(fact: Fact) -> None:
    assert isinstance(fact, Correction)
    kind = fact.target_fact
    where = f"correction {fact.id!r} of {fact.source!r}"
    if kind not in KINDS or kind in _STEERING:
        possible = ", ".join(kind for kind in KINDS if kind not in _STEERING)
        raise FactError(f"{where}: target_fact: {kind!r} cannot be corrected; expected one of {possible}")
    if not isinstance(fact.set, dict) or not fact.set:
        raise FactError(f"{where}: set: {fact.set!r}: expected an object of fields and their right values")
    if not fact.target_id:
        raise FactError(f"{where}: target_id: missing; a correction names the fact it corrects")
    for key, value in fact.set.items():
        _converted(where, kind, key, value)


def _converted(where: str, kind: str, key: str, value: Any) -> tuple[str, Any]:
    """Field and value of one item of ``set``."""
    field = field_name(kind, key)
    if field is None or (field in ENVELOPE and field != "url"):
        known = ", ".join(wire_name(field) for field in FORMS[kind])
        raise FactError(f"{where}: set.{key}: a {kind} has no such field to correct; one of {known}")
    if value is None and key in REQUIRED.get(kind, ()):
        raise FactError(f"{where}: set.{key}: null: every {kind} names its {key}; give a value")
    try:
        return field, None if value is None else convert(kind, key, value)
    except FactError as error:
        raise FactError(f"{where}: set.{key}: {error}") from None


def targets(corrections: list[Row]) -> dict[str, set[str]]:
    """Kind -> ids that these rows of corrections name."""
    kind_at, id_at = FIELDS["correction"]["target_fact"], FIELDS["correction"]["target_id"]
    named: dict[str, set[str]] = {}
    for row in corrections:
        if row[kind_at] in KINDS and row[id_at] is not None:
            named.setdefault(row[kind_at], set()).add(row[id_at])
    return named


def uncover(kind: str, row: Row) -> Row:
    """The row as it was collected."""
    stored = row[collected_at(kind)]
    if stored is None:
        return row
    values = list(row)
    for field, value in json.loads(stored).items():
        values[position(kind, field)] = value
    values[collected_at(kind)] = None
    values[PLACED[kind]] = placed(kind, tuple(values))
    return tuple(values)


def laid(connection: Connection, names: Names, kind: str, rows: dict[Key, Row]) -> dict[Key, Row]:
    """Collected rows with the present corrections laid over."""
    if not rows or kind in _STEERING:
        return rows
    found = _corrections(connection, names, kind, sorted({row[ID] for row in rows.values()}))
    if not found:
        return rows
    return {
        key: _lay(connection, names, kind, row, found[row[ID]]) if row[ID] in found else row
        for key, row in rows.items()
    }


def _corrections(connection: Connection, names: Names, kind: str, ids: list[str]) -> dict[str, list[Row]]:
    """Target id -> (target_id, target_source, set, at, id) in the order in which they are laid: what Tierline itself
    inferred under everything else, then by time, then id."""
    c = FACTS["correction"].c
    statement = select(c.target_id, c.target_source, c.set, c.at, c.id, c.source_id).where(
        c.target_fact == kind, among(connection, c.target_id, ids), c.deleted.is_(False)
    )
    rows = fetch(connection, statement)
    if rows:
        names.refresh(connection)

    def told(row: Row) -> tuple[Any, ...]:
        return names.sources.of_key[row[5]] != INFERRED, row[3] is not None, row[3] or 0, *row[4:]

    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=told):
        found.setdefault(row[0], []).append(row)
    return found


def _lay(connection: Connection, names: Names, kind: str, row: Row, corrections: list[Row]) -> Row:
    source = names.sources.of_key[row[SOURCE]]
    right: dict[str, Any] = {}
    for _, target_source, wanted, *_ in corrections:
        if target_source in (None, source):
            for key, value in json.loads(wanted).items():
                field, converted = _converted("correction", kind, key, value)
                right[field] = _column_value(connection, names, kind, field, converted)
    return _covered(kind, row, right) if right else row


def _column_value(connection: Connection, names: Names, kind: str, field: str, value: Any) -> Any:
    if field != "url" and FORMS[kind][field] == "asset" and value is not None:
        names.assets.ensure(connection, [value])
    return encode_value(kind, field, value, names.assets.of_name)


def _covered(kind: str, row: Row, right: dict[str, Any]) -> Row:
    values = list(row)
    for field, value in right.items():
        values[position(kind, field)] = value
    values[collected_at(kind)] = dump({field: row[position(kind, field)] for field in right})
    values[PLACED[kind]] = placed(kind, tuple(values))
    return tuple(values)
