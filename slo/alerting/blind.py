"""Where Tierline cannot see: a source that is not read, evidence that nobody tells, an evaluation that lags behind.

Silence of what is not seen is no health, so each blind spot is an alert of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slo.alerting.problem import DATA, RUNS, watched_assets
from slo.alerting.words import few
from slo.due.outstanding import never_landed
from slo.due.slots import has_slots
from slo.evidence.health import UNREAD, Health, Reading
from slo.evidence.sources import feeding, missing, readings
from slo.platform import SourceInfo
from slo.shelf import get_kpi, shelf
from slo.view import View

LAG = timedelta(minutes=10)
"""An evaluation as of longer ago than this says nothing of now."""
MANY = 3
"""From so many unread sources on, if they are most, it is not theirs."""
TIERLINE = "tierline"
"""The source named where it is Tierline itself that does not see."""
_KINDS = {RUNS: ("run", "tells runs", "schedule"), DATA: ("dataset_update", "tells when datasets land", "freshness")}
NO_SOURCES = (TIERLINE, *(kind for kind, _, _ in _KINDS.values()))
"""What blind spots are named that are no source's."""


@dataclass(frozen=True)
class Spot:
    """A blind spot. ``what``: of a source what Reading.blind calls it (stale, failing, incomplete, behind), unobserved
    (a kind of fact that nobody tells: ``source`` is its name), evaluation; ``kpis``: what rests on it."""

    source: str
    what: str
    since: datetime | None
    kpis: tuple[str, ...]
    says: str
    """In a plain sentence."""
    sources: tuple[str, ...] = ()
    """Of one told for many: theirs."""

    def told(self) -> dict[str, Any]:
        since = None if self.since is None else self.since.isoformat()
        return {"source": self.source, "what": self.what, "since": since, "kpis": list(self.kpis), "says": self.says}


def spots(view: View, now: datetime, tiers: tuple[int, ...]) -> list[Spot]:
    """Every blind spot at an instant (``now``: the evaluation's clock)."""
    found = [*lagging(view.as_of, now), *_unobserved(view, tiers), *_never_landed(view, tiers)]
    return [*found, *(_of_source(view, one) for one in readings(view).values() if one.blind is not None)]


def together(found: Sequence[Spot], view: View) -> list[Spot]:
    """The spots for people: where most sources are not read, the trouble is with Tierline and told once."""
    unread = [one for one in found if one.what in UNREAD and one.since is not None]
    if len(unread) < MANY:
        return list(found)
    sources = sum(one.since is not None for one in readings(view).values())
    if 2 * len(unread) <= sources:
        return list(found)
    since = max(one.since for one in unread if one.since is not None)
    kpis = tuple(dict.fromkeys(kpi for one in unread for kpi in one.kpis))
    says = f"{len(unread)} of {sources} sources have not been read with success since {since:%Y-%m-%d %H:%M} UTC or " \
           f"longer: Tierline does not collect, or reaches nobody; {_rests(kpis)}."  # fmt: skip
    names = tuple(one.source for one in unread)
    return [Spot(TIERLINE, "stale", since, kpis, says, names), *(one for one in found if one not in unread)]


def _rests(kpis: Sequence[str]) -> str:
    return "one KPI rests on it" if len(kpis) == 1 else f"{len(kpis) or 'no'} KPIs rest on it"


def lagging(as_of: datetime, now: datetime) -> Iterator[Spot]:
    """The evaluation itself, where it is too old to speak of now."""
    if now - as_of > LAG:
        says = f"The newest evaluation is as of {as_of:%Y-%m-%d %H:%M} UTC: nothing since then has been judged."
        yield Spot(TIERLINE, "evaluation", as_of, (), says)


def _of_source(view: View, one: Reading) -> Spot:
    """Of a source that is not read since when; of one that is, what does not come or is old."""
    name, kpis, what = one.source.name, _fed(view, one.source), one.blind or ""
    if what in UNREAD:
        how = "has been read without success" if what == "failing" else "has not been read"
        since, says = one.since, f"Source {name} {how} since {one.since:%Y-%m-%d %H:%M} UTC"
    else:
        assert one.health is not None
        since, says = (_incomplete if what == "incomplete" else _behind)(view, name, one.health)
    return Spot(name, what, since, kpis, f"{says}; {_rests(kpis)}.")


def _fed(view: View, source: SourceInfo) -> tuple[str, ...]:
    return tuple(kpi.id for kpi in shelf().values() if source.name in {one.name for one in feeding(kpi, view)})


def _incomplete(view: View, name: str, read: Health) -> tuple[datetime | None, str]:
    return read.complete_until, f"Source {name} counts {read.told:,} records, and {read.taken:,} of them came"


def _behind(view: View, name: str, read: Health) -> tuple[datetime | None, str]:
    assert read.lag is not None and read.usual_lag is not None
    newest = view.as_of - timedelta(seconds=read.lag)
    return newest, (
        f"The newest that source {name} told is of {newest:%Y-%m-%d %H:%M} UTC, {_hours(read.lag)} ago; in "
        f"the four weeks before it was {_hours(read.usual_lag)} at most"
    )


def _hours(seconds: float) -> str:
    hours = int(seconds // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours >= 2 else f"{int(seconds // 60)} minutes"


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


def _never_landed(view: View, tiers: tuple[int, ...]) -> Iterator[Spot]:
    """Datasets that may grow only so old, of which no landing was ever told: how old they are nobody knows."""
    if missing(get_kpi(DATA), view):
        return
    found = dict(never_landed(view, watched_assets(view, tiers)))
    if found:
        says = f"No landing was ever told of {few(sorted(found))}: that the data is too old would not be seen."
        yield Spot(_KINDS[DATA][0], "unobserved", min(found.values()), (DATA,), says)


def _expects(view: View, name: str, field: str) -> bool:
    history = view.history(name)
    return has_slots(history) if field == "schedule" else bool(history.get(field, view.as_of))
