"""What objectives counted in the past, as somebody then would have come to know it.

What a fact became later is not undone: a run that was cleared and succeeded stands as it ended.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from slo.alerting.meter import SLACK
from slo.alerting.moments import Counted, Piece, pieces, ticks
from slo.alerting.replay.firing import Span
from slo.folding import Scope
from slo.kpi import Kpi, Params
from slo.view import View

READ_AT_ONCE = timedelta(days=28)


class Past:
    """All that one objective counted in a stretch of time."""

    def __init__(self, parts: Sequence[Counted], bad: Sequence[Piece], lasting: bool) -> None:
        self.counted, self.lasting = Counted.joined(parts, lasting), lasting
        self._bad = sorted(bad, key=lambda one: one.at)
        self._ends = [one.at + one.bad if lasting else one.at for one in self._bad]
        self._starts = [one.at for one in self._bad]
        self._longest = max((end - start for start, end in zip(self._starts, self._ends, strict=True)), default=0)

    def bad(self, span: Span) -> list[Piece]:
        """What was bad in a span, its edges with it."""
        first = bisect_left(self._starts, span.start - self._longest)
        last = bisect_right(self._starts, span.end)
        return [self._bad[place] for place in range(first, last) if self._ends[place] >= span.start]


def pasts(view: View, kpi: Kpi, params: Params, scopes: Sequence[Scope], start: datetime, end: datetime) -> list[Past]:
    """Of each scope what was known in it from ``start`` to ``end``; the facts are read once."""
    names = _names(view, kpi, scopes)
    parts: list[list[Counted]] = [[] for _ in scopes]
    bad: list[list[Piece]] = [[] for _ in scopes]
    until = ticks(end)
    for first, last in _stretches(start if kpi.seconds else start - SLACK, end):
        items = list(kpi.items(view, names, first, last, params))
        for place, scope in enumerate(scopes):
            found = [one for one in pieces(kpi, items, scope) if one.at <= until]
            parts[place].append(Counted.of(found, kpi.seconds))
            bad[place] += [one for one in found if one.bad]
    return [Past(own, worse, kpi.seconds) for own, worse in zip(parts, bad, strict=True)]


def _names(view: View, kpi: Kpi, scopes: Sequence[Scope]) -> list[str] | None:
    """The assets that may count in any of the scopes; None: all must be looked at."""
    if not kpi.by_asset or any(one.asset is None and not one.tiers for one in scopes):
        return None
    tiers = {tier for one in scopes if one.asset is None for tier in one.tiers}
    found = {one.asset for one in scopes if one.asset is not None}
    return sorted(found | {name for name in view.asset_names if tiers & _ever(view, name)})


def _ever(view: View, name: str) -> set[int | None]:
    """Every tier an asset was of."""
    history = view.history(name)
    return {history.dims(at).tier for at in history.breaks}


def _stretches(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(start + READ_AT_ONCE, end)
        start += READ_AT_ONCE


def began(past: Past, start: int) -> int:
    """From when on it can be said what an alert would have done: ``start``, or the first that was counted after it."""
    first: list[int] = past.counted.at[:1].tolist()
    return max([start, *first])
