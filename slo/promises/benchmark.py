"""The published rows of a KPI as a benchmark: the range that the profiles name for comparable clauses, and where a
value lies in it. It compares and gives no verdict: that takes an adopted target.

Clauses are comparable where they bound the same figure from the same side, over the same tiers and in the same
parameters; "at least" and "above" are one side. A range runs from the easiest floor to the hardest stretch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slo.clauses import FALLING, RISING, Clause
from slo.judging import Number, exact
from slo.promises.target import Key, Target

Position = Literal["below", "within", "above"]
Group = tuple[Any, ...]
_SIDES = {**dict.fromkeys(RISING, "rising"), **dict.fromkeys(FALLING, "falling"), "within": "band", "zero": "zero"}


@dataclass(frozen=True)
class Judged:
    """A clause of a target with what was told of it: its own value, n, scope and parameters."""

    target: Target
    clause: Clause
    told: Mapping[str, Any]


def group_of(clause: Clause) -> Group | None:
    """What makes clauses comparable; None of a trend, and of what is yet to be agreed: no figure bounds a value."""
    side = _SIDES.get(clause.form)
    if side is None:
        return None
    return (side, clause.figure, clause.tiers, tuple(sorted(clause.params.items())))


def figures_of(clause: Clause) -> list[float]:
    """The figures that a clause names for the value itself."""
    if clause.form == "zero":
        return [0.0]
    named = (clause.lo, clause.hi) if clause.form == "within" else (clause.floor, clause.stretch)
    return [figure for figure in named if figure is not None]


def position(value: Number | None, lo: Number, hi: Number) -> Position | None:
    """Where a value lies, exactly; both ends belong to the range."""
    found, low, high = exact(value), exact(lo), exact(hi)
    if found is None or low is None or high is None:
        return None
    return "below" if found < low else "above" if found > high else "within"


def benchmark(judged: Sequence[Judged], published: Iterable[Target], view: Sequence[Key]) -> dict[str, Any] | None:
    """The published range beside a KPI's value. ``judged``: the clauses that apply; ``published``: the KPI's published
    rows; ``view``: the default view's lines, which choose what is compared. None where nothing is published."""
    rows = list(published)
    own = [one for one in judged if any(one.target.key == row.key for row in rows)]
    if not own:
        return None
    anchor = _anchor(own, view)
    group = group_of(anchor.clause)
    same = [(row, clause) for row in rows for clause in row.clauses if group is not None and group_of(clause) == group]
    figures = [figure for _, clause in same for figure in figures_of(clause)]
    told = anchor.told
    place = {"value": told["value"], "n": told["n"], "scope": told["scope"], "params": told["params"]}
    names = list(dict.fromkeys(row.key for row, _ in same)) or [anchor.target.key]
    return {
        "form": anchor.clause.form, "text": anchor.target.text, **place,
        "lo": min(figures, default=None), "hi": max(figures, default=None),
        "position": position(told["value"], min(figures), max(figures)) if figures else None,
        "rows": [{"profile": profile, "row": row} for profile, row in names],
    }  # fmt: skip


def _anchor(judged: Sequence[Judged], view: Sequence[Key]) -> Judged:
    """The clause that the range stands for: the default view's own line where it has one for the KPI; else the one that
    most rows share, untiered before tiered, a bound before a trend."""
    lines = [one for one in judged if one.target.key in view]
    shared = [group_of(one.clause) for one in judged]

    def wanted(one: Judged) -> tuple[bool, int, bool]:
        group = group_of(one.clause)
        return (group is None, -shared.count(group), bool(one.clause.tiers))

    return min(lines, key=lambda one: group_of(one.clause) is None) if lines else min(judged, key=wanted)
