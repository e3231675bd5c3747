"""Registers of assets: which of them stand in it at an instant, and what each of them lacks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from slo.assets import FILLED, AssetHistory
from slo.kpi import Kpi
from slo.marks import asset_marks
from slo.measure import Item
from slo.measure.item import Dims
from slo.register.base import RegisterKpi
from slo.store import ChangeRow, Mark
from slo.view import View

CRITICAL = (0, 1)
CURATED = ("curated", "mart", "serving", "gold")


@dataclass(frozen=True, slots=True)
class Subject:
    """One asset with whatever else tells of it (edges, tests)."""

    name: str
    history: AssetHistory
    beside: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """An asset as it stood at an instant."""

    subject: Subject
    at: datetime
    dims: Dims

    def get(self, field: str) -> Any:
        """A field's value then; tier, team and domain as dimensions are filled."""
        return getattr(self.dims, field) if field in FILLED else self.subject.history.get(field, self.at)

    def has(self, field: str) -> bool:
        """Blank is missing: null, false, an empty list, nothing but spaces."""
        value = self.get(field)
        return value is not None and value is not False and not _blank(value)

    @property
    def told_by(self) -> list[str]:
        """The sources whose word was in force."""
        return [version.source for version in self.subject.history.in_force(self.at)]

    @property
    def is_dataset(self) -> bool:
        """An asset whose kind nobody told is none."""
        return bool(self.get("kind") == "dataset")

    @property
    def critical(self) -> bool:
        return self.dims.tier in CRITICAL


def _blank(value: Any) -> bool:
    if isinstance(value, list):
        return all(_blank(word) for word in value)
    return isinstance(value, str) and not value.strip()


class AssetRegister(RegisterKpi):
    """Assets of some kind; good is one that has all that is ``required``."""

    facts: ClassVar[tuple[str, ...]] = ("asset",)

    @abstractmethod
    def counts(self, view: View, asset: Standing) -> bool:
        """Whether the asset is one of those judged."""

    def has(self, asset: Standing, what: str) -> bool:
        """Whether it has one of the required things."""
        return asset.has(what)

    def beside(self, view: View, names: Collection[str], start: datetime, end: datetime) -> Mapping[str, Sequence[Any]]:
        """Asset -> what else tells of it, wanted between two instants. Read for many at once."""
        return {}

    def changing(self, beside: Sequence[Any]) -> Iterator[datetime]:
        """Instants at which that changes."""
        return iter(())

    # What the base asks

    def subjects(self, view: View, assets: Collection[str] | None, start: datetime, end: datetime) -> Iterable[Subject]:
        asked = view.asset_names if assets is None else [name for name in assets if name is not None]
        names = [name for name in asked if view.history(name).begin is not None]
        beside = self.beside(view, names, start, end)
        for name in names:
            yield Subject(name, view.history(name), beside.get(name, ()))

    def judged(self, view: View, subject: Subject, t: datetime) -> Item | None:
        if not subject.history.exists(t):
            return None
        asset = Standing(subject, t, subject.history.dims(t))
        return self.judge(view, asset) if self.counts(view, asset) else None

    def judge(self, view: View, asset: Standing) -> Item | None:
        there = {what: 1 for what in self.required if self.has(asset, what)}
        lacking = [what for what in self.required if what not in there]
        name = asset.subject.name
        return Item(
            at=asset.at, asset=name, dims=asset.dims, good=int(not lacking), bad=int(bool(lacking)),
            excluded=view.exclusion(self.id, name, asset.dims, asset.at), beside=there or None,
            note=f"no {', no '.join(lacking)}" if lacking else "",
        )  # fmt: skip

    def moments(self, view: View, subject: Subject) -> Iterator[datetime]:
        yield from subject.history.breaks
        yield from self.changing(subject.beside)
        yield from exclusion_edges(view, self, subject.name)

    def behind(self, view: View, subject: Subject, item: Item) -> Item:
        item.facts = tuple(subject.history.in_force(item.at)[:1])
        return item

    def asset_of(self, subject: Subject) -> str | None:
        return subject.name

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """From the day on in which an asset, or what else tells of it, says something else."""
        yield from asset_marks(self, changes, view)


def exclusion_edges(view: View, kpi: Kpi, asset: str | None) -> Iterator[datetime]:
    """When an exclusion begins or ends that may leave out the asset (None: an entry)."""
    for fact in view.exclusions:
        named = fact.assets is None or (asset is not None and fnmatchcase(asset, fact.assets))
        if named and (not fact.kpis or kpi.id in fact.kpis):
            yield from (edge for edge in (fact.start, fact.end) if edge is not None)
