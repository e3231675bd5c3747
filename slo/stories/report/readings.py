"""Every promise judged three ways: as it counts, as consumers felt it, as what the platform alone answers for.

The verdicts are those of the same judge over the same states; only what was excluded for somebody else's fault is put
back ("felt"), or what others answer for is left out ("ours"). What is no Ratio reads the same every way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from slo.folding import Scope
from slo.kpi import Figures, Kpi
from slo.left_out import left_out
from slo.measure import Ratio
from slo.promises.verdicts import Judge
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.states import States
from slo.windows import Window

WAYS: dict[str, Callable[[Ratio], Ratio]] = {"felt": Ratio.as_felt, "ours": Ratio.ours}


class _ReadAs(Judge):
    """The judge over counts that are read another way."""

    def __init__(self, states: States, way: Callable[[Ratio], Ratio]) -> None:
        super().__init__(states)
        self._way = way

    def figures(self, kpi: Kpi, window: Window, scope: Scope, params: Mapping[str, Any]) -> Figures:
        key = (kpi.id, window.name, window.first_day, scope, tuple(sorted(params.items(), key=str)))
        if key not in self._figures:
            reading = self.states.reading(kpi, window, scope, params)
            if isinstance(reading.state, Ratio):
                reading = replace(reading, state=self._way(reading.state))
            left = left_out(reading.state)
            self._figures[key] = replace(kpi.figures(reading), left_out=left, state=reading.state)
        return self._figures[key]


def readings(results: Results, query: Query, kpis: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """KPI -> "felt" and "ours", each the statuses of its targets, in the order of the result's ``targets``."""
    told: dict[str, dict[str, list[str]]] = {kpi_id: {} for kpi_id in kpis}
    for name, way in WAYS.items():
        read = Results(results.states, results.targets)
        read.judge = _ReadAs(results.states, way)
        for kpi_id in kpis:
            kpi = get_kpi(kpi_id)
            applied = read.applied(read.asked(kpi, query), query)
            told[kpi_id][name] = [entry["status"] for _, _, entry in applied]
    return told
