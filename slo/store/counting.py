"""The table ``told``: how many facts each source tells, by kind, and since when. Kept right with every batch, so that
no one has to count millions of rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from slo.store.codec import DELETED, PLACED, SOURCE, Row
from slo.store.tables import FACTS, told
from slo.store.telling import readable


def count(connection: Connection, kind: str, pairs: Iterable[tuple[Row | None, Row]]) -> None:
    """Takes in rows (before, after): facts that are not deleted, and the earliest of them, a source."""
    placed = PLACED[kind]
    tallies: dict[int, _Tally] = {}
    for old, new in pairs:
        tally = tallies.get(new[SOURCE])
        if tally is None:
            tally = tallies[new[SOURCE]] = _Tally()
        if not new[DELETED]:
            tally.come(new[placed])
        if old is not None and not old[DELETED]:
            # An asset that ended was told all the same: its source has been seen since.
            tally.go(None if new[DELETED] and readable(kind, new) else old[placed])
    for source, tally in tallies.items():
        _tell(connection, kind, source, tally)


@dataclass(slots=True)
class _Tally:
    facts: int = 0
    earliest: int | None = None
    left: int | None = None
    """The earliest place that a fact left."""

    def come(self, place: int | None) -> None:
        self.facts += 1
        if place is not None and (self.earliest is None or place < self.earliest):
            self.earliest = place

    def go(self, place: int | None) -> None:
        self.facts -= 1
        if place is not None and (self.left is None or place < self.left):
            self.left = place

    def covers(self, place: int) -> bool:
        """Whether a fact came that stands as early."""
        return self.earliest is not None and self.earliest <= place


def _tell(connection: Connection, kind: str, source: int, tally: _Tally) -> None:
    here = (told.c.source_id == source, told.c.kind == kind)
    before = connection.execute(select(told.c.facts, told.c.earliest).where(*here)).one_or_none()
    if before is None:
        values = {"source_id": source, "kind": kind, "facts": tally.facts, "earliest": tally.earliest}
        connection.execute(told.insert().values(values))
        return
    earliest = min((place for place in (before.earliest, tally.earliest) if place is not None), default=None)
    if tally.left is not None and tally.left == before.earliest and not tally.covers(tally.left):
        table = FACTS[kind]
        alive = (table.c.source_id == source, table.c.deleted.is_(False))
        earliest = connection.execute(select(func.min(table.c.placed_at)).where(*alive)).scalar()
    connection.execute(told.update().where(*here).values(facts=before.facts + tally.facts, earliest=earliest))
