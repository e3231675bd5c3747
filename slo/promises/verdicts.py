"""Targets judged: each clause in its own scope and parameters, and the headline status over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from slo.budgets.budget import Budget, budget_of
from slo.budgets.days import Burndown, burndown
from slo.evidence.sources import incomplete_sources, stale_sources, unsettled
from slo.folding import Scope
from slo.kpi import Figures, Kpi
from slo.measure import Distinct, Quotient, Ratio, Share
from slo.params import of_clause
from slo.promises.clauses import Clause
from slo.promises.judging import Judgement, Number, Status, best_counts, combine, judge, share, status_of
from slo.register import RegisterKpi
from slo.states import States
from slo.targets import Target
from slo.trend import told
from slo.trend.baselines import Compared, compared
from slo.windows import Window

OF_THE_FIRST = ("budget", "change", "baseline", "told_from_noise", "glide")
"""What a target of several clauses shows of its first, as it shows its value."""
HEADLINE: tuple[Status, ...] = ("missed", "provisional", "near", "met", "too few", "no data", "no target")


@dataclass(frozen=True)
class Asked:
    """One KPI in one window, scope and choice of parameters."""

    kpi: Kpi
    window: Window
    scope: Scope
    params: Mapping[str, Any]
    given: Mapping[str, Any]
    """Parameters named by the asker; a target's own win over them."""
    set_up: bool

    def shown(self, figures: Figures) -> Figures:
        """What no source can tell has no value, whatever was expected of it: neither 0 % nor 100 %."""
        return figures if self.set_up else replace(figures, value=None)


class Judge:
    """Judges targets on states. Figures of one pass are worked out once."""

    def __init__(self, states: States) -> None:
        self.states = states
        self._figures: dict[tuple[Any, ...], Figures] = {}

    def figures(self, kpi: Kpi, window: Window, scope: Scope, params: Mapping[str, Any]) -> Figures:
        key = (kpi.id, window.name, window.first_day, scope, tuple(sorted(params.items(), key=str)))
        if key not in self._figures:
            self._figures[key] = self.states.figures(kpi, window, scope, params)
        return self._figures[key]

    def entry(self, asked: Asked, target: Target, clauses: tuple[Clause, ...]) -> dict[str, Any]:
        """One element of a result's "targets": value, n, scope, params and status of its own."""
        judged = [self._clause(asked, target, clause) for clause in clauses]
        first = judged[0]
        entry = {
            "profile": target.profile, "row": target.row, "text": target.text, "form": clauses[0].form,
            "floor": clauses[0].floor, "stretch": clauses[0].stretch, "scope": first["scope"],
            "params": first["params"], "value": first["value"], "n": first["n"],
            "status": combine([one["status"] for one in judged], target.combine), "note": first["note"],
            "example": target.example, "adopted": None if target.adopted is None else target.adopted.isoformat(),
            "adopted_by": target.adopted_by,
        }  # fmt: skip
        if clauses[0].form == "within":
            entry |= {"lo": clauses[0].lo, "hi": clauses[0].hi}
        if len(judged) > 1:
            entry |= {"combine": target.combine, "clauses": judged}
        return entry | {name: first[name] for name in OF_THE_FIRST if name in first}

    def _clause(self, asked: Asked, target: Target, clause: Clause) -> dict[str, Any]:
        kpi = asked.kpi
        scope = asked.scope.narrowed(clause.tiers, clause.asset)
        params = of_clause(kpi, clause, asked.given)
        figures = asked.shown(self.figures(kpi, asked.window, scope, params))
        value = _named(clause, figures)
        counts = _counts(clause, figures)
        base = self._compared(asked, clause, scope, params)
        baseline = _baseline(kpi, clause, base)
        judgement = judge(
            clause, _exactly(clause, figures, value), counts=counts, inverted=kpi.complement, baseline=baseline
        )
        judgement = _open_only(clause, figures, judgement)
        found: dict[str, Any] = {
            "form": clause.form, "floor": clause.floor, "stretch": clause.stretch, "figure": clause.figure,
            "direction": clause.direction, "scope": shown_scope(scope),
            "params": params, "value": value, "n": _sample(kpi, clause, figures)[0],
            "note": judgement.note or told.note(kpi, base), "change": judgement.change,
            "status": self._status(asked, target, clause, figures, judgement),
            **told.beside(kpi, asked.window, shown_scope(scope), clause, figures, base),
            **told.path(clause, target, value, base, self._today(asked)),
        }  # fmt: skip
        budget = budget_of(clause, counts, kpi.complement) if counts is not None else None
        if budget is None:
            return found
        whole = self._burndown(asked, budget, scope, params).as_result(kpi.scale)
        return found | {"budget": budget.as_result(kpi.seconds) | {"whole": whole}}

    def _burndown(self, asked: Asked, budget: Budget, scope: Scope, params: Mapping[str, Any]) -> Burndown:
        """The budget of the whole window: while a calendar window runs, of what it will count at the pace up to now.
        What is counted but does not add up day by day goes on at no pace."""
        kpi, window, as_of = asked.kpi, asked.window, self.states.view.as_of
        if kpi.measure is not Ratio or window.rolling or window.end <= as_of:
            return Burndown(budget.allowed, (), budget, budget.total)
        days = self.states.days(kpi, window.first_day, window.last_day, scope, params)
        return burndown(budget.allowed, days, window, as_of)

    def _today(self, asked: Asked) -> date:
        """The day that the window counts up to."""
        return self.states.view.day(min(asked.window.end, self.states.view.as_of))

    def _status(self, asked: Asked, target: Target, clause: Clause, figures: Figures, judgement: Judgement) -> Status:
        view, kpi = self.states.view, asked.kpi
        due = target.due
        n, minimum = _sample(kpi, clause, figures)
        return status_of(
            judgement,
            best=self._best(asked, clause, figures),
            set_up=asked.set_up,
            n=n if _named(clause, figures) is not None else None,
            minimum=minimum,
            provisional=unsettled(kpi, view, asked.window) or figures.provisional,
            coverage=figures.coverage,
            stale=bool(stale_sources(kpi, view, asked.window) or incomplete_sources(kpi, view, asked.window)),
            not_due=due is not None and self._today(asked) < due,
        )

    def _best(self, asked: Asked, clause: Clause, figures: Figures) -> Judgement | None:
        """The best end still possible. A rolling window is counted up to as-of: nothing is still to come, and at most
        what is unknown or left out may turn good."""
        counts = _counts(clause, figures)
        certain = _all_or_nothing(clause) or _only_grows(asked.kpi, clause)
        if counts is None and certain and _named(clause, figures) is not None:
            return judge(clause, _named(clause, figures))  # what has been counted stays counted
        if counts is None or clause.against is not None:
            return None
        closed = asked.window.rolling or asked.window.end <= self.states.view.as_of
        if (isinstance(asked.kpi, RegisterKpi) or asked.kpi.measure is Share) and not closed:
            return None  # until its end what is bad may turn good
        waiting = figures.parts.get("unknown", 0) + figures.parts.get("excluded", 0)
        if asked.kpi.seconds:
            waiting *= 1_000_000
        pending = waiting if closed else self._to_come(asked, clause, waiting)
        return judge(clause, None, counts=best_counts(*counts, pending), inverted=asked.kpi.complement)

    def _to_come(self, asked: Asked, clause: Clause, waiting: Number) -> Number | None:
        """How much may still turn good while a calendar window runs: of the time of one asset no more than the clock
        has left; of all else nobody can tell (None)."""
        if not asked.kpi.seconds or asked.scope.narrowed(clause.tiers, clause.asset).asset is None:
            return None
        return waiting + (asked.window.end - self.states.view.as_of) // timedelta(microseconds=1)

    def _compared(self, asked: Asked, clause: Clause, scope: Scope, params: Mapping[str, Any]) -> Compared | None:
        """What the clause is compared with, in its own scope and parameters."""
        own = scope == Scope(clause.tiers, asset=clause.asset)
        return compared(clause, asked.window, lambda window: self.figures(asked.kpi, window, scope, params), own)


