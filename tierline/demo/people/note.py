"""A line of a register that somebody keeps, and what of it an observer sees at a moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """One line as it ends up. ``kind`` is the kind of entry that Tierline knows it as."""

    kind: str
    key: str
    at: datetime
    """When it was written down."""
    subject: str | None = None
    team: str | None = None
    quantity: float | None = None
    planned: datetime | None = None
    reviewed: datetime | None = None
    started: datetime | None = None
    done: datetime | None = None
    updated: datetime | None = None
    tier: int | None = None
    important: bool | None = None
    """Of a document: a key one."""


def seen(note: Note, now: datetime) -> Note | None:
    """The line as it stands at ``now``: what is still to come is not in it, but what is planned is. None while nobody
    has written it."""
    if note.at > now:
        return None
    past: dict[str, Any] = {
        name: _past(getattr(note, name), now) for name in ("reviewed", "started", "done", "updated")
    }
    return replace(note, **past)


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment <= now else None
