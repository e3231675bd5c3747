"""Something that is wrong with an asset now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slo.alerting.leaving import unwatched
from slo.lineage.ancestors import Event
from slo.measure.item import Dims
from slo.view import View

RUNS, DATA = "pipeline_success_rate", "freshness_slo_attainment"
"""The KPIs whose judgement says that a run failed or never came, and that data is late."""


@dataclass(frozen=True)
class Problem:
    """A dataset that is late, or a pipeline whose last run failed or never came."""

    kpi: str
    asset: str
    dims: Dims
    state: str
    """late, failed or missed."""
    expected: datetime
    """The deadline that has passed last, or the slot that failed or was missed last."""
    since: datetime
    """When the first of those in a row was known: what a cause is looked for behind."""
    cause: Event | None = None
    """What it began with further up; None: with itself, as far as is known."""
    quiet: str | None = None
    """Why nobody is told of it; None: somebody is."""

    @property
    def root(self) -> str:
        return self.asset if self.cause is None else self.cause.asset


def watched_assets(view: View, tiers: tuple[int, ...]) -> list[str]:
    """Assets in production that exist now, of these tiers, and are not paused."""
    return [name for name in view.asset_names if not unwatched(view.history(name), tiers, view.as_of)]
