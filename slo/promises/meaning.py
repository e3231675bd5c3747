"""What a target means at a platform's own volume: how many may go bad in a window before it is missed, and what one
failure costs of the budget. Figures of the last whole window of the target's cadence, exact; words are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from slo.budgets.budget import allowed_share
from slo.kpi import Kpi
from slo.promises.clauses import Clause
from slo.promises.judging import judge
from slo.promises.scorecard import whole_window
from slo.promises.target import Target
from slo.shelf import get_kpi
from slo.windows import Window

if TYPE_CHECKING:
    from slo.results import Query, Results


@dataclass(frozen=True)
class Meaning:
    """One clause at the volume of one window."""

    kpi: Kpi
    clause: Clause
    window: Window
    told: Mapping[str, Any]
    """The clause as judged in that window: value, n, status, budget."""

    @property
    def total(self) -> int | None:
        """How many events (datasets, assets) were judged; None where the value is no share of any, or of time."""
        countable = self.share is not None and not self.kpi.seconds and "budget" in self.told
        return int(self.told["n"]) if countable else None

    @property
    def share(self) -> Fraction | None:
        """The share that may be bad; None of a clause that bounds no share."""
        return allowed_share(self.clause, self.kpi.complement)

    @property
    def bad(self) -> int | None:
        """How many were bad."""
        budget = self.told.get("budget") if self.total is not None else None
        return None if budget is None else round(budget["allowed_events"] - budget["remaining_events"])

    @property
    def allowed(self) -> Fraction | None:
        """The budget in events; for low volume less than one."""
        return None if self.total is None or self.share is None else self.share * self.total

    @property
    def fails_at(self) -> int | None:
        """The bad event that breaks the promise: the first, the seventh."""
        if self.total is None or self.allowed is None:
            return None
        most = floor(self.allowed)
        return most + 1 if self._kept(most) else most

    def _kept(self, bad: int) -> bool:
        counts = ((self.total or 0) - bad, bad)
        return judge(self.clause, None, counts=counts, inverted=self.kpi.complement).status != "missed"

    @property
    def one_failure(self) -> Fraction | None:
        """What one bad event costs as a share of the budget; None where nothing is allowed."""
        return 1 / self.allowed if self.allowed else None


def meanings(results: Results, target: Target, query: Query) -> list[Meaning]:
    """Each clause of a target in the last whole window of its cadence."""
    kpi, window = get_kpi(target.kpi), whole_window(target, results)
    entry = results.entry(results.asked(kpi, replace(query, window=window.name)), target, target.clauses)
    parts = entry.get("clauses", [entry])
    return [Meaning(kpi, clause, window, told) for clause, told in zip(target.clauses, parts, strict=True)]
