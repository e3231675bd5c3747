"""Whether a KPI's change can be told from noise. It stands beside a change and draws or withholds an arrow; it decides
nothing.

Told for what is a sample of what might have happened: events of a Ratio, Samples, Scores. Seconds, registers, shares,
sums and counts are no samples: nothing is said of them (None).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slo.measure import Ratio, Register, Samples, Score
from slo.measure.samples import bucket_value
from slo.statistics import seed_of
from slo.trend.bootstrap import Sample, Statistic, told_from_noise

if TYPE_CHECKING:
    from slo.kpi import Figures, Kpi
    from slo.promises.clauses import Baseline

MOST_KEPT = 20_000
_kept: dict[bytes, bool] = {}
"""Answers by what was asked: a window that has not changed since the last evaluation is not drawn again."""
READ: dict[str, Statistic] = {"mean": "mean", "median": "median", "p95": "p95"}


def told(
    kpi: Kpi, window: str, scope: Mapping[str, Any], now: Figures, before: Figures | Sample | float | None
) -> bool | None:
    """Is the change of a KPI's value in a window and scope more than chance? ``before`` as a number is a figure that
    is taken as exact. None where there is nothing to compare, or where nothing can be said."""
    earlier = before if before is None or isinstance(before, Sample | float) else sample_of(kpi, before)
    own = sample_of(kpi, now)
    if own is None or earlier is None:
        return None
    seed = seed_of(kpi.id, window, ",".join(f"{key}={value}" for key, value in scope.items() if value is not None))
    return _answer(own, earlier, seed, kpi.minimum)


def frozen(kpi: Kpi, baseline: Baseline) -> Sample | float | None:
    """A stored figure as a sample: the events of a Ratio that was measured are known from its size."""
    if baseline.value is None or baseline.n is None or kpi.measure is not Ratio or kpi.seconds:
        return baseline.value
    n = round(baseline.n)
    shown = round(baseline.value * n)
    return Sample((0.0, 1.0), (n - shown, shown))


def sample_of(kpi: Kpi, figures: Figures) -> Sample | None:
    """What a value was drawn from; None where there is none, or where it is no sample."""
    state = figures.state
    if figures.value is None or kpi.seconds or isinstance(state, Register):
        return None
    match state:
        case Ratio():
            return Sample((0.0, 1.0), (state.good, state.bad) if kpi.complement else (state.bad, state.good))
        case Samples():
            return _of_samples(state, READ[kpi.pick])
        case Score():
            return _of_scores(state, figures.value)
        case _:
            return None


def _of_samples(state: Samples, read: Statistic) -> Sample:
    if state.values:
        return Sample(state.values, (1,) * len(state.values), read)
    zero = [(0.0, round(state.zero))] if state.zero else []
    held = [*zero, *((bucket_value(index), round(state.buckets[index])) for index in sorted(state.buckets))]
    return Sample(tuple(value for value, _ in held), tuple(count for _, count in held), read, interpolated=False)


def _of_scores(state: Score, value: float) -> Sample | None:
    """Answers by their score, on the scale of the value; of a net promoter score by what they promote."""
    if state.nps is not None and state.nps == value:
        neutral = state.n - state.promoters - state.detractors
        return Sample((-100.0, 0.0, 100.0), (state.detractors, neutral, state.promoters))
    mean = state.mean
    if not state.answers or not mean:
        return None
    scale = value / mean
    answers = sorted((float(score) * scale, n) for score, n in state.answers.items())
    return Sample(tuple(score for score, _ in answers), tuple(n for _, n in answers))


def _answer(now: Sample, before: Sample | float, seed: int, least: int) -> bool:
    compared = _key(before) if isinstance(before, Sample) else repr(before).encode()
    key = _key(now) + compared + f"|{seed}|{least}".encode()
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = told_from_noise(now, before, seed, least)
    return _kept[key]


def _key(sample: Sample) -> bytes:
    told = array("d", (*sample.values, *sample.counts)).tobytes() + f"{sample.read}|{sample.interpolated}".encode()
    return hashlib.blake2b(told, digest_size=16).digest()
