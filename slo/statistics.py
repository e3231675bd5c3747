"""The few statistics Tierline speaks of: the interval of a ratio, quantiles, and whether a change is more than noise.

numpy is loaded where it is used: nothing that only reads targets pays for it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Z_95 = 1.959963984540054
"""The normal quantile that leaves 2.5 % on either side."""
RESAMPLES = 2000
Statistic = Literal["mean", "median", "p95"]


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


def values_told_from_noise(
    now: Sequence[float], before: Sequence[float], seed: int, statistic: Statistic = "mean"
) -> bool:
    """Did a figure of durations or scores change by more than chance? True where the 95 % bootstrap interval of the
    difference leaves out zero; never with fewer than two values on a side."""
    if len(now) < 2 or len(before) < 2:
        return False
    rng = _generator(seed)
    return _leaves_out_zero(_resampled(rng, now, statistic) - _resampled(rng, before, statistic))


def counts_told_from_noise(now: tuple[int, int], before: tuple[int, int], seed: int) -> bool:
    """The same for a ratio of events, from (good, bad) in both windows."""
    if sum(now) < 2 or sum(before) < 2:
        return False
    rng = _generator(seed)
    shares = [rng.binomial(good + bad, good / (good + bad), RESAMPLES) / (good + bad) for good, bad in (now, before)]
    return _leaves_out_zero(shares[0] - shares[1])


def _generator(seed: int) -> np.random.Generator:
    import numpy as np

    return np.random.Generator(np.random.PCG64(seed))


def _resampled(rng: np.random.Generator, values: Sequence[float], statistic: Statistic) -> Any:
    """The statistic of each resample, drawn one at a time so that memory stays with one sample's size."""
    import numpy as np

    pool = np.sort(np.asarray(values, dtype=float))
    readers: dict[str, Callable[[Any], Any]] = {
        "mean": np.mean,
        "median": np.median,
        "p95": lambda drawn: np.quantile(drawn, 0.95),
    }
    read = readers[statistic]
    return np.array([read(rng.choice(pool, len(pool))) for _ in range(RESAMPLES)])


def _leaves_out_zero(differences: Any) -> bool:
    low, high = quantile(differences.tolist(), 0.025), quantile(differences.tolist(), 0.975)
    return not low <= 0 <= high
