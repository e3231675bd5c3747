"""Where an axis is marked: round values, as clocks step where the value is a span. Pure."""

from __future__ import annotations

import math

_CLOCK = (0.1, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800, 2592000)
"""Where a person expects the marks of a span's axis, in seconds."""


def _step(room: float, unit: str) -> float:
    """The smallest round step of at least ``room``; spans step as clocks do."""
    if unit == "seconds" and _CLOCK[0] < room <= _CLOCK[-1]:
        return next(step for step in _CLOCK if step >= room)
    base = 10.0 ** math.floor(math.log10(room))
    return next(base * factor for factor in (1, 2, 5, 10) if base * factor >= room * 0.999)


def marks(low: float, high: float, unit: str, most: int = 4, log: bool = False) -> list[float]:
    """Where the value axis is marked: round values inside [low, high]."""
    if log:
        inside = [mark for mark in _CLOCK if low <= mark <= high]
        return list(inside[:: math.ceil(len(inside) / most)]) if inside else []
    step = _step((high - low) / most, unit)
    return [place * step for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
