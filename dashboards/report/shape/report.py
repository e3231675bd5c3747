"""The whole report: all of its parts, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from dashboards.report.shape.families import Family
from dashboards.report.shape.figures import Said
from dashboards.report.shape.margins import Closed, Coverage, Definition, Excluded, Restated, Words
from dashboards.report.shape.summary import Asked, Changed, Count, Group, Miss, Period, Promise, Restricted


@dataclass(frozen=True)
class Report:
    """The whole report. ``state``: open (the period still runs), provisional (it has ended, sources have not
    settled, or nobody has closed it), closed (printed from the ledger)."""

    period: Period
    scope: Asked
    as_of: str
    as_of_text: str
    timezone: str
    state: Literal["open", "provisional", "closed"]
    state_text: str
    closed: Closed | None
    title: str
    intro: Sequence[str]
    restricted: Restricted
    counts: Sequence[Count]
    counts_text: str
    promises: Sequence[Promise]
    misses: Sequence[Miss]
    changes: Sequence[Changed]
    changes_text: str
    cost: Sequence[str]
    words: Words | None
    restated: Sequence[Restated]
    excluded: Sequence[Excluded]
    disputed: Sequence[Said]
    """What a domain disputes of the period's figures, and nobody has settled."""
    noted: Sequence[Said]
    table: Sequence[Group]
    families: Sequence[Family]
    coverage: Coverage
    definitions: Sequence[Definition]
    reading: Sequence[str] = field(default=())
    """How to read it."""
