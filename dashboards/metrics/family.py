"""A metric family: what it is called and says, and its samples. What is exposed and what docs/metrics.md lists are
the same ``Spec``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

PREFIX = "dataplatform_"
UNITS = ("seconds", "ratio")
"""Base units that OpenMetrics names beside the type; the last word of the name says them."""

ANY = "<metric>"
"""Stands in docs/metrics.md for the last part of a name that every KPI has."""

RESERVED = frozenset({"kpi", "profile", "row", "window", "tier", "team", "domain", "asset", "status", "bound"})
"""Labels of the results' families: nobody may add one of these."""
Labels = tuple[str, ...]


@dataclass(frozen=True)
class Spec:
    """One family as it is exposed. ``name``: that of its samples, so a counter's ends in _total, an info's in _info."""

    name: str
    words: str
    labels: Labels = ()
    kind: Literal["gauge", "counter", "info"] = "gauge"

    @property
    def unit(self) -> str:
        """The base unit, "" for one that has none: a count, a score, money."""
        last = self.name.rpartition("_")[2]
        return last if last in UNITS else ""


@dataclass(frozen=True)
class Group:
    """Families that belong together, as docs/metrics.md tells them. ``ends``: when a series of theirs ends;
    ``examples``: what is asked, and its query."""

    title: str
    words: str
    ends: str
    specs: tuple[Spec, ...]
    examples: tuple[tuple[str, str], ...]


@dataclass
class Family:
    """A spec with its samples: label values -> value. A label set stands once, as its first sample has it."""

    spec: Spec
    samples: dict[Labels, float] = field(default_factory=dict)

    def add(self, labels: Iterable[Any], value: float | None) -> None:
        """No data (None) gives no sample. A label that is None is written empty."""
        if value is not None:
            values = tuple("" if label is None else str(label) for label in labels)
            if len(values) != len(self.spec.labels):
                raise ValueError(f"{self.spec.name}: {values} are no values of {self.spec.labels}")
            self.samples.setdefault(values, float(value))


class Shelf:
    """Families by name, in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    def __call__(self, spec: Spec) -> Family:
        """The spec's family. A KPI of one's own whose name another family has, with other labels, goes nowhere."""
        family = self._families.setdefault(spec.name, Family(spec))
        return family if family.spec.labels == spec.labels else Family(spec)

    def families(self) -> list[Family]:
        """Those that have a sample."""
        return [family for family in self._families.values() if family.samples]
