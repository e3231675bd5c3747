"""The oracle's verdicts: every published row of a KPI judged in its own scope and parameters, by section 3."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.oracle import oracle_alerts, oracle_delivery, oracle_registers, oracle_work
from tests.oracle.oracle_facts import Record
from tests.oracle.oracle_promises import Clause, Promise, promises
from tests.oracle.oracle_scope import Asked

FIGURES = {"remediated_in_sla": oracle_work.remediated_in_sla, "duplicate_share": oracle_alerts.duplicate_share}
EVENTS = {
    "pipeline_success_rate", "service_slo_compliance", "incident_recurrence_rate", "defect_leakage", "alert_precision",
    "postmortem_action_completion", "support_sla_adherence", "oncall_effectiveness", "change_failure_rate",
    "architecture_review_rate", "dq_test_pass_rate", "catalog_adoption", "paved_road_adoption",
}  # fmt: skip
SAMPLED = {
    "streaming_lag_p95", "query_p95", "backfill_completion_time", "mttd", "mtta", "mttr", "onboarding_lead_time",
    "ticket_cycle_time", "access_request_cycle_time", "stakeholder_satisfaction",
}  # fmt: skip
STANDING = {name for name in vars(oracle_registers) if name.endswith(("_coverage", "_completeness", "_compliance"))} | {
    "documentation_freshness", "learning_progression",
}  # fmt: skip
"""Registers: until the window's end what is missing may still be written."""
TURNED = {"incident_recurrence_rate", "defect_leakage", "change_failure_rate"}
MORE = 10**18
ORDER = ("missed", "no target", "no data", "too few", "provisional", "near", "met")
"""Of clauses that must all hold, the first of these speaks."""
BEST = ("met", "near", "provisional", "too few", "no data", "missed")

Ask = Callable[[Record, Record], Asked]
"""(scope, params) -> the question, in some window."""


def share(kpi: str, good: float, bad: float) -> Fraction:
    good, bad = Fraction(good), Fraction(bad)
    return (bad if kpi in TURNED else good) / (good + bad)


def number(kpi: str, parts: Record) -> Fraction | None:
    """The value, exactly: from its counts where it has such."""
    if parts["value"] is None:
        return None
    if parts.get("good") is not None:
        return share(kpi, parts["good"], parts["bad"])
    if kpi == "storage_growth_vs_forecast":
        return Fraction(parts["numerator"]) / Fraction(parts["denominator"]) - 1
    return Fraction(repr(float(parts["value"])))


def _written(bound: float) -> Fraction:
    return Fraction(str(bound))


def keeps(form: str, value: Fraction, bound: Any) -> bool:
    if form == "within":
        return _written(bound[0]) <= value <= _written(bound[1])
    if form == "zero":
        return value == 0
    edge = _written(bound)
    return {"at_least": value >= edge, "above": value > edge, "at_most": value <= edge, "below": value < edge}[form]


def graded(clause: Clause, value: Fraction) -> str:
    if not keeps(clause.form, value, clause.floor):
        return "missed"
    return "near" if clause.stretch is not None and not keeps(clause.form, value, clause.stretch) else "met"


def trended(clause: Clause, value: Fraction, base: Fraction) -> str:
    """Against what was before; from nothing to something is more than any share."""
    equal = math.isclose(value, base, rel_tol=1e-9, abs_tol=1e-12)
    change = Fraction(0) if equal else (value - base) / abs(base) if base else Fraction(MORE) * (1 if value > 0 else -1)
    if clause.form == "stable":
        return "met" if abs(change) <= Fraction(1, 10) else "missed"
    if clause.form == "not up":
        return "met" if change <= Fraction(1, 10) else "missed"
    better = change if clause.form == "up" else -change
    if better <= 0 or (clause.floor is not None and better < _written(clause.floor)):
        return "missed"
    return "near" if clause.stretch is not None and better < _written(clause.stretch) else "met"


TRENDS = ("up", "down", "not up", "stable")


