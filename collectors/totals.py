"""What a source itself counts, beside what of it came: listings tell both while they are read, and the pass that reads
them adds them up. A source that counts nothing is complete as far as anybody knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Totals:
    """Of one pass. ``told``: records that the source counts (None: it said nothing), ``read``: those that came."""

    told: int | None = None
    read: int = 0

    def taken(self, set_aside: int) -> int | None:
        """Those that came and could be taken."""
        return None if self.told is None else max(self.read - set_aside, 0)


_PASS: ContextVar[Totals | None] = ContextVar("totals of this pass", default=None)


@contextmanager
def adding_up() -> Iterator[Totals]:
    """The totals of what is listed inside."""
    totals = Totals()
    token = _PASS.set(totals)
    try:
        yield totals
    finally:
        _PASS.reset(token)


def counted(told: int, read: int) -> None:
    """Says how many records a listing has by the source's own count, and how many of them came. What is more than it
    counts came into being while it was read: it makes up for nothing that another listing lacks."""
    totals = _PASS.get()
    if totals is not None:
        totals.told = (totals.told or 0) + told
        totals.read += min(read, told)
