"""Paired reading: a KPI that misleads alone carries its partner, another KPI or a figure of its own, shown together.

Where the partner is broken (another KPI is missed, the figure is past its bound) a caveat stands beside the status; the
status never differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slo.kpi import Figures
    from slo.promises.verdicts import Asked
    from slo.results import Query, Results


@dataclass(frozen=True)
class Figure:
    """A figure of the KPI's own that is read with its value: its name among the parts, and when it is broken."""

    name: str
    title: str
    unit: str
    broken: Callable[[float], bool]
    caveat: str
    """What is said where it is broken."""


def pair_of(results: Results, asked: Asked, query: Query, figures: Figures) -> dict[str, Any] | None:
    """The partner as results print it; None where the KPI is read alone."""
    pair = asked.kpi.pair
    if pair is None:
        return None
    return _own(pair, figures) if isinstance(pair, Figure) else _other(results, pair, query)


def caveat(pair: dict[str, Any] | None, own: str | Figure | None) -> list[str]:
    """What is said beside the status where the partner is broken."""
    if pair is None or not pair["broken"]:
        return []
    if isinstance(own, Figure):
        return [own.caveat]
    how = "is missed" if pair["standing"] == "adopted" else "lies outside what is published for it"
    return [f"{pair['title']} {how}: read both together"]


def _own(figure: Figure, figures: Figures) -> dict[str, Any]:
    value = figures.parts.get(figure.name)
    broken = value is not None and figure.broken(value)
    return {
        "kpi": None, "figure": figure.name, "title": figure.title, "value": value, "unit": figure.unit, "n": None,
        "status": None, "standing": None, "broken": broken,
    }  # fmt: skip


def _other(results: Results, pair: str, query: Query) -> dict[str, Any]:
    """The other KPI in the same window and scope, judged by the same profile."""
    kpi, asked, figures, status, promised = results.judged(pair, replace(query, params={}))
    shown = asked.shown(figures)
    return {
        "kpi": kpi.id, "figure": None, "title": kpi.title, "value": shown.value, "unit": kpi.unit, "n": shown.n,
        "status": status, "standing": promised, "broken": status == "missed",
    }  # fmt: skip