class Judged:
    """The rows of one KPI, judged over a window; ``before`` asks the same of the window before it."""

    def __init__(self, kpi: str, figure: Callable[[Asked], Record], ask: Ask, before: Ask, running: bool) -> None:
        self.kpi, self.figure, self.ask, self.before, self.running = kpi, figure, ask, before, running

    def rows(self, scope: Record) -> dict[tuple[str, int], Record]:
        found = {}
        for row, promise in promises(self.kpi).items():
            clauses = applying(promise, scope.get("tier"))
            if clauses:
                found[row] = self._row(promise, clauses, scope)
        return found

    def _row(self, promise: Promise, clauses: list[Clause], scope: Record) -> Record:
        judged = [self.clause(clause, scope) for clause in clauses]
        order = BEST if promise.how == "any" else ORDER
        statuses = [one["status"] for one in judged]
        status = None if None in statuses and "missed" not in statuses else min(
            (one for one in statuses if one), key=order.index
        )  # fmt: skip
        return {"clauses": judged, "status": status}

    def clause(self, clause: Clause, scope: Record) -> Record:
        """Value and status; the status is None where the oracle has no opinion."""
        if clause.figure is not None and clause.figure not in FIGURES:
            return {"status": None}
        own = {**scope, "tier": scope.get("tier", clause.tiers or None)}
        figure = FIGURES[clause.figure] if clause.figure else self.figure
        asked = self.ask(own, clause.params)
        parts = figure(asked)
        base = figure(self.before(own, clause.params)) if clause.form in TRENDS else None
        return {"value": parts["value"], "status": self._status(clause, asked, parts, base)}

    def _status(self, clause: Clause, asked: Asked, parts: Record, base: Record | None) -> str:
        if clause.form == "agreed":
            return "no target"
        value = number(self.kpi, parts)
        if value is None:
            least = parts.get("at_least")
            worst = least is not None and clause.form not in TRENDS and graded(clause, Fraction(least)) == "missed"
            return self._settled(clause, asked, parts, "missed") if worst else "no data"
        if base is not None and (clause.against != "previous" or base["value"] is None):
            return "no data"
        if self._size(parts) < self._minimum(clause):
            return "too few"
        told = graded(clause, value) if base is None else trended(clause, value, number(self.kpi, base) or Fraction(0))
        return self._settled(clause, asked, parts, told)

    def _settled(self, clause: Clause, asked: Asked, parts: Record, told: str) -> str:
        open_ones = oracle_delivery.unsettled(asked) if self.kpi == "change_failure_rate" else 0
        if self._for_certain(clause, asked, parts, open_ones):
            return "missed"
        if self.running or open_ones:
            return "provisional"
        thin = parts.get("coverage") is not None and parts["coverage"] < 0.95
        return "provisional" if thin and told != "missed" else told

    def _for_certain(self, clause: Clause, asked: Asked, parts: Record, open_ones: int) -> bool:
        """Missed whatever may come: any number of good ones while the window runs, else what is open turns out good.
        Of one asset's time no more can come than is left."""
        if clause.form == "zero":
            return bool(parts["value"])
        beside = clause.figure is not None or parts.get("good") is None  # no counts to reckon with
        if beside or clause.form in TRENDS or (self.kpi in STANDING and self.running):
            return False
        more = MORE if self.running else open_ones
        if self.running and self.kpi == "freshness_slo_attainment" and asked.scope.get("asset") is not None:
            left = (asked.end - asked.stop).total_seconds()
            more = Fraction(left) + Fraction(parts["unknown"]) + Fraction(parts["excluded"])
        return graded(clause, share(self.kpi, Fraction(parts["good"]) + more, parts["bad"])) == "missed"

    def _size(self, parts: Record) -> float:
        size: float = parts["n"] if "n" in parts else parts.get("good", 0) + parts.get("bad", 0)
        return size

    def _minimum(self, clause: Clause) -> int:
        return 5 if self.kpi in EVENTS | SAMPLED or clause.figure is not None else 0


def applying(promise: Promise, tier: int | None) -> list[Clause]:
    """Of a tier its own clauses, else those of the next less critical one, and those of every tier."""
    if tier is None:
        return list(promise.clauses)
    tiers = [max(clause.tiers) for clause in promise.clauses if clause.tiers and max(clause.tiers) >= tier]
    near = min(tiers, default=None)
    return [one for one in promise.clauses if not one.tiers or (near is not None and max(one.tiers) == near)]
