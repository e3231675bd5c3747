"""Whom an asset inherits from, field by field: the same table told by another source, its schema or folder, and the
pipelines that produce it. What is inferred is never handed on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slo.assets import FILLED, AssetHistory, Told
from slo.facts import INFERRED
from slo.lineage.graph import Graph
from slo.view import View, in_production

INHERITED = ("tier", "team", "domain", "owner")
RELATION_PARTS = 3
"""database.schema.table: with fewer parts two databases would be taken for one."""
AGREEING = 3
"""So many of a schema's tables must say the same, and none another, before the others are taken to follow."""

_FOLDERS = ("s3", "s3a", "gs", "abfss", "wasbs", "hdfs", "file")
"""Namespaces whose names are paths: a dot in them begins a file's extension."""


@dataclass(frozen=True)
class Inherited:
    """A value, and the sentence that says where it comes from."""

    value: Any
    how: str


class Kin:
    """The relations between a view's assets."""

    def __init__(self, view: View) -> None:
        self.view, self._graph = view, Graph.of(view)
        self._same: defaultdict[str, list[str]] = defaultdict(list)
        self._within: defaultdict[str, list[str]] = defaultdict(list)
        self._twins: dict[str, list[str]] = {}
        self._producers: dict[str, list[str]] = {}
        self._moments: dict[str, set[datetime]] = {}
        self._agreed: dict[tuple[str, str, datetime], tuple[Any, int] | None] = {}
        self.datasets = [name for name in view.asset_names if self._is(name, "dataset")]
        for name in self.datasets:
            self._same[relation(name)].append(name)
            self._within[container(name)].append(name)

    def _is(self, name: str, kind: str) -> bool:
        history = self.view.history(name)
        return history.exists(self.view.as_of) and history.get("kind", self.view.as_of) == kind

    def twins(self, asset: str) -> list[str]:
        """The same database.schema.table as other sources tell it."""
        if asset not in self._twins:
            found = self._same.get(relation(asset), []) if relation(asset) else []
            self._twins[asset] = [name for name in found if name != asset and self._beside(name, asset)]
        return self._twins[asset]

    def producers(self, asset: str) -> list[str]:
        """The pipelines that feed it, or the same table as told by another source."""
        if asset not in self._producers:
            feeding = {up for name in (asset, *self.twins(asset)) for up in self._graph.parents(name)}
            found = (name for name in feeding if self._is(name, "pipeline") and self._beside(name, asset))
            self._producers[asset] = sorted(found)
        return self._producers[asset]

    def _beside(self, one: str, other: str) -> bool:
        """Whether both run in the same environment; production may be called so or not named at all."""
        first, second = (self.view.history(name).dims(self.view.as_of).environment for name in (one, other))
        return first == second or (in_production(first) and in_production(second))

    def moments(self, asset: str) -> set[datetime]:
        """When a relative of an asset began to say something of what is inherited."""
        place = container(asset)
        if place not in self._moments:
            self._moments[place] = self._said_since([place, *self._within[place]]) if place else set()
        return self._moments[place] | self._said_since([*self.twins(asset), *self.producers(asset)])

    def _said_since(self, names: list[str]) -> set[datetime]:
        histories = [self.view.history(name) for name in names]
        return {one.since for history in histories for field in INHERITED for one in own_tellings(history, field)}

    def inherited(self, asset: str, field: str, t: datetime) -> Inherited | None:
        """What an asset that nobody says the field of takes from its relatives at t."""
        return (
            self._of(self.twins(asset), field, t, "the same table as {}")
            or self._of_container(asset, field, t)
            or self._of(self.producers(asset), field, t, "produced by {}")
        )

    def _of(self, names: list[str], field: str, t: datetime, how: str) -> Inherited | None:
        """The strictest tier; of any other field what all say that say anything."""
        said = {name: value for name in names if (value := own(self.view.history(name), field, t)) is not None}
        values = set(said.values())
        if not values or (field != "tier" and len(values) > 1):
            return None
        value = min(values)
        first = next(name for name in said if said[name] == value)
        strictest = f", the strictest of {len(said)}" if len(values) > 1 else ""
        return Inherited(value, how.format(first) + strictest)

    def _of_container(self, asset: str, field: str, t: datetime) -> Inherited | None:
        """What is said of the schema or folder itself; else, but for the tier, what its tables agree on."""
        place = container(asset)
        if not place:
            return None
        said = own(self.view.history(place), field, t)
        if said is not None:
            return Inherited(said, f"{place} says so")
        agreed = self._agreement(place, field, t) if field != "tier" else None
        return Inherited(agreed[0], f"the {agreed[1]} others told of in {place} agree") if agreed else None

    def _agreement(self, place: str, field: str, t: datetime) -> tuple[Any, int] | None:
        key = (place, field, t)
        if key not in self._agreed:
            told = [own(self.view.history(name), field, t) for name in self._within[place]]
            said = [value for value in told if value is not None]
            self._agreed[key] = (said[0], len(said)) if len(said) >= AGREEING and len(set(said)) == 1 else None
        return self._agreed[key]


def relation(asset: str) -> str:
    """``database.schema.table`` whatever its spelling's case; empty where the name has fewer or more parts."""
    last = asset.rpartition("/")[2].casefold()
    return last if last.count(".") == RELATION_PARTS - 1 else ""


def container(asset: str) -> str:
    """The schema (``warehouse/shop.public`` of ``warehouse/shop.public.orders``) or the folder; empty: it has none."""
    scheme, _, path = asset.rpartition("://")
    place, _, last = path.rpartition("/")
    if "." in last and scheme not in _FOLDERS:
        return asset.rpartition(".")[0]
    return asset.rpartition("/")[0] if "/" in place else ""


def own_tellings(history: AssetHistory, field: str) -> list[Told]:
    """What people and sources told of a field, in order of time."""
    return [told for told in history.tellings(field) if told.source != INFERRED]


def own(history: AssetHistory, field: str, t: datetime) -> Any:
    """A field's value at t as people and sources told it; tier, team and domain look back, then ahead."""
    told = history.told(t).get(field)
    if told is not None and told.source != INFERRED:
        return told.value
    tellings = own_tellings(history, field) if field in FILLED else []
    before = [one for one in tellings if one.since <= t]
    return (before[-1] if before else tellings[0]).value if tellings else None
