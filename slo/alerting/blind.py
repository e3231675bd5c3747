"""Where Tierline cannot see: a source that is not read, evidence that nobody tells, an evaluation that lags behind.

Silence of what is not seen is no health, so each blind spot is an alert of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slo.alerting.problem import DATA, RUNS, watched_assets
from slo.due.slots import has_slots
from slo.evidence.health import Health, allowed
from slo.evidence.sources import feeding, health, missing
from slo.platform import SourceInfo
from slo.shelf import get_kpi, shelf
from slo.view import View

LAG = timedelta(minutes=10)
"""An evaluation as of longer ago than this says nothing of now."""
UNREAD = ("stale", "failing")
MANY = 3
"""From so many unread sources on, if they are most, it is not theirs."""
TIERLINE = "tierline"
"""The source named where it is Tierline itself that does not see."""
_LOOKED_AT = 50
"""Newest passes looked at."""
_KINDS = {RUNS: ("run", "tells runs", "schedule"), DATA: ("dataset_update", "tells when datasets land", "freshness")}


@dataclass(frozen=True)
class Spot:
    """A blind spot. ``what``: stale (not read), failing (read without success), incomplete (a part of what it
    counts did not come), behind (read, and what it tells is old), unobserved (a kind of fact that nobody tells:
    ``source`` is its name), evaluation; ``kpis``: what rests on it."""

    source: str
    what: str
    since: datetime | None
    kpis: tuple[str, ...]
    says: str
    """In a plain sentence."""

    def told(self) -> dict[str, Any]:
        since = None if self.since is None else self.since.isoformat()
        return {"source": self.source, "what": self.what, "since": since, "kpis": list(self.kpis), "says": self.says}


def spots(view: View, now: datetime, tiers: tuple[int, ...]) -> list[Spot]:
    """Every blind spot at an instant (``now``: the evaluation's clock)."""
    found = [*lagging(view.as_of, now), *_unobserved(view, tiers)]
    return [*found, *(spot for source in view.platform.sources for spot in _of_source(view, source))]


def together(found: Sequence[Spot], view: View) -> list[Spot]:
    """The spots for people: where most sources are not read, the trouble is with Tierline and told once."""
    unread = [one for one in found if one.what in UNREAD and one.since is not None]
    if len(unread) < MANY:
        return list(found)
    sources = sum(bool(view.store.source_runs(source.name, 1)) for source in view.platform.sources)
    if 2 * len(unread) <= sources:
        return list(found)
    since = max(one.since for one in unread if one.since is not None)
    kpis = tuple(dict.fromkeys(kpi for one in unread for kpi in one.kpis))
    says = f"{len(unread)} of {sources} sources have not been read with success since {since:%Y-%m-%d %H:%M} UTC or " \
           f"longer: Tierline does not collect, or reaches nobody; {_rests(kpis)}."  # fmt: skip
    return [Spot(TIERLINE, "stale", since, kpis, says), *(one for one in found if one not in unread)]


def _rests(kpis: Sequence[str]) -> str:
    return "one KPI rests on it" if len(kpis) == 1 else f"{len(kpis) or 'no'} KPIs rest on it"


def lagging(as_of: datetime, now: datetime) -> Iterator[Spot]:
    """The evaluation itself, where it is too old to speak of now."""
    if now - as_of > LAG:
        says = f"The newest evaluation is as of {as_of:%Y-%m-%d %H:%M} UTC: nothing since then has been judged."
        yield Spot(TIERLINE, "evaluation", as_of, (), says)


def _of_source(view: View, source: SourceInfo) -> Iterator[Spot]:
    """A configured source without success for three intervals; else one that does not tell all, or only what is old.
    One that was never read is yet to begin."""
    passes = [one for one in view.store.source_runs(source.name, _LOOKED_AT) if one["started"] <= view.as_of]
    since = _since(passes)
    if since is None:
        return
    if view.as_of - since <= allowed(source):
        read = health(view).get(source.name)
        yield from () if read is None else _of_what_it_tells(view, source, read)
        return
    kpis = _fed(view, source)
    failed = not passes[0]["ok"]
    how = "has been read without success" if failed else "has not been read"
    says = f"Source {source.name} {how} since {since:%Y-%m-%d %H:%M} UTC; {_rests(kpis)}."
    yield Spot(source.name, "failing" if failed else "stale", since, kpis, says)


def _fed(view: View, source: SourceInfo) -> tuple[str, ...]:
    return tuple(kpi.id for kpi in shelf().values() if source.name in {one.name for one in feeding(kpi, view)})


def _of_what_it_tells(view: View, source: SourceInfo, read: Health) -> Iterator[Spot]:
    """A source that is read, and still does not tell all, or only what is old."""
    if not read.complete:
        kpis = _fed(view, source)
        says = f"Source {source.name} counts {read.told:,} records, and {read.taken:,} of them came; {_rests(kpis)}."
        yield Spot(source.name, "incomplete", read.complete_until, kpis, says)
    if read.far_behind and read.lag is not None and read.usual_lag is not None:
        kpis, newest = _fed(view, source), view.as_of - timedelta(seconds=read.lag)
        says = (
            f"The newest that source {source.name} told is of {newest:%Y-%m-%d %H:%M} UTC, {_hours(read.lag)} ago; in "
            f"the four weeks before it was {_hours(read.usual_lag)} at most; {_rests(kpis)}."
        )
        yield Spot(source.name, "behind", newest, kpis, says)


def _hours(seconds: float) -> str:
    hours = int(seconds // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours >= 2 else f"{int(seconds // 60)} minutes"


def _since(passes: Sequence[dict[str, Any]]) -> datetime | None:
    """The last success, else the start of the oldest failure that is remembered; None without a pass."""
    success: datetime | None = next((one["ended"] for one in passes if one["ok"]), None)
    return success if success is not None or not passes else passes[-1]["started"]


def _unobserved(view: View, tiers: tuple[int, ...]) -> Iterator[Spot]:
    """Assets of which something is expected that no source tells at all."""
    for kpi_id, (kind, verb, field) in _KINDS.items():
        if not missing(get_kpi(kpi_id), view) or any(kind in source.tells for source in view.sources):
            continue
        called = [name for name in watched_assets(view, tiers) if _expects(view, name, field)]
        if called:
            assets = "asset has" if len(called) == 1 else "assets have"
            says = f"No source {verb}, and {len(called)} {assets} a {field} to keep: a failure would not be seen."
            yield Spot(kind, "unobserved", None, (kpi_id,), says)


def _expects(view: View, name: str, field: str) -> bool:
    history = view.history(name)
    return has_slots(history) if field == "schedule" else bool(history.get(field, view.as_of))
