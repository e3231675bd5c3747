"""The formula with its numbers in it, exactly: one line for every measure."""

from __future__ import annotations

from typing import Any

from slo.kpi import Kpi
from slo.measure import Count, Distinct, Levels, Samples, Score, Totals
from slo.measure.state import exact, number

PERIODS = {"per_week": ("week", 7), "per_month": ("month", 30), "hours_per_week": ("week", 7)}
"""Unit -> the period's name and its days."""


def in_figures(kpi: Kpi, result: dict[str, Any], state: Any, days: float) -> str:
    """``state`` is the merged state that the value was read off, ``days`` the elapsed part of the window."""
    value = result["value"]
    if value is None:
        return "no data: nothing in this window and scope counts"
    if "good" in result:
        return f"{_share(kpi, result)} = {value!r}"
    if isinstance(state, Levels):
        return f"{_plain(result['numerator'])} / {_plain(result['denominator'])} - 1 = {value!r}"
    if "numerator" in result:
        return f"{_plain(result['numerator'])} / {_plain(result['denominator'])} = {value!r}"
    match state:
        case Samples():
            return f"{_of_samples(kpi, state)} = {value!r}"
        case Score():
            return f"{_of_score(value, state)} = {value!r}"
        case Distinct():
            return f"{len(state.keys)} different = {value!r}"
        case Count():
            return f"{_of_count(kpi, state, days)} = {value!r}{_unit(kpi)}"
        case Totals():
            return f"{result['sum']} of the {result['of']} most expensive = {value!r}"
    return f"{kpi.formula.partition(' of (')[0]} of {result.get('n')} = {value!r}"


def _share(kpi: Kpi, result: dict[str, Any]) -> str:
    top = result["bad"] if kpi.complement else result["good"]
    return f"{top} / ({result['good']} + {result['bad']})"


def _plain(figure: float | None) -> str:
    return repr(int(figure) if figure is not None and figure == int(figure) else figure)


def _of_samples(kpi: Kpi, state: Samples) -> str:
    """A mean is a quotient; of a quantile only its place can be told."""
    if kpi.pick == "mean":
        return f"{number(state.total)} / {state.n}"
    return f"{kpi.pick} of {state.n}"


def _of_score(value: float, state: Score) -> str:
    if value == state.mean:
        return f"{number(state.total)} / {state.n}"
    return f"100 × ({state.promoters} promoters - {state.detractors} detractors) / {state.n}"


def _of_count(kpi: Kpi, state: Count, days: float) -> str:
    total = number(state.total)
    if kpi.unit not in PERIODS:
        return f"{total} in the window"
    name, length = PERIODS[kpi.unit]
    return f"{total} / ({number(exact(days))} days / {length} days a {name})"


def _unit(kpi: Kpi) -> str:
    return f" {kpi.unit.replace('_', ' ')}" if kpi.unit in PERIODS else ""
