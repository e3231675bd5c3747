"""How much rests on an asset: what people use downstream of it, how many assets, how often it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import log10

from slo.lineage.graph import Graph
from slo.view import View

READ_WITHIN = timedelta(days=28)
AN_EXPOSURE, A_TENFOLD_OF_READS = 10, 5
"""Points: an asset downstream is worth one, an exposure ten, ten times the queries five more."""


@dataclass(frozen=True)
class Weight:
    """What rests on one asset. ``queries``: how often it was queried in the last 28 days."""

    exposures: tuple[str, ...] = ()
    downstream: int = 0
    queries: float = 0.0

    @property
    def score(self) -> int:
        """Points to rank by; 0 where nothing is known to rest on it."""
        read = A_TENFOLD_OF_READS * log10(self.queries) if self.queries >= 1 else 0
        return AN_EXPOSURE * len(self.exposures) + self.downstream + round(read)

    def words(self) -> list[str]:
        """What rests on it, in figures: "2 exposures downstream", "14 assets downstream", "300 queries in 28 days"."""
        told = [(len(self.exposures), "exposure", "downstream"), (self.downstream, "asset", "downstream")]
        told += [(round(self.queries), "query", "in 28 days")]
        return [f"{count:,} {noun if count == 1 else _plural(noun)} {rest}" for count, noun, rest in told if count]


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


class Impact:
    """The weight of every asset as of a view."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.graph = Graph.of(view)
        self._weights: dict[str, Weight] = {}

    def weight(self, asset: str) -> Weight:
        """What rests on an asset, itself left out."""
        if asset not in self._weights:
            below = self.graph.below(asset)
            used = tuple(sorted(below & self._exposures))
            self._weights[asset] = Weight(used, len(below) - len(used), self._queries.get(asset, 0.0))
        return self._weights[asset]

    def ranked(self, kinds: tuple[str, ...] | None = None) -> list[tuple[str, Weight]]:
        """Assets that exist at as-of with their weight, the heaviest first; ties by name."""
        found = [(name, self.weight(name)) for name in self._existing(kinds)]
        return sorted(found, key=lambda one: (-one[1].score, one[0]))

    def _existing(self, kinds: tuple[str, ...] | None) -> Iterator[str]:
        for name in self.view.asset_names:
            history = self.view.history(name)
            if history.exists(self.view.as_of) and (kinds is None or history.get("kind", self.view.as_of) in kinds):
                yield name

    @cached_property
    def _exposures(self) -> frozenset[str]:
        return frozenset(name for name in self._existing(None) if is_exposure(self.view, name))

    @cached_property
    def _queries(self) -> dict[str, float]:
        span = (self.view.as_of - READ_WITHIN, self.view.as_of)
        found: dict[str, float] = {}
        for reading in self.view.read("meter", {"meter": "queries", "placed_at": span}, order_by=None):
            if reading.asset is not None:
                found[reading.asset] = found.get(reading.asset, 0.0) + (reading.amount or 0.0)
        return found


def is_exposure(view: View, asset: str) -> bool:
    """Whether people or programs outside the platform use it: dbt's exposures carry the tag ``exposure:<type>``."""
    tags = view.history(asset).get("tags", view.as_of) or ()
    return any(tag == "exposure" or tag.startswith("exposure:") for tag in tags)
