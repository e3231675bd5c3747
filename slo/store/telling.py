"""Which telling of a fact stands. Pure: rows in, rows out."""

from __future__ import annotations

from dataclasses import dataclass

from slo.store.codec import DELETED, FIELDS, REVISED, URL, Row, dump, older
from slo.store.tables import FACTS, KEEPS_DELETED

Key = tuple[int, str]
"""Source and id: the identity of a fact among those of its kind."""


@dataclass
class Counts:
    """What became of the tellings."""

    stored: int = 0
    """Told for the first time, with new content, or as gone."""
    unchanged: int = 0
    """Told again with the same content."""
    superseded: int = 0
    """Older than what is stored."""

    def add(self, other: Counts) -> None:
        self.stored += other.stored
        self.unchanged += other.unchanged
        self.superseded += other.superseded


def settle(kind: str, rows: list[Row], before: dict[Key, Row]) -> tuple[dict[Key, Row], Counts]:
    """The rows as they stand after tellings arrived in this order, and what became of each telling."""
    after, counts = dict(before), Counts()
    for row in rows:
        key = row[:2]
        old = after.get(key)
        if old is None:
            after[key] = row if readable(kind, row) else _tombstone(row)
            counts.stored += 1
            continue
        after[key], verdict = _later(kind, old, row)
        setattr(counts, verdict, getattr(counts, verdict) + 1)
    return after, counts


def _tombstone(row: Row) -> Row:
    """Gone before it was ever told: identity only."""
    return (*row[:URL], *(None for _ in row[URL:]))


def _later(kind: str, old: Row, new: Row) -> tuple[Row, str]:
    """The row that stands after ``new`` arrived on ``old``, and what became of the telling."""
    keeps = kind in KEEPS_DELETED
    if older(new[REVISED], old[REVISED]):
        return _behind_deletion(kind, old, new) if keeps and old[DELETED] and not new[DELETED] else (old, "superseded")
    if not new[DELETED]:
        return new, "unchanged" if old[DELETED:] == new[DELETED:] else "stored"
    if old[DELETED]:
        row = (*old[:REVISED], new[REVISED], *old[DELETED:])
        return row, "stored" if keeps and row != old else "unchanged"
    row = (*old[:REVISED], new[REVISED], True, *old[DELETED + 1 :])
    return (*row[:-1], old[REVISED]) if keeps else row, "stored"


def _behind_deletion(kind: str, old: Row, new: Row) -> tuple[Row, str]:
    """A telling from before a deletion: the fact stays gone, but its last content may be this one."""
    empty = old[FIELDS[kind]["asset"]] is None
    if not empty and older(new[REVISED], old[-1]):
        return old, "superseded"
    row = (*old[:URL], *new[URL:-1], new[REVISED])
    return row, "superseded" if row == old else "stored"


def readable(kind: str, row: Row) -> bool:
    """Whether readers see the row: it is not deleted, or of a kind whose last content is kept."""
    return not row[DELETED] or (kind in KEEPS_DELETED and row[FIELDS[kind]["asset"]] is not None)


def seen_differently(kind: str, old: Row, new: Row) -> bool:
    """Whether a reader sees another fact now. That it was merely told again later is no change."""
    if old[DELETED] and new[DELETED]:
        return readable(kind, new) and old != new
    return old[DELETED:] != new[DELETED:]


def old_content(kind: str, row: Row) -> str | None:
    """The row as the change log keeps it: columns that are not null, by name. None: readers saw nothing of it."""
    if not readable(kind, row):
        return None
    columns = [column.name for column in FACTS[kind].columns][1:]
    return dump({name: value for name, value in zip(columns, row, strict=True) if value is not None})
