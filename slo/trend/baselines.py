"""What a clause's value is compared with: the window before, a year before, or a figure frozen earlier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slo.promises.clauses import Baseline, Clause
from slo.windows import Window, calendar_window, previous, year_before

if TYPE_CHECKING:
    from slo.kpi import Figures

FiguresOf = Callable[[Window], "Figures"]
"""A window -> the KPI's figures in it, in the clause's own scope and parameters."""


@dataclass(frozen=True)
class Compared:
    """A figure to compare with (None: there is none), and where it comes from."""

    baseline: Baseline
    value: float | None
    window: str | None = None
    n: float | None = None
    figures: Figures | None = None
    """The figures of the window it was read from; None of a stored figure."""

    def as_result(self) -> dict[str, Any]:
        """As results print it: the figure with its window or its day, where it was told and by whom."""
        told, stored = self.baseline, self.figures is None
        day = None if told.day is None or self.window is not None else told.day.isoformat()
        return {
            "kind": told.kind, "value": self.value, "window": self.window, "day": day, "n": self.n,
            "origin": told.origin if stored else "measured", "source": told.source, "definition": told.definition,
            "frozen_on": None if told.frozen_on is None else told.frozen_on.isoformat(),
        }  # fmt: skip


def compared(clause: Clause, window: Window, figures_of: FiguresOf, own_scope: bool = True) -> Compared | None:
    """What a clause is compared with in a window. None: the form compares with nothing. ``own_scope``: it is judged
    where its figure was frozen; a team is not compared with a figure of the whole."""
    told = clause.against
    if told is None:
        return None
    if told.kind == "frozen" and (told.value is not None or told.day is None):
        return Compared(told, told.value if own_scope else None, told.window, told.n)
    earlier = _earlier(told, window)
    figures = figures_of(earlier)
    value = figures.parts.get(clause.figure) if clause.figure else figures.value
    return Compared(told, None if value is None else float(value), earlier.name, figures.n, figures)


def _earlier(told: Baseline, window: Window) -> Window:
    """The window that is measured: of a frozen day that of the same kind (of a rolling window its month)."""
    if told.kind == "frozen" and told.day is not None:
        return calendar_window("M" if window.rolling else window.kind, told.day, window.tz)
    return year_before(window) if told.kind == "yoy" else previous(window)


def outdated(told: Mapping[str, Any], version: int) -> bool:
    """Was a stored figure measured under another version of the KPI's definition?"""
    return told["definition"] is not None and told["definition"] != version
