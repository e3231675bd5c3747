"""Job runtime efficiency: each job's p95 against its own before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from slo.beside.jobs import jobs
from slo.calendars import DAY
from slo.facts import Run, place
from slo.intervals import overlap_seconds
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import asset_marks
from slo.measure import Change, Item
from slo.measure.grouped import middle
from slo.store import ChangeRow, Mark
from slo.view import View, own
from slo.windows import Window

ENOUGH_RUNS = 10
FEW = 0.05
"""Share of jobs, or of a window, that may be unseen."""


class JobRuntime(Kpi):
    id = "job_runtime"
    title = "Job runtime efficiency"
    family = "reliability"
    measure = Change
    unit = "ratio"
    better = "down"
    definition = (
        "The median over jobs of how much a job's p95 runtime changed against its baseline: as many days "
        "directly before the window, or from a pinned day on."
    )
    formula = "median over jobs of (p95 now / p95 before - 1)"
    not_counted = (
        "jobs with fewer than 10 successful runs in either window, runs that were not scheduled, negative spans"
    )
    example = "Three jobs' p95 went from 100 to 90 s, from 60 to 57 s and from 30 to 33 s: the median change is -5 %."
    sentence = "The p95 runtime of {whose} jobs moved by {value} {when}"
    shown_beside = {"p50_change": ("change of the median run", "ratio")}
    singly = True
    facts = ("run", "asset")
    needs = (("run.ended_at",), ("run.started_at",))
    minimum = 0
    reread = True
    per_asset_reading = True
    defaults = {"baseline": None}
    """The day on which the days begin that the window is compared with; without one they end where it begins."""
    dates = ("baseline",)

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"placed_at": (start, end), "state": "success"} | ({} if assets is None else {"asset": assets})
        for run in view.read("run", where):
            if run.trigger in (None, "schedule", "event") and run.state == "success":
                yield from self._span(view, run)

    def _span(self, view: View, run: Run) -> Iterator[Item]:
        at = place(run)
        if at is None or run.started_at is None or run.ended_at is None:
            return
        seconds = (run.ended_at - run.started_at).total_seconds()
        dims = view.dims(run.asset, at)
        excluded = "negative" if seconds < 0 else view.exclusion(self.id, run.asset, dims, at)
        yield Item(
            at=at, asset=run.asset, dims=dims, value=seconds, excluded=excluded, since=own([run], view.as_of),
            facts=(run,),
        )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from super().reach((change for change in changes if isinstance(change.new or change.old, Run)), view)

    def compared_with(self, window: Window, params: Params) -> tuple[date, date]:
        """As many days as the window has: directly before it, or from the pinned day on."""
        if params["baseline"] is None:
            return super().compared_with(window, params)
        first = date.fromisoformat(params["baseline"])
        return first, first + DAY * (window.days - 1)

    def figures(self, reading: Reading) -> Figures:
        """Beside the value stand the change of the median run, and the jobs one by one."""
        now: Change = reading.state
        changes = now.against(reading.before, 0.95, ENOUGH_RUNS)
        halves = now.against(reading.before, 0.5, ENOUGH_RUNS)
        value = middle(changes)
        parts: dict[str, Any] = {
            "n": len(changes), "median": value, "p50_change": middle(halves), "jobs": len(now.assets),
            "improved": sum(change < 0 for change in changes.values()),
        }  # fmt: skip
        if not reading.light:
            parts["per_job"] = jobs(now, reading.before, ENOUGH_RUNS)
        unread = _half_read(self, reading, changes)
        return Figures(value, len(changes), parts, coverage=1.0 if changes else None, provisional=unread)


def _half_read(kpi: JobRuntime, reading: Reading, compared: Collection[str]) -> bool:
    """Whether the baseline was not seen for more than a few of the compared jobs: their history is still being
    read, and what they are compared with is only a part of it."""
    unseen = sum(not _seen_before(kpi, reading, job) for job in compared)
    return unseen > FEW * len(compared)


def _seen_before(kpi: JobRuntime, reading: Reading, job: str) -> bool:
    """Imports are taken at their word; a configured source must have been read over the baseline."""
    view, (first, last) = reading.view, kpi.compared_with(reading.window, reading.params)
    tellers = {told.source for told in view.history(job).told(view.as_of).values()}
    configured = [one.name for one in view.platform.sources if one.name in tellers and "run" in one.tells]
    start, end = view.start_of(first), view.start_of(last + DAY)
    enough = (1 - FEW) * (end - start).total_seconds()
    seen = (overlap_seconds(view.observed(name, "run"), start, end) for name in configured)
    return not configured or max(seen) >= enough
