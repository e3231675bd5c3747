"""What every fact has: who told it, by which id, and where it stands in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

Instant = datetime
Words = list[str]
Data = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Fact:
    """What one source told about one thing. Identity is (kind, source, id)."""

    kind_of_fact: ClassVar[str] = ""
    moment_field: ClassVar[tuple[str, ...]] = ()
    """Where the fact stands in time: the first of these fields that is not null."""
    place_field: ClassVar[tuple[str, ...]] = ()
    """What places it in a day, where that is not its moment."""

    source: str
    id: str
    url: str | None = None
    revised_at: Instant | None = None
    deleted: bool = False

    @property
    def moment(self) -> Instant | None:
        """The fact's own instant; None where it has none."""
        for name in self.moment_field:
            value: Instant | None = getattr(self, name)
            if value is not None:
                return value
        return None


def place_fields(kind: type[Fact]) -> tuple[str, ...]:
    """The fields that place a fact of this kind in a day: the first that is not null does."""
    return kind.place_field or kind.moment_field


def place(fact: Fact) -> Instant | None:
    """The instant a fact belongs by (a run: its slot, else its start; any other: its moment), or None."""
    for name in place_fields(type(fact)):
        value: Instant | None = getattr(fact, name)
        if value is not None:
            return value
    return None
