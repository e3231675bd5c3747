"""Expensive workloads remediated: of the last quarter's ten most expensive, those that cost less or were worked on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from slo.facts import Meter, WorkItem
from slo.figures import seen_whole
from slo.kpi import Figures, Kpi, Params, Reading, tellings
from slo.marks import asset_marks
from slo.measure import Item, Totals
from slo.metering.costs import count_cost, reading_item
from slo.metering.readings import reading_marks, readings
from slo.metering.workloads import DONE, Workload, most_expensive, week_key, weeks_before
from slo.store import ChangeRow, Mark
from slo.view import View
from slo.windows import Window, calendar_window, previous
from slo.work.items import dims_of, exclusion, works

METERS = ("cost", "runs")


class ExpensiveWorkloadsRemediated(Kpi):
    id = "expensive_workloads_remediated"
    title = "Expensive workloads remediated"
    family = "cost"
    lens = "leading"
    measure = Totals
    unit = "count"
    better = "up"
    definition = (
        "Workloads among the ten most expensive of the quarter before that were remediated: by a work item, or at a "
        "cost a run that stayed 20 % lower for four weeks."
    )
    formula = "of the ten highest costs of the quarter before, those remediated in the window"
    not_counted = "workloads that were not among the ten; credits, refunds, tax, purchases; cost without a rate"
    example = "Of the ten two had a remediation closed as done, and a third fell from 5 to 3.9 a run for four weeks: 3."
    sentence = "{who} remediated {value} of the ten most expensive workloads {when}"
    facts = ("meter", "work_item", "asset")
    needs = (("meter.cost",), ("work_item.remediation", "meter.runs"))
    witness = "meter.cost"
    minimum = 0
    per_asset_reading = True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"meter": list(METERS)} | ({} if assets is None else {"asset": assets})
        for at, meter in readings(view, "meter", start, end, **where):
            if meter.asset is not None:
                yield self._spent(view, at, meter)
        for work in works(view, "remediation"):
            if work.asset is not None and (assets is None or work.asset in assets) and work.outcome == "done":
                yield from self._done(view, work, start, end)

    def _spent(self, view: View, at: datetime, meter: Meter) -> Item:
        item = reading_item(view, self.id, at, meter)
        item.key = week_key(view.day(at), str(meter.asset))
        if meter.meter == "cost":
            count_cost(view, item, meter)
        else:
            item.over = meter.amount
        return item

    def _done(self, view: View, work: WorkItem, start: datetime, end: datetime) -> Iterator[Item]:
        at = work.closed_at
        if at is not None and start <= at < end:
            yield Item(
                at=at, asset=work.asset, dims=dims_of(view, work, at), value=1.0, key=f"{DONE}{work.asset}", since=at,
                facts=(work,), note=work.title or "remediation", excluded=exclusion(view, self.id, work, at),
            )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from reading_marks((one for one in changes if _spending(one)), view)
        for fact in tellings(changes):
            if isinstance(fact, WorkItem) and fact.kind == "remediation" and fact.asset and fact.closed_at:
                day = view.day(fact.closed_at)
                yield Mark(fact.asset, day, day)

    def around(self, window: Window, as_of: datetime) -> Mapping[str, tuple[date, date]]:
        quarter = previous(calendar_window("Q", window.first_day, window.tz))
        return {"quarter": (quarter.first_day, quarter.last_day), **weeks_before(window, as_of)}

    def figures(self, reading: Reading) -> Figures:
        """Beside the count stand the ten, with what each cost and how it was remediated."""
        ten = most_expensive(reading)
        done = sum(workload.how is not None for workload in ten)
        told = bool(ten) and (done > 0 or seen_whole(self, reading))
        spent = [*reading.around["quarter"].keys.values(), *reading.state.keys.values()]
        parts = {
            "sum": done if told else None, "n": done, "of": len(ten), "workloads": list(map(_shown, ten)),
            "unknown": sum(one.unknown for one in spent), "currency": reading.view.platform.currency,
        }  # fmt: skip
        restated = any(one.beside.get("provisional") for one in spent)
        return Figures(float(done) if told else None, done, parts, coverage=1.0 if told else None, provisional=restated)

    def worth(self, reading: Reading) -> Mapping[str, Fraction]:
        """Of the ten each that was remediated is one."""
        return {one.asset: Fraction(int(one.how is not None)) for one in most_expensive(reading)}


def _spending(change: ChangeRow) -> bool:
    return any(isinstance(one, Meter) and one.meter in METERS for one in (change.old, change.new))


def _shown(workload: Workload) -> dict[str, Any]:
    before = workload.per_run
    return {
        "asset": workload.asset, "cost": float(workload.cost), "remediated": workload.how,
        "cost_per_run": None if before is None else float(before),
    }  # fmt: skip
