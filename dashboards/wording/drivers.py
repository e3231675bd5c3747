"""The drivers of a change as people read them: one line a group, figures that visibly add up, a sentence above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards import format as fmt
from dashboards.format.adding import Steps, adding_up, steps_for
from dashboards.reading import scope

Told = Mapping[str, Any]
Result = Mapping[str, Any]

MEANING = "mix: its weight in the whole changed; rate: its own value changed"
_SPANS = ((1.0, 1000.0, "ms"), (120.0, 1.0, "s"), (7200.0, 1 / 60, "min"), (172_800.0, 1 / 3600, "h"))
"""Up to which span, in what unit: so many of it are one second."""
_NAMES = {"none": "none told", "several": "several", "not parted": "not parted"}


@dataclass(frozen=True)
class Line:
    """A group: its weight and its value then and now, its effects in whole steps. ``bars``: mix and rate, unrounded."""

    name: str
    weight: str
    value: str
    mix: int
    rate: int
    bars: tuple[float, float]

    @property
    def total(self) -> int:
        return self.mix + self.rate


@dataclass(frozen=True)
class Table:
    """One dimension: its lines, the rest as the last of them, and their sums, all in ``steps`` of ``unit``."""

    by: str
    unit: str
    steps: Steps
    lines: tuple[Line, ...]
    weighed: bool
    """Groups have weights: a sum has none, and no mix."""

    @property
    def mix(self) -> int:
        return sum(line.mix for line in self.lines)

    @property
    def rate(self) -> int:
        return sum(line.rate for line in self.lines)

    def written(self, steps: int) -> str:
        return self.steps.written(steps)


def table(dimension: Told, result: Result, most: int = 8) -> Table:
    """The ``most`` largest groups of a dimension; all others are one line."""
    lines, rest = list(dimension["lines"]), dimension["rest"]
    kept = lines if len(lines) <= most + 1 and rest is None else lines[:most]
    cells = [(line["mix"], line["rate"]) for line in kept]
    others = (dimension["mix"] - sum(mix for mix, _ in cells), dimension["rate"] - sum(rate for _, rate in cells))
    groups = len(lines) - len(kept) + (rest["groups"] if rest else 0)
    named = [(_name(line), _weight(line), _value(line, result)) for line in kept]
    if groups:
        named.append((f"{fmt.count(groups)} others", "", ""))
        cells.append(others)
    factor, unit = unit_of(result, [figure for cell in cells for figure in cell])
    total = dimension["mix"] + dimension["rate"]
    steps = steps_for([factor * figure for figure in (total, *(figure for cell in cells for figure in cell))])
    whole = adding_up([factor * figure for cell in cells for figure in cell], steps)
    found = [Line(*words, whole[2 * place], whole[2 * place + 1], cells[place]) for place, words in enumerate(named)]
    return Table(dimension["by"], unit, steps, tuple(found), any(line["now"]["weight"] is not None for line in lines))


def unit_of(result: Result, figures: Sequence[float]) -> tuple[float, str]:
    """(factor, unit) in which changes of a KPI are told: ratios in points, spans in the unit that suits the largest."""
    unit = result["unit"]
    if unit == "ratio":
        return 100.0, "points"
    if unit == "seconds":
        largest = max((abs(figure) for figure in figures), default=0.0)
        return next(((factor, name) for limit, factor, name in _SPANS if largest < limit), (1 / 86_400, "days"))
    if unit == "business_days":
        return 1.0, "business days"
    return 1.0, fmt.unit_words(result).replace("/ ", "a ")


def _name(line: Told) -> str:
    return _NAMES.get(line["key"], str(line["key"]))


def _weight(line: Told) -> str:
    """Its share of the whole, then and now."""
    before, now = line["before"]["weight"], line["now"]["weight"]
    if not before and not now:
        return ""
    return f"{_share(before)} → {_share(now)}"


def _share(weight: float | None) -> str:
    return f"{fmt.number(100 * weight)} %" if weight else fmt.NOTHING


def _value(line: Told, result: Result) -> str:
    before, now = line["before"]["value"], line["now"]["value"]
    return "" if before is None and now is None else f"{_of(result, before)} → {_of(result, now)}"


def _of(result: Result, figure: float | None) -> str:
    return fmt.NOTHING if figure is None else fmt.of(result, figure)


def sentence(told: Told, result: Result) -> str:
    """What moved: 98.0 % in the 14 days before, now 99.2 %: +1.23 points, of which +1.19 rate and +0.04 mix."""
    before, now = (fmt.of(result, told[side]) for side in ("before", "now"))
    mean = "" if told["figure"] == "value" else f"The {told['figure']} was "
    said = f"{mean}{before} {when(told)}, now {now}"
    if not told["dimensions"] or not told["change"]:
        return f"{said}: unchanged."
    first = table(told["dimensions"][0], result)
    total = f"{first.written(first.mix + first.rate)} {first.unit}".rstrip()
    if not first.weighed:
        return f"{said}: {total}."
    return f"{said}: {total}, of which {first.written(first.rate)} rate and {first.written(first.mix)} mix."


def when(told: Told) -> str:
    """The window before, in words: in the 14 days before, in September 2026."""
    name = told["window"]["name"]
    return f"in the {name[:-1]} days before" if name.endswith("d") else scope.period(name)


def caution(told: Told, result: Result) -> str:
    """Said where the value itself has no exact parts."""
    if told["figure"] == "value":
        return ""
    shown = {"mean": "a median or percentile", "mean over assets": "a median over assets"}[told["figure"]]
    return f"{shown[0].upper()}{shown[1:]} has no exact parts: these are those of the {told['figure']}."


def empty(told: Told) -> str:
    """Why nothing is compared, as a sentence."""
    why = str(told["missing"] or "")
    return f"{why[:1].upper()}{why[1:]}." if why else ""
