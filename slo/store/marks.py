"""Changes and marks: what has happened since the last refresh, and which units are to be worked out anew."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, or_, select

from slo.facts import Fact
from slo.store.connection import among, fetch, insert_many, remove
from slo.store.names import Names
from slo.store.reading import decode_rows, readable
from slo.store.tables import FACTS, changes, marks

_FOREVER = date.max.toordinal() + 1


@dataclass(slots=True)
class ChangeRow:
    """One change: a fact as it is now and as readers saw it before. ``new`` is None where it is gone, ``old`` where it
    was told for the first time; never both. (An asset whose deletion came before its first telling has that as ``new``,
    with ``deleted`` set, as it is read.)"""

    seq: int
    new: Fact | None
    old: Fact | None


@dataclass(slots=True)
class Mark:
    """Units to work out anew: an asset's (None: the platform's own) days first to last; last None is to the end."""

    asset: str | None
    first: date
    last: date | None
    id: int = 0


def changed_kinds(connection: Connection) -> set[str]:
    """Kinds of fact that have changes."""
    return {row[0] for row in fetch(connection, select(changes.c.kind).distinct())}


def changed_span(connection: Connection, kinds: Iterable[str]) -> tuple[int, int] | None:
    """The least and the greatest place in time (microseconds) of changed facts of these kinds, as they are and as they
    were; None where none has a place."""
    places: list[int] = []
    for kind in kinds:
        table = FACTS[kind]
        ends = select(func.min(table.c.placed_at), func.max(table.c.placed_at)).join_from(
            changes, table, (changes.c.kind == kind) & (changes.c.pk == table.c.pk)
        )
        was = fetch(connection, select(changes.c.old).where(changes.c.kind == kind, changes.c.old.is_not(None)))
        told = [*fetch(connection, ends)[0], *(json.loads(row[0]).get("placed_at") for row in was)]
        places += [place for place in told if place is not None]
    return (min(places), max(places)) if places else None


def read_changes(connection: Connection, names: Names, limit: int) -> list[ChangeRow]:
    """The oldest changes. Those of facts that came and went in between say nothing: they are dropped here."""
    names.refresh(connection)
    columns = (changes.c.seq, changes.c.kind, changes.c.pk, changes.c.old)
    while True:
        rows = fetch(connection, select(*columns).order_by(changes.c.seq).limit(limit))
        now = _present(connection, names, rows)
        found = [_change(seq, now.get((kind, pk)), _past(names, kind, old)) for seq, kind, pk, old in rows]
        void = [row.seq for row in found if row.new is None and row.old is None]
        remove(connection, changes, void)
        if len(void) < len(found) or not found:
            return [row for row in found if row.seq not in set(void)]


def _change(seq: int, now: Fact | None, old: Fact | None) -> ChangeRow:
    gone = now is not None and now.deleted and old is not None
    return ChangeRow(seq, None if gone else now, old)


def _present(connection: Connection, names: Names, rows: list[tuple[object, ...]]) -> dict[tuple[str, int], Fact]:
    """The facts behind these changes, as they are read now."""
    wanted: dict[str, set[int]] = {}
    for _, kind, pk, _ in rows:
        wanted.setdefault(str(kind), set()).add(int(str(pk)))
    found: dict[tuple[str, int], Fact] = {}
    for kind, pks in wanted.items():
        table = FACTS[kind]
        statement = select(table).where(among(connection, table.c.pk, sorted(pks)), readable(kind))
        stored = fetch(connection, statement)
        for row, fact in zip(stored, decode_rows(names, kind, stored), strict=True):
            found[kind, row[0]] = fact
    return found


def _past(names: Names, kind: str, old: str | None) -> Fact | None:
    if old is None:
        return None
    content = json.loads(old)
    row = tuple(content.get(column.name) for column in FACTS[kind].columns)
    return decode_rows(names, kind, [row])[0]


def drop_changes(connection: Connection, upto: int) -> None:
    connection.execute(changes.delete().where(changes.c.seq <= upto))


def add_marks(connection: Connection, names: Names, kpi: str, wanted: Iterable[Mark]) -> None:
    """Marks units. Stretches that overlap or touch become one, under a new number: whoever works on the old one and
    then takes it away takes away nothing of what came after."""
    spans = _by_asset(wanted)
    if not spans:
        return
    names.refresh(connection)
    names.kpis.ensure(connection, [kpi])
    names.assets.ensure(connection, [asset for asset in spans if asset is not None])
    kpi_key = names.kpis.of_name[kpi]
    keyed = {None if asset is None else names.assets.of_name[asset]: found for asset, found in spans.items()}
    replaced: list[int] = []
    for pk, asset, first, last in _stored(connection, kpi_key, list(keyed)):
        stored = (first, _FOREVER if last is None else last)
        if any(_touch(stored, span) for span in keyed[asset]):
            replaced.append(pk)
            keyed[asset] = _united([*keyed[asset], stored])
    remove(connection, marks, replaced)
    rows = [
        (kpi_key, asset, first, None if last == _FOREVER else last)
        for asset, found in keyed.items()
        for first, last in found
    ]
    insert_many(connection, marks, ("kpi_id", "asset", "first", "last"), rows)


def _by_asset(wanted: Iterable[Mark]) -> dict[str | None, list[tuple[int, int]]]:
    spans: dict[str | None, list[tuple[int, int]]] = {}
    for mark in wanted:
        last = _FOREVER if mark.last is None else mark.last.toordinal()
        spans.setdefault(mark.asset, []).append((mark.first.toordinal(), last))
    return {asset: _united(found) for asset, found in spans.items()}


def _united(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in sorted(span for span in spans if span[0] <= span[1]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] + 1 and other[0] <= one[1] + 1


def _stored(connection: Connection, kpi_key: int, assets: list[int | None]) -> list[tuple[int, int | None, int, int]]:
    c = marks.c
    of_assets = among(connection, c.asset, sorted(key for key in assets if key is not None))
    of_any = or_(of_assets, c.asset.is_(None)) if None in assets else of_assets
    statement = select(c.id, c.asset, c.first, c.last).where(c.kpi_id == kpi_key, of_any).order_by(c.first)
    return [(row[0], row[1], row[2], row[3]) for row in fetch(connection, statement)]


def read_marks(connection: Connection, names: Names, kpi: str, limit: int) -> list[Mark]:
    """The oldest marks of a KPI."""
    names.refresh(connection)
    c = marks.c
    statement = select(c.id, c.asset, c.first, c.last).where(c.kpi_id == names.kpis.of_name.get(kpi))
    found = fetch(connection, statement.order_by(c.id).limit(limit))
    return [
        Mark(
            None if asset is None else names.assets.of_key[asset],
            date.fromordinal(first),
            None if last is None else date.fromordinal(last),
            key,
        )
        for key, asset, first, last in found
    ]


def drop_marks(connection: Connection, names: Names, kpi: str, ids: Iterable[int]) -> None:
    names.refresh(connection)
    of_kpi = marks.c.kpi_id == names.kpis.of_name.get(kpi)
    connection.execute(marks.delete().where(of_kpi, among(connection, marks.c.id, sorted(ids))))
