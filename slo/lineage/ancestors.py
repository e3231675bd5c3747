"""From a failure to what it began with: the earliest ancestor that was failing, by lineage.

Pure: edges and events in, one event out. An ancestor is failing at t when its last event up to t is bad. Success in
between absolves: what succeeded after an ancestor's failure, the asset itself included, was not held up by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from slo.facts import Edge, Fact

REACH = timedelta(hours=24)
"""How long before a failure its cause is looked for."""
DEEPEST = 20
"""Edges upwards; what lies beyond is no cause that one would act on."""
MOST = 2_000
"""Ancestors looked at for one failure."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that went well or badly with an asset. ``at``: when that was known (a run: when it ended)."""

    asset: str
    at: datetime
    ok: bool
    what: str = ""
    """failed, missed, late."""
    responsible: str | None = None
    """Who answers for it; None: the platform."""
    fact: Fact | None = None
    began: datetime | None = None
    """Of a run: when it had begun."""
    known: datetime | None = None
    """Of what never came, a run at its slot or data at its deadline: when that was known."""


Canonical = Callable[[str | None], str | None]
"""The name an asset goes by now."""
Events = Callable[[str], Sequence[Event]]
"""An asset's events in order of time."""


class Lineage:
    """Who stands directly upstream of whom, at an instant."""

    def __init__(self, edges: Iterable[Edge], canonical: Canonical = lambda name: name) -> None:
        self._above: dict[str, list[tuple[str, Edge]]] = {}
        for edge in edges:
            up, down = canonical(edge.upstream), canonical(edge.downstream)
            if up is not None and down is not None and up != down:
                self._above.setdefault(down, []).append((up, edge))

    def __bool__(self) -> bool:
        return bool(self._above)

    def __contains__(self, asset: str) -> bool:
        """Whether anything ever stood upstream of it."""
        return asset in self._above

    def upstream(self, asset: str, t: datetime) -> Iterator[str]:
        """Names of the assets directly upstream at t."""
        for name, edge in self._above.get(asset, ()):
            seen = edge.seen_at is None or edge.seen_at <= t
            if seen and (edge.gone_at is None or edge.gone_at > t):
                yield name

    def ancestors(self, assets: Iterable[str]) -> set[str]:
        """All that ever stood upstream of any of these, cycles or not."""
        found: set[str] = set()
        open_ends = list(assets)
        while open_ends:
            above = {name for name, _ in self._above.get(open_ends.pop(), ())} - found
            found |= above
            open_ends += above
        return found


def root(lineage: Lineage, events: Events, asset: str, at: datetime) -> Event | None:
    """The first failure of the earliest failing ancestor of what failed at ``at``; None where no ancestor was failing.

    An asset that had been failing is followed from where that began, a day back at most. Every ancestor is reached by
    the path that forgives least: along a path only failures count that came after the last success of all on it. What
    never came was held up, too, by a run that was under way when it should have, and failed then.
    """
    own = _began(events(asset), at)
    at, waited = (at, False) if own is None else (own.known or own.at, own.known is not None)
    found: Event | None = None
    for name, since in _walk(lineage, events, asset, at):
        first = _failed(events(name), since, at, waited)
        if first is not None and name != asset and (found is None or _order(first) < _order(found)):
            found = first
    return found


def _began(own: Sequence[Event], at: datetime) -> Event | None:
    """The first failure since the last success, within reach."""
    since = max((event.at for event in own if event.ok and event.at <= at), default=at - REACH)
    return next((event for event in own if not event.ok and max(since, at - REACH) < event.at <= at), None)


def _failed(events: Iterable[Event], since: datetime, at: datetime, waited: bool) -> Event | None:
    """The first failure after ``since`` and up to ``at``, or, where something waited, of what was under way then."""
    first = next((event for event in events if event.at > since), None)
    if first is None or first.ok:
        return None
    under_way = waited and first.began is not None and first.began < at
    return first if first.at <= at or under_way else None


def _order(event: Event) -> tuple[datetime, str]:
    return event.at, event.asset


def _walk(lineage: Lineage, events: Events, asset: str, at: datetime) -> Iterator[tuple[str, datetime]]:
    """The asset and its ancestors, each once, with the instant since which nothing between it and the asset
    succeeded."""
    waiting = [(_since(events, asset, at, at - REACH), 0, asset)]
    passed: set[str] = set()
    while waiting and len(passed) < MOST:
        since, depth, name = heappop(waiting)
        if name in passed:
            continue
        passed.add(name)
        yield name, since
        if depth < DEEPEST:
            for above in lineage.upstream(name, at):
                if above not in passed:
                    heappush(waiting, (_since(events, above, at, since), depth + 1, above))


def _since(events: Events, asset: str, at: datetime, since: datetime) -> datetime:
    """The asset's last success up to ``at``, where that is later than ``since``."""
    return max((event.at for event in events(asset) if event.ok and since < event.at <= at), default=since)
