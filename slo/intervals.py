"""Exact algebra of half-open stretches of time [start, end): what was seen, what was excluded, what lies open.

A list of stretches is *normal* when it is sorted, free of overlaps and of touching or empty members. Every function
that returns a list returns a normal one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]
INSTANT = timedelta(microseconds=1)
"""The shortest time there is: what lies at a moment itself is before the moment and this."""


def union(*lists: Iterable[Interval]) -> list[Interval]:
    """Everything that any of the lists covers. Stretches that end before they start count as empty."""
    merged: list[Interval] = []
    for start, end in sorted(pair for pairs in lists for pair in pairs if pair[0] < pair[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def normalise(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as a normal list."""
    return union(intervals)


def clip(intervals: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    """What of the stretches lies in [start, end)."""
    return union((max(first, start), min(last, end)) for first, last in intervals)


def subtract(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What the stretches cover and ``taken`` doesn't."""
    left: list[Interval] = []
    holes = union(taken)
    for start, end in union(intervals):
        for hole_start, hole_end in holes[_first_after(holes, start) :]:
            if hole_start >= end:
                break
            if start < hole_start:
                left.append((start, hole_start))
            start = max(start, hole_end)
        if start < end:
            left.append((start, end))
    return left


def intersect(one: Iterable[Interval], other: Iterable[Interval]) -> list[Interval]:
    """What both lists cover."""
    whole = union(one)
    return subtract(whole, subtract(whole, other))


def contains(normal: Sequence[Interval], moment: datetime) -> bool:
    """Does a normal list cover the moment? The start of a stretch belongs to it, its end doesn't."""
    place = _first_after(normal, moment)
    return place < len(normal) and normal[place][0] <= moment


def total_seconds(intervals: Iterable[Interval]) -> float:
    """Seconds that the stretches cover; what overlaps counts once."""
    return sum((end - start for start, end in union(intervals)), timedelta(0)).total_seconds()


def overlap_seconds(intervals: Iterable[Interval], start: datetime, end: datetime) -> float:
    """Seconds of [start, end) that the stretches cover."""
    return total_seconds(clip(intervals, start, end))


def _first_after(normal: Sequence[Interval], moment: datetime) -> int:
    """The place of the first stretch that ends after the moment."""
    return bisect_right(normal, moment, key=lambda pair: pair[1])


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """How long it took; None where either is not known. Nothing at all is 0, not None."""
    return None if start is None or end is None else (end - start).total_seconds()