def _baseline(kpi: Kpi, clause: Clause, base: Compared | None) -> Number | None:
    """The figure compared with: of a Ratio from its counts, so that a third is a third on both sides."""
    if base is None:
        return None
    counts = None if base.figures is None else _counts(clause, base.figures)
    if counts is not None:
        return share(counts, kpi.complement)
    return base.value if base.figures is None else _exactly(clause, base.figures, base.value)


def _exactly(clause: Clause, figures: Figures, value: Any) -> Any:
    """The value to judge on: of a quotient before it is rounded to a float, so that a tenth more is a tenth more."""
    if clause.figure is not None or value is None or not isinstance(figures.state, Quotient):
        return value
    return figures.state.value


def _named(clause: Clause, figures: Figures) -> Any:
    """The value that a clause speaks of: the KPI's own, or another figure of it."""
    return figures.parts.get(clause.figure) if clause.figure else figures.value


def _all_or_nothing(clause: Clause) -> bool:
    """Whether a single bad one misses it, whatever still comes: none is allowed, or every one of a share."""
    return clause.form == "zero" or (clause.form == "at_least" and clause.floor == 1 and clause.figure is not None)


def _only_grows(kpi: Kpi, clause: Clause) -> bool:
    """Whether a number of bad things is bounded from above: what is still to come can only add to it."""
    return (
        kpi.measure is Distinct
        and kpi.better == "down"
        and clause.figure is None
        and clause.form in ("at_most", "below")
    )


def _sample(kpi: Kpi, clause: Clause, figures: Figures) -> tuple[float, int]:
    """The sample of what a clause speaks of, and its minimum."""
    return figures.samples.get(clause.figure or "", (figures.n, kpi.minimum))


def _counts(clause: Clause, figures: Figures) -> tuple[int | float, int | float] | None:
    """Counts to judge on, exactly, where the value is a share of them."""
    if clause.figure is not None or figures.good is None or figures.bad is None:
        return None
    return (figures.good, figures.bad) if figures.good + figures.bad else None


def _open_only(clause: Clause, figures: Figures, judgement: Judgement) -> Judgement:
    """Where nothing was restored and the incidents still open miss by themselves, the target is missed."""
    least = figures.parts.get("at_least")
    if figures.value is None and least is not None and clause.against is None:
        worst = judge(clause, least)
        return worst if worst.status == "missed" else judgement
    return judgement


def headline(asked: Asked, figures: Figures, entries: list[dict[str, Any]], kpi: Kpi) -> Status:
    """The status beside the value: the most severe of the targets that have a verdict."""
    if not asked.set_up:
        return "not set up"
    if not entries:
        return "no target"
    statuses = [entry["status"] for entry in entries]
    if figures.value is None and "missed" not in statuses:
        return "no target" if set(statuses) == {"no target"} else "no data"
    return next(status for status in (*HEADLINE, "not set up") if status in statuses)


def shown_scope(scope: Scope) -> dict[str, Any]:
    """A scope as results print it; several tiers as a list."""
    tiers = scope.tiers
    tier: Any = None if not tiers else tiers[0] if len(tiers) == 1 else list(tiers)
    return {"tier": tier, "team": scope.team, "domain": scope.domain, "asset": scope.asset}
