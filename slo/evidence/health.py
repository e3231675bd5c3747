"""How well each source is read: SLOs on Tierline itself, over the passes of the last 28 days.

Fresh is a share of time, passes a share of passes, complete a share of the records that the source counts itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from slo.platform import SourceInfo
from slo.store import Store
from slo.store.tallies import Tally

PERIOD = timedelta(days=28)
INTERVALS = 3
"""A source is no longer fresh after so many intervals without success."""
TOLERANCE = timedelta(minutes=5)
"""A pass takes time: a source is stale only when this much more than its time has gone by."""
FAR = 2
"""Far behind: so many times as far as it was at most before the last day ..."""
KNOWN = timedelta(days=8)
"""... where so many days are known of it, so that a weekend is none of its troubles."""


@dataclass(frozen=True)
class Kept:
    """One objective over the period: of ``total`` (seconds, passes or records) ``bad`` were not as promised."""

    objective: float
    total: float
    bad: float

    @property
    def value(self) -> float | None:
        return 1 - self.bad / self.total if self.total else None

    @property
    def remaining(self) -> float | None:
        """The share of the budget that is left; negative where it is overspent."""
        allowed = 1 - Fraction(repr(self.objective))
        return float(1 - Fraction(self.bad) / (allowed * Fraction(self.total))) if self.total else None

    def told(self) -> dict[str, Any]:
        return {**asdict(self), "value": self.value, "remaining": self.remaining}


@dataclass(frozen=True)
class Health:
    """One source at an instant. ``objectives``: fresh, passes and, where it counts its records, complete."""

    since: datetime
    objectives: Mapping[str, Kept]
    day_passes: int
    day_failed: int
    lag: float | None
    """Seconds from its newest fact until now; None of a register."""
    usual_lag: int | None
    """The furthest behind it was before the last day."""
    far_behind: bool
    told: int | None
    """Records that it counted in the newest pass in which it did."""
    taken: int | None
    complete: bool
    """Whether that pass came up to the objective; a source that counts nothing is."""
    complete_until: datetime | None
    """When an incomplete source was last read completely; None: never, as far as is known."""

    def as_result(self) -> dict[str, Any]:
        """As plain values: the shape that snapshot and page read."""
        plain = {name: value for name, value in vars(self).items() if name != "objectives"}
        return plain | {"objectives": {name: kept.told() for name, kept in self.objectives.items()}}


def allowed(source: SourceInfo) -> timedelta:
    """How old the last success of a fresh source may be."""
    return INTERVALS * source.interval + TOLERANCE


def health_of(store: Store, sources: tuple[SourceInfo, ...], now: datetime) -> dict[str, Health]:
    """Source -> how it is read, for those that were ever read in the period."""
    if not sources:
        return {}
    tallies = store.tallies(now - PERIOD, now, min(allowed(source) for source in sources))
    return {one.name: _health(store, one, tallies[one.name], now) for one in sources if one.name in tallies}


def _health(store: Store, source: SourceInfo, tally: Tally, now: datetime) -> Health:
    promised = source.objectives
    objectives = {
        "fresh": _fresh(source, tally, now),
        "passes": Kept(promised.passes, tally.passes, tally.failed),
    }
    if tally.told and tally.taken is not None:
        objectives["complete"] = Kept(promised.complete, tally.told, tally.told - tally.taken)
    passes = [one for one in store.source_runs(source.name, 1) if one["started"] <= now]
    lag = _lag(passes, now)
    counting = _counting(store, source, tally, now)
    far = lag is not None and tally.usual_lag is not None and now - tally.first >= KNOWN
    return Health(
        tally.first, objectives, tally.day_passes, tally.day_failed, lag, tally.usual_lag,
        far and (lag or 0) > FAR * max(tally.usual_lag or 0, allowed(source).total_seconds()), *counting,
    )  # fmt: skip


def _fresh(source: SourceInfo, tally: Tally, now: datetime) -> Kept:
    """Time since the first pass in which the last success was older than allowed."""
    limit = allowed(source)
    stretches = [*tally.gaps, (tally.last_success or tally.first, now)]
    if tally.first_success is not None:
        stretches.append((tally.first, tally.first_success))
    stale = sum((max(end - start - limit, timedelta(0)) for start, end in stretches), timedelta(0))
    return Kept(source.objectives.fresh, (now - tally.first).total_seconds(), stale.total_seconds())


def _lag(passes: list[dict[str, Any]], now: datetime) -> float | None:
    if not passes or passes[0]["lag"] is None:
        return None
    return float(passes[0]["lag"] + max((now - passes[0]["ended"]).total_seconds(), 0))


def _counting(
    store: Store, source: SourceInfo, tally: Tally, now: datetime
) -> tuple[int | None, int | None, bool, datetime | None]:
    """The newest pass in which it counted: told, taken, whether they agree, and since when they don't."""
    if tally.told is None:
        return None, None, True, None
    told = [one for one in store.source_runs(source.name, _LOOKED_AT) if one["told"] and one["started"] <= now]
    if not told:
        return None, None, True, None
    newest, least = told[0], Fraction(repr(source.objectives.complete))
    whole = [one for one in told if one["taken"] >= least * one["told"]]
    complete = bool(whole) and whole[0] is newest
    return newest["told"], newest["taken"], complete, whole[0]["ended"] if whole and not complete else None


_LOOKED_AT = 50
"""Newest passes in which a count is looked for."""
