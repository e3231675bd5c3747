"""Which floors are promised of a KPI, and what each is asked of: its own tiers, asset and parameters."""

from __future__ import annotations

from dataclasses import replace

from slo.params import of_clause
from slo.promises.clauses import Clause
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.targets import Target, applicable


def slo_id(target: Target, place: int) -> str:
    """The name of a floor, as the label ``slo`` of its metrics has it: stable. ``place``: the clause's in its row."""
    part = f"-{place}" if len(target.clauses) > 1 else ""
    return f"{target.kpi}-{target.profile}-{target.row}{part}"


def promised(results: Results, asked: Asked, query: Query) -> list[tuple[Target, tuple[Clause, ...]]]:
    """The targets that were adopted (or that an asked profile holds) and bind at the window's end, each with its
    clauses that hold in the asked tier or of the asked asset."""
    today = results.view.day(results.view.as_of)
    offered = results.targets.targets_for(asked.kpi.id, query.profile, min(asked.window.last_day, today))
    kept = [target for target in offered if query.profile is not None or target.adopted is not None]
    return applicable(kept, query.tier, query.asset)


def narrowed(asked: Asked, clause: Clause) -> Asked:
    """What is asked, in a clause's own tiers or asset (unless asked for otherwise) and parameters."""
    scope = asked.scope.narrowed(clause.tiers, clause.asset)
    return replace(asked, scope=scope, params=of_clause(asked.kpi, clause, asked.given))
