"""How far the newest of what a source told lies behind: what is planned, or only says what is, tells nothing of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from slo.facts import QUIET, Fact, place


class Newest:
    """The moment of the newest fact of a source, over all its passes. ``told``: as it was kept; ``at``: this pass's
    own moment, later ones are only planned."""

    def __init__(self, told: str | None, at: datetime) -> None:
        self.moment = None if told is None else datetime.fromisoformat(told)
        self.at = at

    def look(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            moment = None if fact.deleted or fact.kind_of_fact in QUIET else place(fact)
            if moment is not None and moment <= self.at and (self.moment is None or moment > self.moment):
                self.moment = moment

    def behind(self, now: datetime) -> int | None:
        """Whole seconds; None where nothing that happened was told yet."""
        return None if self.moment is None else max(int((now - self.moment).total_seconds()), 0)

    def state(self) -> dict[str, Any]:
        """What is kept for the next pass."""
        return {} if self.moment is None else {"newest": self.moment.isoformat()}
