"""What an objective counted, by the moment at which it was known: the one thing that alerts look back on.

A run counts when it has ended, a missed slot when its grace is over, a reading when its hour is over, not when they
were due: what is due at two and fails at seven is news at seven. Time counts as it passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

import numpy as np

from slo.folding import Scope
from slo.kpi import Kpi
from slo.measure import Item

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
Array = np.ndarray[Any, np.dtype[Any]]


class Piece(NamedTuple):
    """One thing that counted: at a moment (microseconds since 1970), or from that moment on for as long as its amount
    of time."""

    at: int
    good: int
    bad: int
    asset: str | None

    def after(self, start: int, lasting: bool) -> Piece:
        """What of it counts after a moment."""
        before = start - self.at
        if before < 0 or (lasting and before == 0):
            return self
        good, bad = (max(0, amount - before) if lasting else 0 for amount in (self.good, self.bad))
        return self._replace(at=start, good=good, bad=bad)


def ticks(t: datetime) -> int:
    """Microseconds since 1970."""
    return (t - EPOCH) // TICK


def moment(at: int) -> datetime:
    """The instant of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)


def known_at(kpi: Kpi, item: Item) -> datetime:
    """When an item was known: the last moment that made it what it is; time as it passes."""
    if kpi.seconds:
        return item.at
    ends: list[datetime] = [end for fact in item.facts if (end := getattr(fact, "until", None)) is not None]
    return max([item.at, *ends] if item.since is None else [item.at, item.since, *ends])


def pieces(kpi: Kpi, items: Iterable[Item], scope: Scope) -> Iterator[Piece]:
    """What counts in a scope, in no order."""
    for item in items:
        if (item.good or item.bad) and item.excluded is None and scope.takes(item):
            yield Piece(ticks(known_at(kpi, item)), item.good, item.bad, item.asset)


class Counted:
    """Good and bad up to any moment, exactly: of events those up to and with it, of time what had passed."""

    def __init__(self, steps: Array, lasting: bool) -> None:
        """``steps``: rows of (moment, good, bad), in any order: what is added then; of time by how many seconds a
        second good and bad pass faster from then on."""
        self.lasting = lasting
        steps = steps[np.argsort(steps[:, 0], kind="stable")]
        at, first = np.unique(steps[:, 0], return_index=True)
        change = np.add.reduceat(steps[:, 1:], first, axis=0) if len(at) else steps[:, 1:]
        changing = (change != 0).any(axis=1)
        self.at, self._change = at[changing], change[changing]
        """Moments at which a count, or its pace, changes, and by how much."""
        sums = np.cumsum(self._change, axis=0)
        self._pace = sums if lasting else np.zeros_like(sums)
        if lasting and len(sums):
            passed = np.diff(self.at)[:, None] * sums[:-1]
            sums = np.vstack([np.zeros((1, 2), np.int64), np.cumsum(passed, axis=0)])
        self._sums = sums

    @classmethod
    def of(cls, found: Iterable[Piece], lasting: bool) -> Self:
        steps = _lasting(found) if lasting else [(one.at, one.good, one.bad) for one in found]
        return cls(np.array(steps, dtype=np.int64).reshape(-1, 3), lasting)

    @classmethod
    def joined(cls, parts: Sequence[Self], lasting: bool) -> Self:
        """What several counted, as one."""
        steps = [np.column_stack([one.at, one._change]) for one in parts]
        return cls(np.vstack([np.empty((0, 3), np.int64), *steps]), lasting)

    def upto(self, at: Array) -> Array:
        """(good, bad) up to each moment, both from the beginning."""
        place = np.searchsorted(self.at, at, side="right") - 1
        found = np.zeros((len(at), 2), np.int64)
        there = place >= 0
        place = place[there]
        found[there] = self._sums[place] + self._pace[place] * (at[there] - self.at[place])[:, None]
        return found

    def between(self, start: int, end: int) -> tuple[int, int]:
        """(good, bad) after ``start``, up to and with ``end``."""
        before, after = self.upto(np.array([start, end], np.int64)).tolist()
        return after[0] - before[0], after[1] - before[1]


def _lasting(found: Iterable[Piece]) -> list[tuple[int, int, int]]:
    """Where a piece of time begins, good or bad passes one second a second faster; where it ends, slower."""
    steps = []
    for one in found:
        good, bad = int(one.good > 0), int(one.bad > 0)
        steps += [(one.at, good, bad), (one.at + one.good + one.bad, -good, -bad)]
    return steps
