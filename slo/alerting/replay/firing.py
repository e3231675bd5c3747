"""When a lookback would have fired, to the microsecond: from where its condition holds to where it does not.

Between two moments at which something enters or leaves a lookback the counts stand still (of time: go on evenly), so
the whole of history is looked at in as many steps as something happened in it, not minute by minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from slo.alerting.moments import TICK, Array, Counted
from slo.alerting.policies import Lookback

STRETCH = timedelta(days=30) // TICK
"""So much is looked at at once."""
SAFE = 1 << 62
"""Beyond it, counts are whole numbers of any size instead of 64 bits."""


class Span(NamedTuple):
    """From the first microsecond (since 1970) at which something held to the first at which it did not."""

    start: int
    end: int


def firing(counted: Counted, lookback: Lookback, allowed: Fraction, scale: int, start: int, end: int) -> list[Span]:
    """When a lookback would have fired in [start, end), by what was counted (``scale`` of it is one of what is
    shown)."""
    found: list[Span] = []
    for first in range(start, end, STRETCH):
        found += _stretch(counted, lookback, allowed, scale, first, min(first + STRETCH, end))
    return union(found)


def alerts(spans: Iterable[Span], keep: timedelta, end: int) -> list[Span]:
    """What somebody would have been told: an alert is over when it has not fired for ``keep``."""
    return union(Span(one.start, min(one.end + keep // TICK, end)) for one in spans)


def union(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that touch or overlap are one."""
    merged: list[Span] = []
    for one in sorted(spans):
        if merged and one.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged


def _stretch(
    counted: Counted, lookback: Lookback, allowed: Fraction, scale: int, start: int, end: int
) -> Iterator[Span]:
    grid = _grid(counted, lookback, start, end)
    length = np.diff(grid)
    since, until = np.zeros_like(length), length
    for values in _conditions(counted, lookback, allowed, scale, grid):
        first, last = _positive(values, length, counted.lasting)
        since, until = np.maximum(since, first), np.minimum(until, last)
    on = since < until
    for at, first, last in zip(grid[:-1][on].tolist(), since[on].tolist(), until[on].tolist(), strict=True):
        yield Span(at + first, at + last)


def _grid(counted: Counted, lookback: Lookback, start: int, end: int) -> Array:
    """Every moment of [start, end] at which something enters a part of the lookback, or leaves it."""
    lengths = [0, lookback.long // TICK, lookback.shortest // TICK]
    entering = [counted.at + length for length in lengths]
    inside = [at[(at > start) & (at < end)] for at in entering]
    return np.unique(np.concatenate([np.array([start, end], np.int64), *inside]))


def _conditions(counted: Counted, lookback: Lookback, allowed: Fraction, scale: int, grid: Array) -> Iterator[Array]:
    """What must be above nought for the lookback to fire, at each moment: Lookback.fires in whole numbers."""
    now = counted.upto(grid)
    for part in (lookback.long, lookback.shortest):
        found = now - counted.upto(grid - part // TICK)
        good, bad = found[:, 0], found[:, 1]
        if lookback.min_bad is not None:
            yield bad - (lookback.min_bad * scale - 1 if part == lookback.long else 0)
        limit = lookback.factor * allowed
        most = int(found.max(initial=0)) * (2 * limit.denominator + limit.numerator)
        if most >= SAFE:
            good, bad = good.astype(object), bad.astype(object)
        yield limit.denominator * bad - limit.numerator * (good + bad)


def _positive(values: Array, length: Array, lasting: bool) -> tuple[Array, Array]:
    """Of each step the part, [first, last) microseconds from its beginning, in which a value is above nought."""
    value, none = values[:-1], np.zeros_like(length)
    if not lasting:
        return none, np.where(value > 0, length, 0)
    pace = np.diff(values) // length
    risen = np.where(pace > 0, -value // np.where(pace > 0, pace, 1) + 1, length)
    fallen = np.where(pace < 0, (value - 1) // np.where(pace < 0, -pace, 1) + 1, length)
    first = np.where(value > 0, none, np.minimum(risen, length)).astype(np.int64)
    last = np.where(value > 0, np.minimum(fallen, length), length).astype(np.int64)
    return first, last
