"""From a value to a verdict: pure functions over exact numbers. Comparing comes first; rounding never happens here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from slo.promises.clauses import Clause

Status = Literal["met", "near", "missed", "no data", "too few", "provisional", "not set up", "no target"]
Number = int | float | Fraction
Counts = tuple[Number, Number]
"""(good, bad): events, or seconds."""

STABLE = Fraction(1, 10)
"""Within 10 % of the baseline is stable; up to 10 % more is "not up"."""
LEAST_COVERAGE = Fraction(95, 100)
UNBOUNDED = 10**18
"""Stands for "as many more as you like": a finite number, so that one failure still breaks a promise of 100 %."""
# From the one that hides every other verdict to the one that hides none.
_RANK: tuple[Status, ...] = ("missed", "not set up", "no target", "no data", "too few", "provisional", "near", "met")
_ALTERNATIVES: tuple[Status, ...] = (
    "met", "near", "provisional", "too few", "no data", "no target", "not set up", "missed",
)  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """What one clause says of one value. ``change`` is a trend's change (a share, or points)."""

    status: Status
    note: str = ""
    change: float | None = None


def exact(number: Number | None) -> Fraction | None:
    """The number as it is written: 0.1 is a tenth, not the float beside it. None for what is no number."""
    if isinstance(number, float):
        return Fraction(repr(float(number))) if math.isfinite(number) else None
    return None if number is None else Fraction(number)


def share(counts: Counts | None, inverted: bool = False) -> Fraction | None:
    """good / total, or bad / total where the value shown is 1 - good/total; None of nothing."""
    if counts is None:
        return None
    good, bad = Fraction(counts[0]), Fraction(counts[1])
    return (bad if inverted else good) / (good + bad) if good + bad else None


def judge(
    clause: Clause,
    value: Number | None,
    *,
    counts: Counts | None = None,
    inverted: bool = False,
    baseline: Number | None = None,
) -> Judgement:
    """Whether a value keeps a clause. With ``counts`` the value is taken from them, exactly; ``inverted`` says that the
    value shown is bad / total. ``baseline`` is the value a trend or a stable figure is compared with."""
    found = share(counts, inverted) if counts is not None else exact(value)
    if clause.form == "agreed" and clause.floor is None:
        return Judgement("no target", "no figure was agreed")
    if found is None:
        return Judgement("no data")
    if clause.against is not None:
        return _judge_change(clause, found, exact(baseline))
    return Judgement(_graded(_keeps_floor(clause, found), _keeps_stretch(clause, found)))


def combine(statuses: Iterable[Status], how: Literal["all", "any"] = "all") -> Status:
    """The status of a target of several clauses. all: one missed is enough to miss, else what is least decided speaks.
    any: the best speaks, and it is missed only when every clause is."""
    order = _RANK if how == "all" else _ALTERNATIVES
    return min(statuses, key=order.index, default="no target")


def best_counts(good: Number, bad: Number, pending: Number | None) -> Counts:
    """The best end that is still possible: everything open, unseen or to come turns out good. ``pending`` is at most
    how many that are; None: nobody can tell."""
    return Fraction(good) + Fraction(UNBOUNDED if pending is None else pending), bad


def status_of(
    judgement: Judgement,
    *,
    best: Judgement | None = None,
    set_up: bool = True,
    n: Number | None = None,
    minimum: int = 0,
    provisional: bool = False,
    coverage: Number | None = None,
    stale: bool = False,
    not_due: bool = False,
) -> Status:
    """The verdict, by the order of kpi_rules section 3.

    ``best`` judges the best end still possible (None: unknown, or nothing is open); ``provisional``: the window or its
    sources have not settled; ``not_due``: the target's own date has not come, so it can't be missed yet.
    """
    if not set_up:
        return "not set up"
    if judgement.status in ("no target", "no data"):
        return judgement.status
    if n is not None and n < minimum:
        return "too few"
    if not not_due and best is not None and best.status == "missed":
        return "missed"
    if provisional or (not_due and judgement.status == "missed"):
        return "provisional"
    if judgement.status in ("met", "near") and (stale or _thin(coverage)):
        return "provisional"
    return judgement.status


def relative_change(value: Number, baseline: Number, points: bool = False) -> Fraction | None:
    """value / baseline - 1, or the difference in points; None where the baseline is zero and the value isn't. A
    negative baseline (a net promoter score) counts by its size, so that up stays up."""
    now, then = exact(value), exact(baseline)
    if now is None or then is None:
        return None
    if points or now == then:
        return now - then
    return (now - then) / abs(then) if then else None


def _thin(coverage: Number | None) -> bool:
    found = exact(coverage)
    return found is not None and found < LEAST_COVERAGE


def _graded(floor: bool, stretch: bool) -> Status:
    if not floor:
        return "missed"
    return "met" if stretch else "near"


def _written(bound: float | None) -> Fraction:
    return Fraction(0) if bound is None else Fraction(str(bound))


def _holds(form: str, value: Fraction, bound: Fraction) -> bool:
    return {
        "at_least": value >= bound, "above": value > bound, "at_most": value <= bound, "below": value < bound,
    }[form]  # fmt: skip


def _form(clause: Clause) -> str:
    """Once a figure is agreed, it is a bound of the better direction."""
    if clause.form == "agreed":
        return "at_least" if clause.direction == "up" else "at_most"
    return clause.form


def _keeps_floor(clause: Clause, value: Fraction) -> bool:
    if clause.form == "within":
        return _written(clause.lo) <= value <= _written(clause.hi)
    if clause.form == "zero":
        return value == 0
    return _holds(_form(clause), value, _written(clause.floor))


def _keeps_stretch(clause: Clause, value: Fraction) -> bool:
    if clause.form == "within":
        above = clause.stretch_lo is None or value >= _written(clause.stretch_lo)
        return above and (clause.stretch_hi is None or value <= _written(clause.stretch_hi))
    return clause.stretch is None or _holds(_form(clause), value, _written(clause.stretch))


def _judge_change(clause: Clause, value: Fraction, baseline: Fraction | None) -> Judgement:
    if baseline is None:
        return Judgement("no data", "no baseline")
    baseline = value if float(value) == float(baseline) else baseline  # a stored third is no less than a third
    change = relative_change(value, baseline, clause.points)
    shown = None if change is None else float(change)
    if clause.form == "stable":
        return Judgement(_graded(change is not None and abs(change) <= STABLE, True), change=shown)
    if clause.direction == "not_up":
        kept = value < baseline if change is None else change <= STABLE
        return Judgement(_graded(kept, True), change=shown)
    return Judgement(_trend(clause, value - baseline, change), change=shown)


def _trend(clause: Clause, difference: Fraction, change: Fraction | None) -> Status:
    """In the clause's direction: a strict sign, and at least the floor's (stretch's) change where one is named."""
    sign = 1 if clause.direction == "up" else -1
    if difference * sign <= 0:
        return "missed"
    if clause.floor is None or change is None:  # from nothing to something is more than any share
        return "met"
    better = change * sign
    return _graded(better >= _written(clause.floor), clause.stretch is None or better >= _written(clause.stretch))
