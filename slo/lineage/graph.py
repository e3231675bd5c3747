"""What is downstream of what as lineage stands at an instant: everything below an asset, its direct parents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from slo.view import View

Edges = Mapping[str, frozenset[str]]


class Graph:
    """Edges between assets; what was told as gone is not there."""

    def __init__(self, edges: Iterable[tuple[str | None, str | None]]) -> None:
        downward: defaultdict[str, set[str]] = defaultdict(set)
        upward: defaultdict[str, set[str]] = defaultdict(set)
        for upstream, downstream in edges:
            if upstream and downstream and upstream != downstream:
                downward[upstream].add(downstream)
                upward[downstream].add(upstream)
        self._down: Edges = {name: frozenset(found) for name, found in downward.items()}
        self._up: Edges = {name: frozenset(found) for name, found in upward.items()}

    @classmethod
    def of(cls, view: View) -> Graph:
        """The edges at the view's as-of, assets by their present names."""
        return cls(
            (view.canonical(edge.upstream), view.canonical(edge.downstream))
            for edge in view.read("edge", order_by=None)
            if edge.gone_at is None
        )

    def parents(self, asset: str) -> frozenset[str]:
        """What feeds an asset directly."""
        return self._up.get(asset, frozenset())

    def children(self, asset: str) -> frozenset[str]:
        """What an asset feeds directly."""
        return self._down.get(asset, frozenset())

    def below(self, asset: str) -> frozenset[str]:
        """Everything that an asset feeds, directly or by way of others; never itself, in a circle neither."""
        found: set[str] = set()
        waiting = [asset]
        while waiting:
            for name in self._down.get(waiting.pop(), ()):
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return frozenset(found - {asset})
