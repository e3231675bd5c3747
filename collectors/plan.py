"""Which periods one pass reads, newest first, and where the next pass goes on after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.base import Period, Source

NEWEST = timedelta(days=1)
"""What a first pass makes observed first: true numbers in minutes."""
LEAD = timedelta(hours=25)
"""What is read before what is said to be observed, as long as the longest day: what a deadline asks for may have landed
since the midnight before it, in whatever time zone. Without it, what was never read would count as missed."""
_MISSED_PASSES = 3
"""A source without history counts as unobserved after so many intervals without a pass."""


@dataclass(frozen=True)
class Bookmark:
    """How far a source has been read. ``watermark``: everything changed before it is stored. ``reached``: history is
    stored back to it, and observed from LEAD later on. ``began``: the first pass, from which the history's length
    counts. ``listed``: a complete listing of the assets was stored."""

    began: datetime | None = None
    watermark: datetime | None = None
    reached: datetime | None = None
    listed: bool = False

    @classmethod
    def read(cls, state: dict[str, Any]) -> Bookmark:
        """The bookmark of a stored state; an empty one at first."""
        instants = {
            name: datetime.fromisoformat(state[name]) for name in ("began", "watermark", "reached") if state.get(name)
        }
        return cls(**instants, listed=bool(state.get("listed")))

    def state(self) -> dict[str, Any]:
        """As JSON."""
        instants = {"began": self.began, "watermark": self.watermark, "reached": self.reached}
        return {"listed": self.listed, **{name: at.isoformat() for name, at in instants.items() if at}}


@dataclass(frozen=True)
class Step:
    """One fetch: its period, what it makes observed, and the bookmark once everything of it is stored."""

    period: Period
    observed: tuple[datetime, datetime]
    after: Bookmark


def steps(
    source: Source, mark: Bookmark, at: datetime, since: datetime | None = None, full: bool = False
) -> Iterator[Step]:
    """The fetches of a pass at ``at``: first what is new, then history backwards.

    ``since`` and ``full`` read history again, back to ``since`` or the settings' ``history_days``."""
    newest = _newest(source, mark, at)
    yield newest
    again = mark.watermark is not None and (full or since is not None)
    mark = newest.after
    if source.has_history and mark.reached and mark.began:
        floor = since or mark.began - timedelta(days=source.settings.history_days)
        yield from _history(source, mark, at, at if again else mark.reached, floor - LEAD)


def _newest(source: Source, mark: Bookmark, at: datetime) -> Step:
    if mark.watermark is None:
        since = max(at - NEWEST, at - timedelta(days=source.settings.history_days))
        observed = (since, at) if source.has_history else (at, at)
        after = replace(mark, began=at, watermark=at, reached=since - LEAD)
        return Step(Period(since - LEAD, at, latest=True), observed, after)
    overlap = Period(min(mark.watermark, at) - source.settle, at, incremental=True, latest=True)
    return Step(overlap, (_unbroken(source, mark.watermark, at), at), replace(mark, watermark=at))


def _unbroken(source: Source, watermark: datetime, at: datetime) -> datetime:
    """From when on a pass observes: since the last one, but for a source without history that was left alone."""
    interval = source.settings.interval or source.interval
    return watermark if source.has_history or at - watermark <= _MISSED_PASSES * interval else at


def _history(source: Source, mark: Bookmark, at: datetime, end: datetime, floor: datetime) -> Iterator[Step]:
    while end > floor:
        start = max(floor, end - source.chunk)
        reached = min(mark.reached or start, start)
        mark = replace(mark, reached=reached)
        yield Step(Period(start, end), (min(start + LEAD, at), min(end + LEAD, at)), mark)
        end = start


def utc(moment: datetime) -> datetime:
    """The instant in UTC."""
    return moment.astimezone(UTC)
