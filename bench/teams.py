"""What lies between single daily pipelines and an hourly platform: all daily pipelines of a team, as an objective."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from slo.alerting.meter import Meter
from slo.alerting.policies import Fitting, load_policies
from slo.alerting.replay.trial import Objective
from slo.engine import Query
from slo.folding import Matches, Scope
from slo.measure import Item
from slo.promises.verdicts import Asked
from slo.results import Results
from slo.shelf import get_kpi
from slo.store import StateRow

TEAMS = {f"Objectives of all daily pipelines of a team at {floor}": floor for floor in ("95 %", "99 %")}
"""Group -> what is promised: some ten to twenty runs a day, of whatever tier."""


def daily(cron: str) -> bool:
    """Once a day: a minute and an hour, nothing else."""
    at, rest = cron.split()[:2], cron.split()[2:]
    return all(part.isdigit() for part in at) and rest == ["*", "*", "*"]


@dataclass(frozen=True)
class Some(Scope):
    """Some assets, as if they were a platform of their own."""

    names: frozenset[str] = frozenset()

    def holds(self, row: StateRow) -> bool:
        return row.asset in self.names and super().holds(row)

    def takes(self, item: Item) -> bool:
        return item.asset in self.names and super().takes(item)

    def matches(self, matches: Matches, tier: int | None) -> bool:
        return any(asset in self.names for asset, _, _ in matches)


def between(results: Results) -> dict[str, list[Objective]]:
    """Group -> an objective a team, of its pipelines that run once a day."""
    kpi, view, teams = get_kpi("pipeline_success_rate"), results.view, dict[str, set[str]]()
    for name in view.asset_names:
        kind, cron, team = (view.history(name).get(told, view.as_of) for told in ("kind", "schedule", "team"))
        if kind == "pipeline" and daily(cron or ""):
            teams.setdefault(team, set()).add(name)
    asked = results.asked(kpi, Query(window="30d"))
    own = {team: replace(asked, scope=Some(names=frozenset(teams[team]))) for team in sorted(teams)}
    return {
        group: [
            Objective(f"{team} {floor}", floor, kpi, one.scope, one.params, allowed, _fitting(results, one, allowed))
            for team, one in own.items()
        ]
        for group, floor in TEAMS.items() for allowed in [Fraction(100 - int(floor.split()[0]), 100)]
    }  # fmt: skip


def _fitting(results: Results, asked: Asked, allowed: Fraction) -> Fitting:
    return Meter(results, asked).fitting(load_policies(), allowed)
