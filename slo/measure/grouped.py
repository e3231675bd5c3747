"""Measures that look at each asset by itself first: Share, Change and Totals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Self

from slo.measure.item import Item
from slo.measure.ratio import Ratio
from slo.measure.samples import Samples
from slo.measure.state import State, merge_keyed, relative
from slo.measure.sums import Quotient


@dataclass(frozen=True, slots=True)
class Share(State):
    """A Ratio per asset (an item's ``key``, else its asset), judged one by one; the value is met / judged."""

    assets: dict[str, Ratio] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        grouped: dict[str, list[Item]] = {}
        for item in items:
            grouped.setdefault(item.key or item.asset or "", []).append(item)
        return cls({asset: Ratio.of(members) for asset, members in grouped.items()})

    def merge(self, other: Self) -> Self:
        return self.together((self, other))

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        return cls(merge_keyed(Ratio, (state.assets for state in states)))

    def judged(self, met: Callable[[str, Ratio], bool | None]) -> Ratio:
        """Assets that meet their objective are good, those that don't bad, None (too little seen) unknown."""
        verdicts = [met(asset, ratio) for asset, ratio in self.assets.items()]
        return Ratio(good=verdicts.count(True), bad=verdicts.count(False), unseen=verdicts.count(None))

    @property
    def names(self) -> Collection[str]:
        return self.assets

    def only(self, kept: Collection[str]) -> Self:
        """With some of its assets alone."""
        return type(self)({key: self.assets[key] for key in kept if key in self.assets})

    def to_json(self) -> dict[str, Any]:
        return {asset: ratio.to_json() for asset, ratio in sorted(self.assets.items())}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls({asset: Ratio.from_json(ratio) for asset, ratio in data.items()})


@dataclass(frozen=True, slots=True)
class Change(State):
    """Samples per asset, to be compared between two windows. The mix of assets can't move the figure, because each
    asset is compared with itself."""

    assets: dict[str, Samples] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        grouped: dict[str, list[Item]] = {}
        for item in items:
            grouped.setdefault(item.asset or "", []).append(item)
        return cls({asset: Samples.of(members) for asset, members in grouped.items()})

    def merge(self, other: Self) -> Self:
        return self.together((self, other))

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        return cls(merge_keyed(Samples, (state.assets for state in states)))

    def against(self, before: Self, q: float, minimum: int) -> dict[str, float]:
        """Per asset with at least ``minimum`` samples in both windows: its quantile's relative change."""
        changes: dict[str, float] = {}
        for asset, now in self.assets.items():
            then = before.assets.get(asset)
            if then is None or now.n < minimum or then.n < minimum:
                continue
            new, old = now.quantile(q), then.quantile(q)
            if new is not None and old:
                changes[asset] = relative(new, old)
        return changes

    @property
    def names(self) -> Collection[str]:
        return self.assets

    def only(self, kept: Collection[str]) -> Self:
        """With some of its assets alone."""
        return type(self)({key: self.assets[key] for key in kept if key in self.assets})

    def to_json(self) -> dict[str, Any]:
        return {asset: samples.to_json() for asset, samples in sorted(self.assets.items())}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls({asset: Samples.from_json(samples) for asset, samples in data.items()})


@dataclass(frozen=True, slots=True)
class Totals(State):
    """A Quotient per key (an item's ``key``, else its asset): sums that are compared with one another."""

    keys: dict[str, Quotient] = field(default_factory=dict)

    @classmethod
    def title(cls) -> str:
        return "Change"

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        grouped: dict[str, list[Item]] = {}
        for item in items:
            grouped.setdefault(item.key or item.asset or "", []).append(item)
        return cls({key: Quotient.of(members) for key, members in grouped.items()})

    def merge(self, other: Self) -> Self:
        return self.together((self, other))

    @classmethod
    def together(cls, states: Iterable[Self]) -> Self:
        return cls(merge_keyed(Quotient, (state.keys for state in states)))

    @property
    def names(self) -> Collection[str]:
        return self.keys

    def only(self, kept: Collection[str]) -> Self:
        """With some of its keys alone."""
        return type(self)({key: self.keys[key] for key in kept if key in self.keys})

    def to_json(self) -> dict[str, Any]:
        return {key: quotient.to_json() for key, quotient in sorted(self.keys.items())}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls({key: Quotient.from_json(quotient) for key, quotient in data.items()})


def middle(changes: Mapping[str, float]) -> float | None:
    """The median over assets."""
    return median(changes.values()) if changes else None
