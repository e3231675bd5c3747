"""The published rows of a KPI as a benchmark: the range that the profiles name for comparable clauses, and where a
value lies in it. It compares and gives no verdict: that takes an adopted target.

Clauses are comparable where they bound the same figure from the same side, over the same tiers and in the same
parameters; "at least" and "above" are one side. A range runs from the easiest floor to the hardest stretch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slo.promises.clauses import FALLING, RISING, Clause
from slo.promises.judging import Number, exact
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
    return (side, clause.figure, clause.tiers, clause.asset, tuple(sorted(clause.params.items())))


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


Pair = tuple[Target, Clause]


@dataclass(frozen=True)
class Range:
    """What is published for the clauses that are comparable with one; ``lo``, ``hi`` None where none has a figure."""

    pair: Pair
    lo: float | None
    hi: float | None
    rows: tuple[Key, ...]


def published_range(pairs: Sequence[Pair], published: Iterable[Target], view: Sequence[Key]) -> Range | None:
    """The range of the clause that stands for a KPI's. ``pairs``: the clauses to choose from; ``published``: the KPI's
    published rows; ``view``: the default view's lines, which choose first. None where nothing is published."""
    rows = list(published)
    own = [pair for pair in pairs if any(pair[0].key == row.key for row in rows)]
    if not own:
        return None
    chosen = _anchor(own, view)
    group = group_of(chosen[1])
    same = [(row, clause) for row in rows for clause in row.clauses if group is not None and group_of(clause) == group]
    figures = [figure for _, clause in same for figure in figures_of(clause)]
    names = tuple(dict.fromkeys(row.key for row, _ in same)) or (chosen[0].key,)
    return Range(chosen, min(figures, default=None), max(figures, default=None), names)


def _anchor(pairs: Sequence[Pair], view: Sequence[Key]) -> Pair:
    """The clause that the range stands for: the default view's own line where it has one for the KPI; else the one that
    most rows share, untiered before tiered, a bound before a trend."""
    lines = [pair for pair in pairs if pair[0].key in view]
    shared = [group_of(clause) for _, clause in pairs]

    def wanted(pair: Pair) -> tuple[bool, int, bool]:
        group = group_of(pair[1])
        return (group is None, -shared.count(group), bool(pair[1].tiers))

    return min(lines, key=lambda pair: group_of(pair[1]) is None) if lines else min(pairs, key=wanted)


def benchmark(judged: Sequence[Judged], published: Iterable[Target], view: Sequence[Key]) -> dict[str, Any] | None:
    """The published range beside a KPI's value, and where it lies. ``judged``: the clauses that apply."""
    found = published_range([(one.target, one.clause) for one in judged], published, view)
    if found is None:
        return None
    told = next(one.told for one in judged if (one.target, one.clause) == found.pair)
    place = {"value": told["value"], "n": told["n"], "scope": told["scope"], "params": told["params"]}
    ranged = found.lo is not None and found.hi is not None
    return {
        "form": found.pair[1].form, "text": found.pair[0].text, **place, "lo": found.lo, "hi": found.hi,
        "position": position(told["value"], found.lo or 0, found.hi or 0) if ranged else None,
        "rows": [{"profile": profile, "row": row} for profile, row in found.rows],
    }  # fmt: skip
