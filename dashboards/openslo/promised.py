"""Every promise that can be an SLO: an adopted floor of a Ratio KPI, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from slo.budgets.budget import allowed_share
from slo.budgets.floors import slo_id
from slo.kpi import Kpi
from slo.measure import Ratio
from slo.params import of_clause
from slo.promises.clauses import Clause
from slo.promises.target import Target
from slo.shelf import shelf
from slo.targets import Targets


@dataclass(frozen=True)
class Slo:
    """One adopted floor, with the name the metrics have for it."""

    kpi: Kpi
    target: Target
    place: int
    allowed: Fraction
    """The share that may be bad."""

    @property
    def clause(self) -> Clause:
        return self.target.clauses[self.place]

    @property
    def id(self) -> str:
        """The label ``slo`` of its metrics."""
        return slo_id(self.target, self.place)

    @property
    def tiers(self) -> str:
        return "-".join(map(str, self.clause.tiers))

    @property
    def params(self) -> dict[str, Any]:
        """The parameters in which it differs from the KPI's own."""
        settled = of_clause(self.kpi, self.clause)
        return {name: value for name, value in settled.items() if value != self.kpi.defaults[name]}


def slos(targets: Targets, day: date) -> Iterator[Slo]:
    """What is promised on a day, by profile and row."""
    for target, kpi in _adopted(targets, day):
        for place, clause in enumerate(target.clauses):
            allowed = allowed_share(clause, kpi.complement) if kpi.measure is Ratio else None
            if allowed is not None:
                yield Slo(kpi, target, place, allowed)


def others(targets: Targets, day: date) -> Iterator[tuple[Kpi, Target, Clause]]:
    """Adopted clauses that are no floor of a share of good ones: a trend, a time, a count."""
    for target, kpi in _adopted(targets, day):
        for clause in target.clauses:
            if kpi.measure is not Ratio or allowed_share(clause, kpi.complement) is None:
                yield kpi, target, clause


def _adopted(targets: Targets, day: date) -> Iterator[tuple[Target, Kpi]]:
    known = shelf()
    return ((one, known[one.kpi]) for one in targets.in_force(day) if one.adopted is not None and one.kpi in known)
