"""Sources that never say when they were watched are seen from their earliest fact on (kpi_rules, section 2). Where that
moves, or one begins to say it, what rests on the source looks different far from the day of the fact that did it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from slo.assets import BEGINNING
from slo.facts import Coverage, Fact, place
from slo.kpi import Kpi
from slo.store import ChangeRow, Mark
from slo.view import View

KEY = "seen"
"""Where the store keeps what the states rest on."""
TIMED = "coverage"
"""KPIs that hear of coverage judge what did not happen: their units go on through quiet days."""
Seen = dict[str, dict[str, str | None]]
"""Source -> kind -> since when it is seen for ever (ISO 8601), None where the source says when it was watched."""


@dataclass(frozen=True)
class Moved:
    """A stretch in which it changed whether a source was seen for a kind of fact; without an end to this day."""

    source: str
    kind: str
    start: datetime
    end: datetime | None

    def by(self, fact: Fact) -> bool:
        """Whether a fact's coming or going may have done it."""
        of_edge = isinstance(fact, Coverage) or place(fact) in (self.start, self.end)
        return fact.source == self.source and of_edge


def seen_now(view: View, kpis: Iterable[Kpi]) -> Seen:
    """What is so now of every source, of the kinds whose absence is judged."""
    kinds = sorted({kpi.facts[0] for kpi in kpis if TIMED in kpi.facts})
    return {
        source: {kind: None if view.says_when(source, kind) else _since(view, source) for kind in kinds}
        for source in view.store.sources()
    }


def _since(view: View, source: str) -> str:
    return (view.store.earliest(source) or BEGINNING).isoformat()


def moved(kept: str | None, now: Seen) -> list[Moved]:
    """How it differs from what was kept (None: nothing rests on it). A source not known then was seen since ever."""
    if kept is None:
        return []
    before: Seen = json.loads(kept)
    pairs = [
        (source, kind, before.get(source, {}).get(kind, BEGINNING.isoformat()), since)
        for source, kinds in now.items()
        for kind, since in kinds.items()
    ]
    return [Moved(source, kind, *_between(old, new)) for source, kind, old, new in pairs if old != new]


def _between(old: str | None, new: str | None) -> tuple[datetime, datetime | None]:
    edges = sorted(datetime.fromisoformat(edge) for edge in (old, new) if edge is not None)
    return edges[0], edges[1] if len(edges) > 1 else None


def marks(kpi: Kpi, stretches: Iterable[Moved], view: View) -> Iterator[Mark]:
    """The days of the assets whose watch it is: a month that an older fact adds costs that month."""
    mine = [one for one in stretches if TIMED in kpi.facts and one.kind == kpi.facts[0]]
    for name in view.asset_names if mine else ():
        watches = _watches(kpi, view, name)
        for one in mine:
            if one.source in watches:
                until = None if one.end is None else view.day(kpi.seen_until(view, name, one.start, one.end))
                yield Mark(name, _first(view, name, one.start), until)


def _first(view: View, name: str, start: datetime) -> date:
    """Nothing is expected of an asset before its first version."""
    first = max(start, view.history(name).begin or BEGINNING)
    return date.min if first == BEGINNING else view.day(first)


def _watches(kpi: Kpi, view: View, name: str) -> set[str]:
    """Whose watch an asset is, by any expectation that it ever had."""
    assert kpi.expects is not None
    history = view.history(name)
    told = [history.told(moment).get(kpi.expects) for moment in history.breaks]
    witnesses = {one.source for one in told if one is not None}
    return {watch for witness in witnesses for watch in view.watches(witness, kpi.facts[0], name)}


def done_by(stretches: Iterable[Moved], changes: Iterable[ChangeRow]) -> list[Moved]:
    """Those stretches that any of the changes may have moved."""
    facts = [fact for change in changes for fact in (change.old, change.new) if fact is not None]
    return [one for one in stretches if any(one.by(fact) for fact in facts)]
