"""What was read for one request serves the next: results of one pass, lent to one reader at a time.

Reading is most of the work of an answer, and what was read holds until the next pass. No lock is held while somebody
reads: who finds nothing free reads for himself, and leaves that for others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from slo.results import Results

MOST_FREE = 4
"""As many as read at the same time, and no more memory than that."""
MOST_USES = 400
"""Each question leaves something behind: where no new pass comes for long, one begins anew."""


class Lending:
    """Results of the present pass that nobody is reading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: Hashable = None
        self._free: list[tuple[Results, int]] = []

    @contextmanager
    def lend(self, of: Hashable, make: Callable[[], Results]) -> Iterator[Results]:
        """Results of the pass ``of``, for the ``with`` alone; after an error they are not lent again."""
        found, uses = self._take(of) or (make(), 0)
        yield found
        with self._lock:
            if of == self._of and len(self._free) < MOST_FREE and uses < MOST_USES:
                self._free.append((found, uses + 1))

    def _take(self, of: Hashable) -> tuple[Results, int] | None:
        """The one that was used last: it knows most."""
        with self._lock:
            if of != self._of:
                self._of = of
                self._free.clear()
            return self._free.pop() if self._free else None
