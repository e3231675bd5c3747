"""The path to a target with a due date: a straight line from the baseline on the day of adoption to the floor on the
day it is due. Exact fractions; nothing is rounded."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from slo.promises.clauses import FALLING, RISING, Clause
from slo.promises.judging import Number, exact
from slo.targets import Target


def glide(clause: Clause, target: Target, value: Number | None, start: Number | None, today: date) -> dict[str, Any]:
    """{"expected", "by", "on_path"}: what the line asks for on a day, by when the floor is due, and whether the value
    is at least as good. Empty where there is no line: no due date, no baseline, no floor or no better direction."""
    baseline, goal = exact(start), None
    if baseline is not None:
        goal = _goal(clause, baseline)
    if target.adopted is None or target.due is None or baseline is None or goal is None:
        return {}
    expected = baseline + (goal - baseline) * _elapsed(target.adopted, target.due, today)
    found = exact(value)
    on_path = None if found is None else found >= expected if _upwards(clause) else found <= expected
    return {"expected": float(expected), "by": target.due.isoformat(), "on_path": on_path}


def _goal(clause: Clause, baseline: Fraction) -> Fraction | None:
    """The value that keeps the floor: of a trend the baseline moved by the floor's share, or by its points."""
    if clause.floor is None or (clause.form not in RISING + FALLING and not _is_trend(clause)):
        return None
    floor = Fraction(str(clause.floor))
    if not _is_trend(clause):
        return floor
    moved = floor if clause.points else floor * abs(baseline)
    return baseline + moved if _upwards(clause) else baseline - moved


def _is_trend(clause: Clause) -> bool:
    return clause.form == "trend" and clause.direction in ("up", "down")


def _upwards(clause: Clause) -> bool:
    return clause.direction == "up" if _is_trend(clause) else clause.form in RISING


def _elapsed(first: date, last: date, today: date) -> Fraction:
    """The part of the way that lies behind, 0 to 1."""
    return min(max(Fraction((today - first).days, (last - first).days), Fraction(0)), Fraction(1))
