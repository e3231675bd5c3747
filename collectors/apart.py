"""Parts of a source that fail each for itself: a right or an edition that one of them lacks stops no other.

Why a part failed is told as a record that is set aside, so the run says what it could not see. The moment from which
it is missing is kept in the source's memory; once the part works again, it is read from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from collectors.base import Enumerated, Period, Raw
from collectors.patience import Garbled
from slo.errors import RetriableError, SourceError

PROBLEM = "problem"
"""Kind of the record that says why a part failed; ``parse`` raises FactError with its data."""
Told = Iterator[Raw | Enumerated]


def lasting(error: SourceError) -> bool:
    """Whether it will not pass by itself, as a missing right does not. What does is read in the next pass anyway, with
    all the rest."""
    return not isinstance(error, RetriableError | Garbled)


class Parts:
    """The parts of one fetch. ``memory``: the source's, changed in place (``missed``: part -> moment). ``alone``:
    whether an error is the part's own; any other is raised."""

    def __init__(self, memory: dict[str, Any], alone: Callable[[SourceError], bool] = lasting) -> None:
        self.missed: dict[str, str] = memory.setdefault("missed", {})
        self.failed: dict[str, SourceError] = {}
        self.alone = alone

    def start(self, part: str, start: datetime) -> datetime:
        """Where to begin: what was missed is taken up."""
        missed = self.missed.get(part)
        return min(start, datetime.fromisoformat(missed)) if missed else start

    def read(
        self, part: str, start: datetime, period: Period, records: Iterable[Raw | Enumerated],
        said: Callable[[SourceError], str] = str,
    ) -> Told:  # fmt: skip
        """The records of a part; where it fails, why in the words of ``said``."""
        try:
            yield from records
        except SourceError as error:
            if not self.alone(error):
                raise
            self.failed[part] = error
            self.missed[part] = self.start(part, start).isoformat()
            yield Raw(PROBLEM, said(error))
        else:
            if period.latest:
                self.missed.pop(part, None)

    def nothing_seen(self, parts: Iterable[str]) -> None:
        """Raises the first failure where each of these parts failed: then the fetch itself has."""
        errors = [self.failed.get(part) for part in parts]
        if errors and errors[0] is not None and None not in errors:
            raise errors[0]
