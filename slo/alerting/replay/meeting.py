"""How what would have fired meets the incidents there really were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from statistics import median
from typing import Any

from slo.alerting.moments import TICK, Piece, moment, ticks
from slo.alerting.replay.firing import Span
from slo.alerting.replay.past import Past
from slo.folding import Scope
from slo.incidents.cases import cases
from slo.lineage.graph import Graph
from slo.view import View

MARGIN = timedelta(hours=2)
"""How long after its end an incident may still be what fires: what ran into it has ended by then."""
SECOND = 1_000_000


@dataclass(frozen=True)
class Trouble:
    """An incident as alerts could have met it: from its start to its last end (or as-of), its assets and what they
    feed."""

    key: str
    title: str
    span: Span
    over: bool
    """It has ended."""
    assets: frozenset[str]
    cost: int = 1
    """How many bad events of these were known during it, or soon after; where time is counted, one."""

    def told(self) -> dict[str, Any]:
        began = moment(self.span.start).isoformat()
        return {"incident": self.key, "title": self.title, "started_at": began, "cost": self.cost}

    def met(self, fired: Span, bad: Iterable[Piece]) -> bool:
        """Is it what fired, when all this was bad?"""
        lately = self.span.end >= fired.start - MARGIN // TICK
        return lately and self.span.start < fired.end and any(one.asset in self.assets for one in bad)


def troubles(view: View, scope: Scope, past: Past, window: Span) -> list[Trouble]:
    """The incidents of a scope that began in a window and cost budget: during which, or soon after, something bad was
    known of one of their assets, or of what these feed."""
    found = []
    for one in _incidents(view, scope):
        bad = past.bad(Span(one.span.start, one.span.end + MARGIN // TICK))
        cost = sum(1 for piece in bad if piece.asset in one.assets)
        if cost and window.start <= one.span.start < window.end:
            found.append(replace(one, cost=1 if past.lasting else cost))
    return found


def _incidents(view: View, scope: Scope) -> Iterable[Trouble]:
    graph = Graph.of(view)
    for case in cases(view):
        own = frozenset(str(view.canonical(match[0])) for match in case.matches if match[0])
        if own and scope.matches(case.matches, case.tier):
            restored = case.restored_at()
            span = Span(ticks(case.begins), ticks(restored or view.as_of))
            below = [graph.below(name) for name in own]
            title = case.fact.title or str(case.fact.id)
            yield Trouble(f"{case.fact.source}/{case.fact.id}", title, span, restored is not None, own.union(*below))


@dataclass
class Outcome:
    """What a policy would have done for one objective or several."""

    window: int = 0
    """Microseconds looked at, of all objectives together."""
    fires: int = 0
    met: int = 0
    """How many of what fired met an incident."""
    pages: int = 0
    pages_met: int = 0
    """The same of its pages alone."""
    firing: int = 0
    """Microseconds during which it fired."""
    incidents: dict[str, Trouble] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)
    """Incident -> microseconds from its start to the first that fired for it."""
    reset: dict[str, int] = field(default_factory=dict)
    """Incident that is over -> microseconds from its end to the end of the last that fired for it."""

    def add(self, other: Outcome) -> None:
        """Takes another objective's; an incident that several met was met by the first, and is told until the last."""
        self.window, self.firing = self.window + other.window, self.firing + other.firing
        self.fires, self.met = self.fires + other.fires, self.met + other.met
        self.pages, self.pages_met = self.pages + other.pages, self.pages_met + other.pages_met
        for key, one in other.incidents.items():
            self.incidents[key] = max(one, self.incidents.get(key, one), key=lambda one: one.cost)
        for key, late in other.late.items():
            self.late[key] = min(late, self.late.get(key, late))
        for key, reset in other.reset.items():
            self.reset[key] = max(reset, self.reset.get(key, reset))

    def told(self) -> dict[str, Any]:
        """As plain values; times in seconds, shares unrounded, None where there is nothing to speak of."""
        missed = [one for key, one in self.incidents.items() if key not in self.late]
        several = [key for key, one in self.incidents.items() if one.cost > 1]
        return {
            "fires": self.fires, "met": self.met, "precision": _share(self.met, self.fires),
            "pages": self.pages, "pages_met": self.pages_met,
            "incidents": len(self.incidents), "incidents_met": len(self.late),
            "several": len(several), "several_met": sum(1 for key in several if key in self.late),
            "missed": [one.told() for one in sorted(missed, key=lambda one: one.span)],
            "late": _seconds(self.late), "reset": _seconds(self.reset),
            "firing_share": _share(self.firing, self.window),
        }  # fmt: skip


def outcome(fired: Sequence[Span], past: Past, back: timedelta, found: Sequence[Trouble], window: Span) -> Outcome:
    """What an objective's alert did: ``fired`` in a window, each for what was bad from ``back`` before it on."""
    told = Outcome(window=window.end - window.start, fires=len(fired), incidents={one.key: one for one in found})
    for one in fired:
        told.firing += one.end - one.start
        bad = past.bad(Span(one.start - back // TICK, one.end))
        because = [trouble for trouble in found if trouble.met(one, bad)]
        told.met += bool(because)
        for trouble in because:
            late = max(0, one.start - trouble.span.start)
            told.late[trouble.key] = min(late, told.late.get(trouble.key, late))
            if trouble.over:
                reset = max(0, one.end - trouble.span.end)
                told.reset[trouble.key] = max(reset, told.reset.get(trouble.key, reset))
    return told


def _share(part: int, whole: int) -> float | None:
    return float(Fraction(part, whole)) if whole else None


def _seconds(found: Mapping[str, int]) -> dict[str, float | None]:
    values = found.values()
    if not values:
        return {"median": None, "worst": None}
    return {"median": median(values) / SECOND, "worst": max(values) / SECOND}
