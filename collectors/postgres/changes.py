"""What happened between two looks at a PostgreSQL database, worked out from counters that only count up. Pure.

The memory of the last look is plain JSON: ``place``, ``at`` (our clock), ``server_at`` (the server's clock),
``statements`` "queryid/userid" -> [calls, total ms, since], ``tables`` "schema.table" -> [oid, rows changed so far],
both resets, ``newest`` "schema.table" -> value, ``sized`` (the day of the last sizes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from collectors.postgres.reading import Rows, Snapshot

Memory = Mapping[str, Any]
Began = Literal["before", "since", "elsewhere"]


def calls(before: Memory, seen: Snapshot) -> dict[str | None, list[tuple[int, float]]]:
    """Workload (None: none of those named) -> (calls, their mean in seconds) of every statement that ran between the
    looks. Nothing at a first look: what the counters hold then has no moment."""
    if before.get("statements") is None or seen.statements is None:
        return {}
    began = _began(before, "statements_reset", seen.statements_reset)
    if began == "elsewhere":
        return {}
    grouped = defaultdict(list)
    for workload, count, seconds in _grown(before["statements"] if began == "before" else {}, seen.statements):
        grouped[workload].append((count, seconds / count))
    return dict(grouped)


def _grown(before: Mapping[str, list[Any]], now: Rows) -> Iterator[tuple[str | None, int, float]]:
    """Workload, calls and seconds by which each statement's counters grew. One that is new, or began anew at zero (it
    had been dropped for want of space, or was reset alone), grew by all it holds."""
    for key, (workload, count, total, since) in now.items():
        old_count, old_total, old_since = before.get(key, (0, 0.0, since))
        if count < old_count or total < old_total or since != old_since:
            old_count, old_total = 0, 0.0
        if count > old_count:
            yield workload, count - old_count, (total - old_total) / 1000


def moved(before: Memory, seen: Snapshot) -> dict[str, None]:
    """Tables whose rows changed between the looks. None at a first look. A sum that fell without a reset (a partition
    was dropped) is no sign of new data."""
    if before.get("tables") is None:
        return {}
    began = _began(before, "tables_reset", seen.tables_reset)
    if began == "elsewhere":
        return {}
    return {name: None for name, row in seen.tables.items() if _changed(before["tables"].get(name), row, began)}


def _changed(old: list[int] | None, row: list[Any], began: Began) -> bool:
    """Whether a table was written to. One that was made anew under its name begins at zero."""
    oid, changes = row[0], row[3]
    same_table = old is not None and old[0] == oid and began == "before"
    return bool(changes > (old[1] if old and same_table else 0))


def _began(before: Memory, name: str, now: datetime | None) -> Began:
    """Since when the counters count: as at the last look; since a reset after it; or since another time, which means
    that another server answers (a standby took over, a backup came back): its counters cannot be compared."""
    if before.get(name) == (now and text(now)):
        return "before"
    return "since" if now and now >= datetime.fromisoformat(before["server_at"]) else "elsewhere"


def remembered(before: Memory, seen: Snapshot, now: str, today: str) -> dict[str, Any]:
    """The memory of this look, ``now`` by our clock."""
    rows = seen.statements
    newest = {name: text(found.value) for name, found in seen.newest.items() if found.value}
    return {
        "place": seen.place,
        "at": now,
        "server_at": text(seen.at),
        "statements": None if rows is None else {key: row[1:] for key, row in rows.items()},
        "statements_reset": seen.statements_reset and text(seen.statements_reset),
        "tables": {name: [row[0], row[3]] for name, row in seen.tables.items()},
        "tables_reset": seen.tables_reset and text(seen.tables_reset),
        "newest": {**before.get("newest", {}), **newest},
        "sized": before.get("sized") if seen.sizes is None else today,
    }


def text(moment: datetime) -> str:
    """An instant as the interchange writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
