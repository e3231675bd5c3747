"""Assets in time: which tier, team, schedule or threshold was in force at an instant, told by which source.

Several sources may tell one asset. Per source the newest version with ``valid_from`` <= t counts; over sources, field
by field, the first that is not null in the order of trust (kpi_rules, section 2).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from slo.facts import INFERRED, Asset
from slo.measure.item import Dims

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
FILLED = ("tier", "team", "domain")
"""Dimensions that look back, then ahead, where nothing is told at the moment."""
CONFIG, APPLIED = "config", "applied"
PEOPLE = (CONFIG, APPLIED)
"""Sources that are a person's own words (tierline.yaml with its critical.csv; `tierline assets apply`), trusted in this
order before anything that was imported or collected."""

_WORDS = (*PEOPLE, INFERRED)
_ENVELOPE = ("source", "id", "url", "revised_at", "deleted", "asset", "valid_from")
FIELDS = tuple(field.name for field in fields(Asset) if field.name not in _ENVELOPE)


@dataclass(frozen=True, slots=True)
class Told:
    """One field's value, who told it and since when."""

    value: Any
    source: str
    since: datetime
    fact: Asset


def _begins(version: Asset) -> datetime:
    return version.valid_from or BEGINNING


class AssetHistory:
    """All versions of one asset. Answers what was in force at an instant."""

    def __init__(self, name: str, versions: Iterable[Asset], order: Sequence[str]) -> None:
        self.name = name
        self._order = {source: place for place, source in enumerate(order)}
        self._versions: dict[str, list[Asset]] = {}
        self._ends: dict[str, list[Asset]] = {}
        for version in versions:
            self._sort_in(version)
        for told in self._versions.values():
            told.sort(key=lambda version: _begins(version))
        everything = [version for told in self._versions.values() for version in told]
        ends = [v.revised_at for told in self._ends.values() for v in told if v.revised_at]
        self.breaks = sorted({_begins(version) for version in everything} | set(ends))
        self.begin: datetime | None = min((_begins(version) for version in everything), default=None)
        """When the asset was first told of; None where no version exists."""
        collected = [_begins(v) for v in everything if v.source not in _WORDS]
        self._collected = min(collected, default=None)
        self._merged: dict[int, dict[str, Told]] = {}
        self._dims: dict[int, Dims] = {}
        self._filled: dict[str, list[Told]] = {}

    def _sort_in(self, version: Asset) -> None:
        """A deletion without a time of its own takes its version back; with one it ends the asset there."""
        if not version.deleted:
            self._versions.setdefault(version.source, []).append(version)
        elif version.revised_at is not None and version.asset is not None:
            self._versions.setdefault(version.source, []).append(version)
            self._ends.setdefault(version.source, []).append(version)

    def _in_force(self, source: str, t: datetime) -> Asset | None:
        told = [version for version in self._versions[source] if _begins(version) <= t]
        if not told:
            return None
        newest = told[-1]
        gone = newest.deleted and newest.revised_at is not None and newest.revised_at <= t
        return None if gone else newest

    def _trust(self, version: Asset) -> tuple[int, float, str]:
        """People's own words; imports, the latest told before the others; then the configured order."""
        if version.source in PEOPLE:
            return (0, float(PEOPLE.index(version.source)), version.source)
        place = self._order.get(version.source)
        if place is not None:
            return (2, float(place), version.source)
        return (1, -(_begins(version) - BEGINNING).total_seconds(), version.source)

    def told(self, t: datetime) -> dict[str, Told]:
        """Field -> what was in force at t. Before the first version, its attributes."""
        if self.begin is None:
            return {}
        t = max(t, self.begin)
        segment = bisect_right(self.breaks, t)
        if segment not in self._merged:
            self._merged[segment] = self._merge(t)
        return self._merged[segment]

    def _merge(self, t: datetime) -> dict[str, Told]:
        merged: dict[str, Told] = {}
        for version in self.in_force(t):
            for name in FIELDS:
                value = getattr(version, name)
                if value is not None and name not in merged:
                    merged[name] = Told(value, version.source, _begins(version), version)
        return merged

    def get(self, name: str, t: datetime) -> Any:
        """A field's value in force at t, or None."""
        told = self.told(t).get(name)
        return None if told is None else told.value

    def filled(self, name: str, t: datetime) -> Any:
        """As ``get``; where null, the last told before t, else the first told after."""
        value = self._dimension(name, t)
        if value is not None:
            return value
        tellings = self.tellings(name)
        before = [told for told in tellings if told.since <= t]
        if before:
            return before[-1].value
        return tellings[0].value if tellings else None

    def tellings(self, name: str) -> list[Told]:
        """Every telling of a field in order of time; of one moment's, the most trusted stands last before t."""
        if name not in self._filled:
            versions = sorted(self.versions, key=self._trust, reverse=True)
            told = [(version, getattr(version, name)) for version in versions]
            tellings = [
                Told(value, version.source, _begins(version), version) for version, value in told if value is not None
            ]
            self._filled[name] = sorted(tellings, key=lambda telling: telling.since)
        return self._filled[name]

    @cached_property
    def _settled(self) -> datetime:
        """From here on nothing is taken from a later telling."""
        firsts = [tellings[0].since for name in FILLED if (tellings := self.tellings(name))]
        return max([self.begin or BEGINNING, self._collected or BEGINNING, *firsts])

    def ahead(self, t: datetime) -> datetime | None:
        """The later telling that what holds at t rests on: an asset's first version speaks for the time before it, a
        first tier for the time without one. None where nothing later decides."""
        if t >= self._settled:
            return None
        later = [self.begin] if self.begin is not None and self.begin > t else []
        if self._collected is not None and self._collected > t:
            later.append(self._collected)
        for name in FILLED:
            tellings = self.tellings(name)
            if tellings and tellings[0].since > t and self.get(name, t) is None:
                later.append(tellings[0].since)
        return max(later, default=None)

    def dims(self, t: datetime) -> Dims:
        """The dimensions in force at t: the same between two breaks."""
        segment = bisect_right(self.breaks, t)
        if segment not in self._dims:
            tier, team, domain = (self.filled(name, t) for name in FILLED)
            self._dims[segment] = Dims(tier, team, domain, self._dimension("environment", t))
        return self._dims[segment]

    def _dimension(self, name: str, t: datetime) -> Any:
        """A dimension as it was at t. A person's words hold from their own date on; what was collected speaks for all
        the time before it, too, or a tier said since May would reach into April, and history read from staging would
        count as production."""
        if self._collected is None or t >= self._collected:
            return self.get(name, t)
        places = {source: t if source in _WORDS else self._collected for source in self._versions}
        told = [version for source, at in places.items() if (version := self._in_force(source, at)) is not None]
        values = (getattr(version, name) for version in sorted(told, key=self._trust))
        return next((value for value in values if value is not None), None)

    @property
    def versions(self) -> list[Asset]:
        """Every version told of the asset, in no order."""
        return [version for told in self._versions.values() for version in told]

    def in_force(self, t: datetime) -> list[Asset]:
        """The versions in force at t, the most trusted first; before the first version, those of the beginning."""
        if self.begin is None:
            return []
        t = max(t, self.begin)
        versions = [version for source in self._versions if (version := self._in_force(source, t)) is not None]
        return sorted(versions, key=self._trust)

    def just_before(self, version: Asset) -> Asset | None:
        """The same source's version directly before another, or None."""
        begins = _begins(version)
        earlier = [told for told in self._versions.get(version.source, ()) if _begins(told) < begins]
        return earlier[-1] if earlier else None

    def exists(self, t: datetime) -> bool:
        """Whether registers, slots and fresh seconds count at t: after the first version, not retired, not gone."""
        if self.begin is None or t < self.begin:
            return False
        if not any(self._in_force(source, t) for source in self._versions):
            return False  # a version that names the asset and says no more is one, too
        return not self.get("retired", t)

    def segments(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """[start, end) cut where a version begins or ends, so that each piece has one answer to every question."""
        inner = [moment for moment in self.breaks if start < moment < end]
        edges = [start, *inner, end]
        return [(edges[i], edges[i + 1]) for i in range(len(edges) - 1) if edges[i] < edges[i + 1]]
