"""What is supposed: settings of the platform, fields of assets, a target's bounds."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from slo.errors import ConfigError
from slo.facts import Asset
from slo.platform import Platform

Versions = Mapping[str, list[Asset]]
"""Asset -> all that was ever told of it."""
OF_DATASETS = ("freshness", "freshness_objective", "quality_objective")


@dataclass(frozen=True)
class Rule:
    """A field of all assets whose name matches ``glob``, in all their time. ``option`` names it in errors."""

    option: str
    glob: str
    field: str
    value: Any

    def touched(self, versions: Versions) -> set[str]:
        """The assets it holds for: of those that match, the ones that have the field, else those that could.

        Raises ConfigError where it matches nothing, with the nearest names.
        """
        matching = {name for name in versions if fnmatchcase(name, self.glob)}
        if not matching:
            raise ConfigError(f"{self.option} {self.glob}: no asset matches; {_near(self.glob, versions)}")
        if self.field == "tier":
            return matching
        having = {name for name in matching if any(getattr(one, self.field) is not None for one in versions[name])}
        found = having or {name for name in matching if any(_could(one, self.field) for one in versions[name])}
        if not found:
            kinds = sorted({one.kind for name in matching for one in versions[name] if one.kind})
            raise ConfigError(
                f"{self.option} {self.glob}: matches only {', '.join(kinds)} assets, which have no {self.field}"
            )
        return found

    def laid(self, told: Iterable[Asset]) -> list[Asset]:
        """An asset's versions with the field as supposed: where a version tells it, else in all of them."""
        versions = list(told)
        telling = any(getattr(one, self.field) is not None for one in versions) and self.field != "tier"
        return [
            replace(one, **{self.field: self.value}) if not telling or getattr(one, self.field) is not None else one
            for one in versions
        ]


def _could(version: Asset, name: str) -> bool:
    return name not in OF_DATASETS or version.kind in (None, "dataset")


def _near(glob: str, names: Iterable[str]) -> str:
    """Names that look like a pattern, by the whole and by their last part."""
    known = sorted(names)
    last = {name.rpartition("/")[2]: name for name in known}
    wanted = glob.strip("*")
    near = difflib.get_close_matches(wanted, known, n=3) or [
        last[one] for one in difflib.get_close_matches(wanted.rpartition("/")[2], last, n=3)
    ]
    if near:
        return f"did you mean {', '.join(near)}?"
    return f"names begin like {', '.join(known[:3])}" if known else "no asset is known yet"


@dataclass(frozen=True)
class Supposed:
    """``settings`` are fields of the Platform; ``floor`` and ``stretch`` bounds of the KPI's target, in its unit."""

    rules: tuple[Rule, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    floor: float | None = None
    stretch: float | None = None

    @property
    def of_target(self) -> bool:
        return self.floor is not None or self.stretch is not None

    def platform(self, platform: Platform) -> Platform:
        return replace(platform, **self.settings)
