"""Registers that rest on lineage, and the edges of their assets, read for many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from slo.facts import Edge
from slo.kpi import tellings
from slo.register.assets import AssetRegister
from slo.register.base import ORIGIN
from slo.store import ChangeRow, Mark
from slo.view import View

FEW = 5_000
"""Of more assets than this, all edges are read instead of theirs."""


class EdgeRegister(AssetRegister):
    """A register of assets whose edges count; they are what stands beside each asset."""

    facts: ClassVar[tuple[str, ...]] = ("asset", "edge")

    def beside(self, view: View, names: Collection[str], start: datetime, end: datetime) -> Mapping[str, Sequence[Any]]:
        return edges_of(view, names)

    def changing(self, beside: Sequence[Any]) -> Iterator[datetime]:
        return edge_moments(beside)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from super().reach(changes, view)
        yield from edge_marks(changes, view)


def edges_of(view: View, names: Collection[str]) -> dict[str, list[Edge]]:
    """Asset -> the edges that lead to or from it. An edge from an asset to itself tells nothing of where it stands."""
    wanted = set(names)
    found: dict[str, list[Edge]] = {}
    for edge in _read(view, wanted):
        if edge.upstream != edge.downstream:
            for end in (edge.upstream, edge.downstream):
                if end in wanted:
                    found.setdefault(end, []).append(edge)
    return found


def _read(view: View, names: Collection[str]) -> Iterable[Edge]:
    if len(names) > FEW:
        edges: list[Edge] = view.read("edge", order_by=None)
        return edges
    ends = [view.read("edge", {end: list(names)}, order_by=None) for end in ("upstream", "downstream")] if names else []
    return {(edge.source, edge.id): edge for told in ends for edge in told}.values()


def stands(edge: Edge, t: datetime) -> bool:
    """Seen by t, and not gone by then."""
    return (edge.seen_at is None or edge.seen_at <= t) and (edge.gone_at is None or edge.gone_at > t)


def upstream(edges: Sequence[Edge], name: str, t: datetime) -> bool:
    """Whether anything stands upstream of the asset."""
    return any(edge.downstream == name and stands(edge, t) for edge in edges)


def downstream(edges: Sequence[Edge], name: str, t: datetime) -> bool:
    return any(edge.upstream == name and stands(edge, t) for edge in edges)


def edge_moments(edges: Sequence[Edge]) -> Iterator[datetime]:
    for edge in edges:
        yield edge.seen_at or ORIGIN
        if edge.gone_at is not None:
            yield edge.gone_at


def edge_marks(changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """Both ends of an edge, from the first moment at which it says something else."""
    for change in changes:
        if isinstance(change.new or change.old, Edge):
            first = view.day(max(_differs_from(change), ORIGIN))
            ends = {
                end for fact in tellings([change]) if isinstance(fact, Edge) for end in (fact.upstream, fact.downstream)
            }
            yield from (Mark(end, first, None) for end in sorted(end for end in ends if end is not None))


def _differs_from(change: ChangeRow) -> datetime:
    """Where one and the same edge is told again, its seeing or its going that differs; else its seeing."""
    old, new = change.old, change.new
    same = isinstance(old, Edge) and isinstance(new, Edge) and (old.upstream, old.downstream, old.seen_at) == (
        new.upstream, new.downstream, new.seen_at
    )  # fmt: skip
    moments = [(fact.gone_at if same else fact.seen_at or ORIGIN) for fact in (old, new) if isinstance(fact, Edge)]
    return min((moment for moment in moments if moment is not None), default=ORIGIN)
