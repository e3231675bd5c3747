"""What a source was really observed for, as ``coverage`` facts: one fact an unbroken stretch, extended in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from slo.facts import Coverage, Fact

REGISTERS = frozenset({"asset", "edge", "coverage", "correction", "exclusion", "alias"})
"""Kinds without a moment of observation of their own."""


def kinds_observed(tells: Mapping[str, Sequence[str]], could: Mapping[str, Sequence[str]]) -> list[str] | None:
    """The kinds a source's coverage speaks for: those with events; None (all it tells) for a mere register. ``could``:
    what any source of its type could tell. One that could tell events, and now tells none (they are switched off, or
    the right to them is missing), speaks for its registers alone."""
    events = sorted(set(tells) - REGISTERS)
    return events or (sorted(tells) or ["coverage"] if set(could) - REGISTERS else None)


def stretched(
    told: Sequence[Coverage], source: str, kinds: list[str] | None, start: datetime, end: datetime
) -> list[Fact]:
    """The tellings that make [start, end) observed, given the stretches told so far: what touches it becomes one
    stretch under the id told first; a gap stays a gap."""
    if start >= end:
        return []
    touching = [old for old in told if old.start and old.end and old.start <= end and old.end >= start]
    first = min((old.start for old in touching if old.start), default=start)
    last = max((old.end for old in touching if old.end), default=end)
    name = min((old.id for old in touching), default=f"observed-{_text(start)}")
    whole = Coverage(source=source, id=name, kinds=kinds, start=min(first, start), end=max(last, end))
    gone: list[Fact] = [Coverage(source=source, id=old.id, deleted=True) for old in touching if old.id != name]
    return [*([] if whole in touching else [whole]), *gone]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
