"""What stands beside the verdict of a clause that compares or has a due date: baseline, change, noise, path."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from slo.promises.clauses import Clause
from slo.targets import Target
from slo.trend import noise
from slo.trend.baselines import Compared, outdated
from slo.trend.glide import glide
from slo.windows import Window

if TYPE_CHECKING:
    from slo.kpi import Figures, Kpi


def beside(
    kpi: Kpi, window: Window, scope: Mapping[str, Any], clause: Clause, figures: Figures, base: Compared | None
) -> dict[str, Any]:
    """Of a clause that compares: its baseline, and whether the change can be told from noise. Empty of others."""
    if base is None:
        return {}
    told = None if clause.figure else noise.told(kpi, window.name, scope, figures, _before(kpi, base))
    return {"baseline": base.as_result(), "told_from_noise": told}


def path(clause: Clause, target: Target, value: float | None, base: Compared | None, today: date) -> dict[str, Any]:
    """Of a clause that compares or is due: its glide path; null where there is none. A bound with a due date starts
    from the figure that was frozen for it."""
    if base is None and target.due_months is None:
        return {}
    start = base.value if base is not None else clause.baseline.value if clause.baseline else None
    return {"glide": glide(clause, target, value, start, today) or None}


def note(kpi: Kpi, base: Compared | None) -> str:
    """What a reader must know of the baseline; "" where there is nothing."""
    if base is None or base.value is None or not outdated(base.as_result(), kpi.version):
        return ""
    return f"the baseline was measured under definition {base.baseline.definition}, now {kpi.version}: freeze it again"


def _before(kpi: Kpi, base: Compared) -> Any:
    return base.figures if base.figures is not None else noise.frozen(kpi, base.baseline)
