"""First targets from history: the hardest floor that three of four past months have kept, beside the published row, and
the steps by which it is made harder.

A first target is one that the platform can keep: it is agreed on, kept for a while, and then raised a step. The rule:
kept in three whole months in a row, the next step holds: half the way to the published floor, then that floor, then the
published stretch.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from slo.promises.clauses import FALLING, RISING
from slo.promises.judging import LEAST_COVERAGE, exact

FEWEST_MONTHS = 3
KEPT = Fraction(3, 4)
"""Hard enough to mean something, and not a lie."""
IN_A_ROW = 3
"""Whole months in a row that a floor is kept before the next step holds."""
DIGITS = 3
HELD = ("met", "near")

Result = Mapping[str, Any]
Clause = Mapping[str, Any]


@dataclass(frozen=True)
class Month:
    """A KPI's value in one whole month; ``said`` is why it is left out, "" where it counts."""

    window: str
    value: float | None
    n: float | None
    said: str = ""
    status: str = ""


@dataclass(frozen=True)
class Proposal:
    """What past months say of one KPI, in the scope and parameters of the row it is proposed for."""

    result: Result
    """Its newest month."""
    entry: Mapping[str, Any] | None
    """The published row, as judged in the newest month."""
    clause: Clause | None
    months: tuple[Month, ...]

    @property
    def counted(self) -> tuple[Month, ...]:
        return tuple(month for month in self.months if not month.said)

    @property
    def better(self) -> str | None:
        """up or down: by the row's form where there is one, else by the KPI's own direction."""
        form = None if self.clause is None else self.clause["form"]
        if form in RISING + FALLING:
            return "up" if form in RISING else "down"
        own = self.result["better"]
        return own if own in ("up", "down") else None

    @property
    def kept(self) -> float | None:
        """The hardest floor that three of four months have kept, rounded to the easier side."""
        values = sorted(month.value for month in self.counted if month.value is not None)
        if len(values) < FEWEST_MONTHS or self.better is None:
            return None
        place = len(values) - math.ceil(KEPT * len(values))
        worst_first = values if self.better == "up" else values[::-1]
        return eased(worst_first[place], self.better, self._is_share, self._is_strict)

    @property
    def _is_share(self) -> bool:
        return bool(self.result["unit"] == "ratio")

    @property
    def _is_strict(self) -> bool:
        """Above and below: the floor itself does not keep them."""
        return self.clause is not None and self.clause["form"] in ("above", "below")

    @property
    def published(self) -> float | None:
        """The published floor, where the row has one that bounds the value."""
        bound = self.clause is not None and self.clause["form"] in RISING + FALLING
        return self.clause["floor"] if bound and self.clause is not None else None

    @property
    def floor(self) -> float | None:
        """The first floor: what was kept, and at first no more than is published."""
        if self.kept is None or self.published is None:
            return self.kept
        return (min if self.better == "up" else max)(self.kept, self.published)

    @property
    def steps(self) -> tuple[float, ...]:
        """The floors after the first one: half the way to the published floor, that floor, the stretch."""
        first, goal = self.floor, self.published
        if first is None or goal is None or self.clause is None:
            return ()
        half = [] if first == goal else [eased((first + goal) / 2, self.better or "up", self._is_share)]
        stretch = self.clause["stretch"]
        found = [*half, goal, *([] if stretch is None else [stretch])]
        return tuple(dict.fromkeys(step for step in found if step != first))

    def held(self, floor: float) -> int:
        """How many of the months kept a floor."""
        values = [month.value for month in self.counted if month.value is not None]
        better = sum(value > floor if self.better == "up" else value < floor for value in values)
        return better if self._is_strict else better + values.count(floor)

    @property
    def left_out(self) -> Counter[str]:
        """Why months don't count, and how many."""
        return Counter(month.said for month in self.months if month.said)


def proposal(results: Sequence[Result], minimum: int, profile: str | None = None) -> Proposal:
    """Of one KPI's results, month by month (the oldest first; not empty). ``minimum``: under this sample a month does
    not count; ``profile``: whose row is proposed (None: the default view's, else the first with a figure)."""
    entry, place = _row(results[-1], profile)
    clause = None if entry is None else _clauses(entry)[place]
    months = tuple(_month(result, entry, place, minimum) for result in results)
    return Proposal(results[-1], entry, clause, months)


def eased(value: float, better: str, share: bool = False, strict: bool = False) -> float:
    """Rounded to three digits on the easier side; a share near 1 by two digits of what is missing (0.9987). Strict: a
    step further where it would be the value itself."""
    if value == 0:
        return 0.0
    near_one = share and better == "up" and 0.9 < value < 1
    exact_value = Fraction(str(value))
    digits, size = (2, 1 - exact_value) if near_one else (DIGITS, abs(exact_value))
    step = Fraction(10) ** (math.floor(math.log10(size)) - digits + 1)
    steps = Fraction(str(round(float(exact_value / step), 6)))  # 0.97 / 0.001 is 970, whatever floats say
    found = math.floor(steps) if better == "up" else math.ceil(steps)
    if strict and found == steps:
        found += -1 if better == "up" else 1
    return float(found * step)


def _row(result: Result, profile: str | None) -> tuple[Mapping[str, Any] | None, int]:
    """The row to propose and its clause: one of a single figure before others, the default view's before others."""
    entries = [one for one in result["targets"] if profile in (None, *one.get("profiles", (one["profile"],)))]
    found = [(entry, place) for entry in entries for place in _bounded(entry)]
    found.sort(key=lambda one: (figures_of(one[0]) > 1, "platform" not in one[0].get("profiles", ())))
    return next(iter([*found, *((entry, 0) for entry in entries)]), (None, 0))


def figures_of(entry: Mapping[str, Any]) -> int:
    """How many figures a row names: a row of one figure is adopted with another floor in one line."""
    return sum(clause["form"] in (*RISING, *FALLING, "agreed") or bool(clause["floor"]) for clause in _clauses(entry))


def _clauses(entry: Mapping[str, Any]) -> Sequence[Clause]:
    clauses: Sequence[Clause] = entry.get("clauses") or (entry,)
    return clauses


def _bounded(entry: Mapping[str, Any]) -> Iterator[int]:
    """The clauses that bound the KPI's own value by a figure."""
    for place, clause in enumerate(_clauses(entry)):
        if clause["form"] in RISING + FALLING and clause["floor"] is not None and not clause.get("figure"):
            yield place


def _month(result: Result, entry: Mapping[str, Any] | None, place: int, minimum: int) -> Month:
    """The value where the row is judged; without a row the KPI's own."""
    same = [] if entry is None else [one for one in result["targets"] if _key(one) == _key(entry)]
    clause = _clauses(same[0])[place] if same and place < len(_clauses(same[0])) else None
    value, n = (result["value"], _size(result)) if clause is None else (clause["value"], clause["n"])
    said = _said(result, value, n, minimum)
    return Month(result["window"]["name"], value, n, said, "" if clause is None else clause["status"])


def _key(entry: Mapping[str, Any]) -> tuple[Any, Any]:
    return entry["profile"], entry["row"]


def _size(result: Result) -> float | None:
    if result.get("good") is not None:
        return float(result["good"] + result["bad"])
    return result.get("n")


def _said(result: Result, value: float | None, n: float | None, minimum: int) -> str:
    if result["status"] == "not set up" or value is None:
        return "not set up" if result["status"] == "not set up" else "no data"
    if n is not None and n < minimum:
        return "too few"
    coverage = exact(result.get("coverage"))
    return "partly seen" if coverage is not None and coverage < LEAST_COVERAGE else ""
