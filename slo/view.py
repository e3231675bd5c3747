"""What a KPI sees: the facts as of an instant, the assets' history, what was observed, what was agreed to leave out."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from slo.assets import APPLIED, BEGINNING, FIELDS, AssetHistory
from slo.calendars import day_of, day_start
from slo.due.updates import Ahead
from slo.facts import Asset, Coverage, DatasetUpdate, Exclusion, Fact
from slo.facts.asof import all_seen, last_moment
from slo.intervals import Interval, normalise, union
from slo.measure.item import Dims
from slo.platform import Platform, SourceInfo
from slo.store import Store

PRODUCTION = (None, "prod", "production")
"""Environments in scope by default."""


class View:
    """Everything as it looked at ``as_of``. Reads are cached for the view's life: make a new one for new facts."""

    def __init__(self, store: Store, platform: Platform, as_of: datetime) -> None:
        self.store = store
        self.platform = platform
        self.as_of = as_of
        self._histories: dict[str, AssetHistory] = {}
        self._observed: dict[tuple[str, str], list[Interval]] = {}
        self._ahead = Ahead(frozenset(), as_of, as_of, ())
        self.kept: dict[Hashable, Any] = {}
        """What KPIs of one pass share: worked out once, by name."""

    def updates(self, asset: str, start: datetime, end: datetime) -> list[DatasetUpdate]:
        """Updates of a dataset that landed in [start, end), from what was read ahead where that covers them."""
        if self._ahead.covers(asset, start, end):
            return self._ahead.between(asset, start, end)
        return self.read("dataset_update", {"asset": asset, "placed_at": (start, end)})

    def read_updates_ahead(self, assets: Collection[str], start: datetime, end: datetime) -> None:
        """Reads the updates of many datasets at once; only the last such read is kept."""
        if not all(self._ahead.covers(asset, start, end) for asset in assets):
            found = self.read("dataset_update", {"asset": list(assets), "placed_at": (start, end)})
            self._ahead = Ahead(frozenset(assets), start, end, found)

    def read(self, kind: str, where: Mapping[str, Any] | None = None, **options: Any) -> list[Any]:
        """Facts of a kind as they looked at ``as_of``; see Store.read for ``where``."""
        return all_seen(self.store.read(kind, where or {}, **options), self.as_of)

    def day(self, t: datetime) -> date:
        return day_of(t, self.platform.timezone)

    def start_of(self, day: date) -> datetime:
        return day_start(day, self.platform.timezone)

    @cached_property
    def _versions(self) -> dict[str, list[Asset]]:
        return self.asset_versions()

    def asset_versions(self) -> dict[str, list[Asset]]:
        """Asset -> every version told of it up to ``as_of``, in no order."""
        versions: dict[str, list[Asset]] = {}
        for fact in all_seen(self.store.read("asset"), self.as_of):
            if isinstance(fact, Asset) and fact.asset is not None:
                versions.setdefault(fact.asset, []).append(self._known(fact))
        return versions

    def _known(self, version: Asset) -> Asset:
        """A deletion that is still to come has not happened."""
        if version.deleted and version.revised_at is not None and version.revised_at > self.as_of:
            return replace(version, deleted=False)
        return version

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {fact.old: fact.new for fact in self.store.read("alias")}  # type: ignore[attr-defined]

    def canonical(self, asset: str | None) -> str | None:
        """The name an asset goes by now; one that was never renamed keeps its own."""
        passed: set[str] = set()
        while asset is not None and asset in self._renamed and asset not in passed:
            passed.add(asset)
            asset = self._renamed[asset]
        return asset

    @property
    def asset_names(self) -> list[str]:
        return list(self._versions)

    def history(self, asset: str | None) -> AssetHistory:
        """The asset's versions; an empty history for one that nobody told of."""
        name = asset or ""
        if name not in self._histories:
            self._histories[name] = AssetHistory(name, self._versions.get(name, ()), self.platform.source_names)
        return self._histories[name]

    def dims(self, asset: str | None, t: datetime, **own: Any) -> Dims:
        """The asset's dimensions at t; the fact's own team and environment win where they are not null."""
        dims = self.history(asset).dims(t)
        if not own:
            return dims
        return Dims(dims.tier, own.get("team") or dims.team, dims.domain, own.get("environment") or dims.environment)

    # What was observed

    @cached_property
    def sources(self) -> tuple[SourceInfo, ...]:
        """The configured sources, and what people applied: it speaks for the fields that somebody filled in alone."""
        if APPLIED not in self._kinds_told:
            return self.platform.sources
        applied = [version for told in self._versions.values() for version in told if version.source == APPLIED]
        said = tuple(name for name in FIELDS if any(getattr(version, name) is not None for version in applied))
        return (SourceInfo(APPLIED, {"asset": said}), *self.platform.sources)

    @cached_property
    def _coverage(self) -> dict[str, list[Coverage]]:
        told: dict[str, list[Coverage]] = {}
        for fact in self.read("coverage"):
            told.setdefault(fact.source, []).append(fact)
        return told

    @cached_property
    def _all_coverage(self) -> list[Coverage]:
        """Whatever was ever told, later than as-of too: whether a source speaks of its watching at all."""
        return [fact for fact in self.store.read("coverage") if isinstance(fact, Coverage)]

    def sources_watching(self, kind: str) -> list[str]:
        """Sources that said by name that they watched for a kind of fact."""
        return sorted({fact.source for fact in self._all_coverage if fact.kinds and kind in fact.kinds})

    @cached_property
    def _kinds_told(self) -> Mapping[str, Collection[str]]:
        return self.store.kinds_told()

    def observed(self, source: str, kind: str) -> list[Interval]:
        """When a source was observed for a kind of fact, up to ``as_of``: sorted, disjoint [start, end). A source
        that never says so is seen from its earliest fact on, for ever."""
        key = (source, kind)
        if key not in self._observed:
            self._observed[key] = self._stretches(source, kind)
        return self._observed[key]

    def says_when(self, source: str, kind: str) -> bool:
        """Whether a source ever says when it was observed for a kind of fact."""
        return any(fact.source == source and _speaks(fact, kind) for fact in self._all_coverage)

    def _stretches(self, source: str, kind: str) -> list[Interval]:
        speaking = [fact for fact in self._coverage.get(source, ()) if _speaks(fact, kind)]
        if not self.says_when(source, kind):
            return [(self.store.earliest(source) or BEGINNING, datetime.max.replace(tzinfo=BEGINNING.tzinfo))]
        return normalise([(fact.start, fact.end) for fact in speaking if fact.start and fact.end])

    def watched(self, witness: str, kind: str, asset: str) -> list[Interval]:
        """When an asset was watched for what the witness of an expectation expects of it.

        The witness itself is the watch, unless it is a configured source that can't tell such facts at all (an
        inventory, the settings): then whoever tells them of this asset is, so that what nobody has collected yet
        is not held against it.
        """
        watches = self.watches(witness, kind, asset)
        if len(watches) == 1:
            return self.observed(watches[0], kind)
        return union(*(self.observed(watch, kind) for watch in watches))

    def watches(self, witness: str, kind: str, asset: str) -> list[str]:
        """The sources whose watch it is."""
        configured = {source.name: source for source in self.sources}
        if witness not in configured or kind in configured[witness].tells:
            return [witness]
        key = f"watch:{kind}:{asset}"
        if key not in self.kept:
            last = self.store.read(kind, {"asset": asset}, descending=True, limit=1)
            telling = [source.name for source in self.sources if kind in source.tells]
            self.kept[key] = [last[0].source] if last else telling or [witness]
        found: list[str] = self.kept[key]
        return found

    def sources_telling(self, kinds: Iterable[str]) -> list[str]:
        """Sources that have told any of these kinds."""
        wanted = set(kinds)
        return [source for source, told in self._kinds_told.items() if wanted & set(told)]

    def can_tell(self, source: str, kind: str, name: str) -> bool:
        """Whether a source can tell a field at all; imports are taken at their word."""
        configured = {one.name: one for one in self.sources}
        return source not in configured or name in configured[source].tells.get(kind, ())

    def imports_tell(self, name: str) -> bool:
        """Whether an imported asset tells a field."""
        configured = {one.name for one in self.sources}
        versions = (version for told in self._versions.values() for version in told)
        return any(version.source not in configured and getattr(version, name) is not None for version in versions)

    # What was agreed to leave out

    @cached_property
    def exclusions(self) -> list[Exclusion]:
        told: list[Exclusion] = list(self.store.read("exclusion"))  # type: ignore[arg-type]
        return [replace(fact, assets=self.canonical(fact.assets)) for fact in told]

    def exclusion(self, kpi: str, asset: str | None, dims: Dims, t: datetime) -> str | None:
        """The reason why what happened at t is left out, or None. Of several the first recorded."""
        return next((fact.reason for fact in self.excluding(kpi, asset, dims, t)), None)

    def excluding(self, kpi: str, asset: str | None, dims: Dims, t: datetime) -> Iterator[Exclusion]:
        """Every exclusion that leaves out what happened at t, as they were recorded."""
        for fact in self.exclusions:
            if fact.start and fact.end and fact.start <= t < fact.end and _covers(fact, kpi, asset, dims):
                yield fact

    def exclusion_edges(self, kpi: str, asset: str | None, start: datetime, end: datetime) -> list[datetime]:
        """Instants inside (start, end) at which an exclusion may begin or end."""
        edges = {edge for fact in self.exclusions for edge in (fact.start, fact.end) if edge and start < edge < end}
        return sorted(edges)


def _speaks(fact: Coverage, kind: str) -> bool:
    """Without kinds a coverage speaks for whatever its source may tell: also for what has not come yet."""
    return fact.kinds is None or kind in fact.kinds


def _covers(fact: Exclusion, kpi: str, asset: str | None, dims: Dims) -> bool:
    if fact.kpis and kpi not in fact.kpis:
        return False
    if fact.assets and (asset is None or not fnmatchcase(asset, fact.assets)):
        return False
    if fact.team is not None and fact.team != dims.team:
        return False
    return fact.tier is None or fact.tier == dims.tier


def in_production(environment: str | None) -> bool:
    return environment in PRODUCTION


def later(*moments: datetime | None) -> datetime | None:
    """The latest of those that are known."""
    return max((moment for moment in moments if moment is not None), default=None)


def own(facts: Iterable[Fact], as_of: datetime) -> datetime | None:
    """The last moment of several facts up to an instant."""
    return later(*(last_moment(fact, as_of) for fact in facts))
