"""Resampling: could a change between two samples be chance? 2,000 resamples of each side, always the same ones.

numpy is loaded where it is used: nothing that only reads results pays for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 2000
Statistic = Literal["mean", "median", "p95"]
_QUANTILES = {"median": 0.5, "p95": 0.95}
FEW_VALUES = 4
"""Up to so many different values a resample is drawn as how often each occurs."""
DRAWN_ONE_BY_ONE = 500
"""Beyond so many, values are drawn from groups of 5 % width, each at its mean: the figure's spread is the same to a
tenth of a percent, and the cost no longer grows with the sample."""
BLOCK = 200
"""Resamples drawn at once: memory stays small."""
GROUP = math.log(1.05)


@dataclass(frozen=True)
class Sample:
    """What a figure was read from: its values ascending, how often each occurred, and how the figure is read."""

    values: tuple[float, ...]
    counts: tuple[int, ...]
    read: Statistic = "mean"
    interpolated: bool = True
    """Quantiles are R-7; from log buckets they aren't interpolated."""

    @classmethod
    def of(cls, values: Sequence[float], read: Statistic = "mean") -> Sample:
        """Of exact values."""
        return cls(tuple(sorted(values)), (1,) * len(values), read)

    @property
    def n(self) -> int:
        return sum(self.counts)


def told_from_noise(now: Sample, before: Sample | float, seed: int, least: int = 2) -> bool:
    """Is the change more than chance? True where the 95 % bootstrap interval of the difference leaves out zero.

    ``before`` as a bare number is a frozen figure: it is taken as exact. Never true with fewer than ``least`` values
    (two at least) on a side."""
    import numpy as np

    sides = [now] if isinstance(before, int | float) else [now, before]
    if min(side.n for side in sides) < max(2, least):
        return False
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = [_resampled(rng, side) for side in sides]
    low, high = np.quantile(drawn[0] - (drawn[1] if len(drawn) > 1 else before), (0.025, 0.975))
    return not low <= 0 <= high


def _resampled(rng: np.random.Generator, sample: Sample) -> Any:
    """The figure of each resample."""
    if sample.read != "mean":
        return _quantiles(rng, sample, _QUANTILES[sample.read])
    if len(sample.values) > FEW_VALUES and sample.n <= DRAWN_ONE_BY_ONE:
        return _means_one_by_one(rng, sample)
    return _means(rng, sample)


def _means(rng: np.random.Generator, sample: Sample) -> Any:
    """Of a resample it is enough to know how often each value came."""
    values, counts = _grouped(sample)
    return rng.multinomial(sample.n, counts / sample.n, RESAMPLES) @ values / sample.n


def _means_one_by_one(rng: np.random.Generator, sample: Sample) -> Any:
    import numpy as np

    pool = np.repeat(np.asarray(sample.values, dtype=float), sample.counts)
    blocks = (pool[rng.integers(0, len(pool), (BLOCK, len(pool)))].mean(axis=1) for _ in range(RESAMPLES // BLOCK))
    return np.concatenate(list(blocks))


def _grouped(sample: Sample) -> tuple[Any, Any]:
    """Values and counts; many values as groups of 5 % width."""
    import numpy as np

    values, counts = np.asarray(sample.values, dtype=float), np.asarray(sample.counts, dtype=float)
    if len(values) <= FEW_VALUES:
        return values, counts
    size = np.where(values == 0, 0, np.ceil(np.log(np.maximum(np.abs(values), 1e-300)) / GROUP) + 100_000)
    _, group = np.unique(np.sign(values) * size, return_inverse=True)
    held = np.bincount(group, counts)
    return np.bincount(group, values * counts) / held, held


def _quantiles(rng: np.random.Generator, sample: Sample, q: float) -> Any:
    """The k-th smallest of n draws from n values is the value at rank n * Beta(k, n + 1 - k): so a resample's quantile
    is drawn without drawing the resample."""
    import numpy as np

    n, values = sample.n, np.asarray(sample.values, dtype=float)
    place = q * (n - 1)
    rank, part = math.floor(place) + 1, place - math.floor(place)
    reached = np.cumsum(np.asarray(sample.counts, dtype=float))
    uniform = rng.beta(rank, n + 1 - rank, RESAMPLES)
    low = values[_at(reached, uniform * n)]
    if part == 0 or not sample.interpolated:
        return low
    following = uniform + (1 - uniform) * rng.beta(1, n - rank, RESAMPLES)
    return low + part * (values[_at(reached, following * n)] - low)


def _at(reached: Any, rank: Any) -> Any:
    import numpy as np

    return np.minimum(np.searchsorted(reached, rank, side="right"), len(reached) - 1)
