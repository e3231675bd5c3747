"""How well each source is read: how it stands now, and SLOs on Tierline itself over the passes of the last 28 days.

Fresh is a share of time, passes a share of passes, complete a share of the records that the source counts itself.
Stale, failing, incomplete and behind mean what `Reading.blind` says, on every page, in every metric and alert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
LOOKED_AT = 50
"""Newest passes of a source in which a count is looked for, and those that failed are counted."""
UNREAD = ("stale", "failing")
Pass = Mapping[str, Any]
"""As the store tells it: started, ended, ok, facts, set_aside, error, told, taken, lag."""


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


@dataclass(frozen=True)
class Reading:
    """How one source stands at an instant."""

    source: SourceInfo
    now: datetime
    passes: Sequence[Pass]
    """The newest, newest first; none where it was never read."""
    last_success: datetime | None
    since: datetime | None
    """Its last success, else when the oldest pass that is kept began; None: it was never read, and is yet to begin."""
    health: Health | None
    """None: not read in the period."""

    @property
    def blind(self) -> str | None:
        """What of it is not seen, the worst alone: one cause, one word. ``stale``: its last success is older than
        allowed; ``failing``: so, and its newest pass failed; ``incomplete``: read, but a part of what it counts did not
        come; ``behind``: read, but it tells only what is older than usual. None: nothing."""
        if self.since is None:
            return None
        if self.now - self.since > allowed(self.source):
            return "stale" if self.passes[0]["ok"] else "failing"
        if self.health is None:
            return None
        return "incomplete" if not self.health.complete else "behind" if self.health.far_behind else None

    def as_result(self) -> dict[str, Any]:
        """As plain values: the shape that snapshot and page read. ``stale``: blind as stale or failing; ``awaited``:
        so, or not read yet."""
        last = self.passes[0] if self.passes else None
        return {
            "name": self.source.name,
            "ok": bool(last and last["ok"]),
            "blind": self.blind,
            "stale": self.blind in UNREAD,
            "awaited": self.since is None or self.blind in UNREAD,
            "last_success": self.last_success,
            "last_attempt": last["started"] if last else None,
            "duration": (last["ended"] - last["started"]).total_seconds() if last else None,
            "facts": last["facts"] if last else 0,
            "set_aside": last["set_aside"] if last else 0,
            "errors": sum(1 for one in self.passes if not one["ok"]),
            "error": last["error"] if last else None,
            "health": self.health and self.health.as_result(),
        }


def allowed(source: SourceInfo) -> timedelta:
    """How old the last success of a fresh source may be."""
    return INTERVALS * source.interval + TOLERANCE


def readings_of(store: Store, sources: tuple[SourceInfo, ...], now: datetime) -> dict[str, Reading]:
    """Source -> how it stands."""
    if not sources:
        return {}
    tallies = store.tallies(now - PERIOD, now, min(allowed(source) for source in sources))
    newest = store.newest_runs([source.name for source in sources], now, LOOKED_AT)
    return {one.name: _reading(store, one, newest[one.name], tallies.get(one.name), now) for one in sources}


def _reading(store: Store, source: SourceInfo, passes: Sequence[Pass], tally: Tally | None, now: datetime) -> Reading:
    """Who was never read with success in the period may have been before it."""
    known = None if tally is None else tally.last_success
    first, success = None, next((one["ended"] for one in passes if one["ok"]), known)
    if success is None and passes:
        first, success = store.reached(source.name, now)
    health = None if tally is None else _health(source, passes, tally, now)
    return Reading(source, now, passes, success, success or first, health)


def _health(source: SourceInfo, passes: Sequence[Pass], tally: Tally, now: datetime) -> Health:
    promised = source.objectives
    objectives = {
        "fresh": _fresh(source, tally, now),
        "passes": Kept(promised.passes, tally.passes, tally.failed),
    }
    if tally.told and tally.taken is not None:
        objectives["complete"] = Kept(promised.complete, tally.told, tally.told - tally.taken)
    lag = _lag(passes, now)
    counting = _counting(source, tally, passes)
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


def _lag(passes: Sequence[Pass], now: datetime) -> float | None:
    if not passes or passes[0]["lag"] is None:
        return None
    return float(passes[0]["lag"] + max((now - passes[0]["ended"]).total_seconds(), 0))


def _counting(
    source: SourceInfo, tally: Tally, passes: Sequence[Pass]
) -> tuple[int | None, int | None, bool, datetime | None]:
    """The newest pass in which it counted: told, taken, whether they agree, and since when they don't."""
    told = [one for one in passes if one["told"]] if tally.told is not None else []
    if not told:
        return None, None, True, None
    newest, least = told[0], Fraction(repr(source.objectives.complete))
    whole = [one for one in told if one["taken"] >= least * one["told"]]
    complete = bool(whole) and whole[0] is newest
    return newest["told"], newest["taken"], complete, whole[0]["ended"] if whole and not complete else None
