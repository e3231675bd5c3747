"""The few statistics Tierline speaks of: the interval of a ratio, quantiles, the seed of what is drawn.

Whether a change is more than noise: ``slo.trend.bootstrap``."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

Z_95 = 1.959963984540054
"""The normal quantile that leaves 2.5 % on either side."""


def wilson(good: float, bad: float, z: float = Z_95) -> tuple[float, float] | None:
    """Wilson's 95 % interval of good / (good + bad), within 0..1; None of nothing."""
    n = good + bad
    if n <= 0:
        return None
    share = good / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if good == 0 else max(0.0, centre - half)
    return low, 1.0 if bad == 0 else min(1.0, centre + half)


def quantile(values: Sequence[float], q: float) -> float:
    """The R-7 quantile (linear between the two nearest ranks), q in 0..1. Raises ValueError on no values."""
    if not values or not 0 <= q <= 1:
        raise ValueError("a quantile needs at least one value and a q between 0 and 1")
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def seed_of(kpi: str, window: str, scope: str) -> int:
    """The same KPI, window and scope always draw the same samples."""
    return int.from_bytes(hashlib.sha256(f"{kpi}|{window}|{scope}".encode()).digest()[:8], "big")
