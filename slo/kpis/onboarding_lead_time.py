"""Time to onboard a data source: business days from the request to its first success in production."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from slo.facts import WorkItem
from slo.kpi import Figures, Params, Reading
from slo.marks import otherwise_from
from slo.measure import Samples
from slo.store import ChangeRow, Mark
from slo.view import View, in_production
from slo.work.first_success import first_success, success_marks
from slo.work.items import works
from slo.work.spans import CycleTime

CLASSES = ("simple", "standard", "complex")


class OnboardingLeadTime(CycleTime):
    id = "onboarding_lead_time"
    title = "Time to onboard a data source"
    family = "delivery"
    definition = "Median business days from the request to the first successful load of its asset in production."
    formula = "median of (first success, else closed - opened) in business days, over sources onboarded"
    not_counted = "requests refused or withdrawn, requests without a first success that are still open, negative spans"
    example = "Asked on Monday 09:00, first loaded on Wednesday 09:00: 2 business days, whenever the ticket was closed."
    sentence = "{whose_cap} median source was onboarded in {value} {when}"
    shown_beside = {
        "simple_median": ("simple sources", "business_days"),
        "standard_median": ("standard sources", "business_days"),
        "complex_median": ("complex sources", "business_days"),
    }
    facts = ("work_item", "run", "dataset_update", "asset")
    needs = (("work_item.onboarding",), ("work_item.closed_at", "run.ended_at", "dataset_update"))
    kind = "onboarding"
    defaults = {"complexity": "any"}
    choices = {"complexity": ("any", *CLASSES)}

    def asked(self, fact: WorkItem, params: Params) -> bool:
        return params["complexity"] in ("any", fact.complexity)

    def ended(self, view: View, fact: WorkItem) -> datetime | None:
        """The asset's first success; where it had worked before, or never did, the closing of the request."""
        return _worked(view, fact) or fact.closed_at

    def unfit(self, view: View, fact: WorkItem) -> str | None:
        return None if _worked(view, fact) else super().unfit(view, fact)

    def extent(self, view: View, asset: str | None) -> datetime | None:
        ends = (self.ended(view, fact) for fact in works(view, self.kind))
        return min((end for end in ends if end is not None), default=None)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """Also the day of the first success, and the days between which a changed run or update moves it, or a version
        of the asset that decides whether it was in production."""
        changes = list(changes)
        yield from super().reach(changes, view)
        told = list(self.told(changes))
        for fact in told:
            first = first_success(view, fact.asset) if fact.asset is not None else None
            if first is not None:
                yield Mark(None, view.day(first), view.day(first))
        yield from success_marks(changes, [*works(view, self.kind), *told], view)
        yield from self._closed_before(otherwise_from(self, changes, view), view)

    def _closed_before(self, firsts: Mapping[str, date], view: View) -> Iterator[Mark]:
        """The closing days of requests whose asset's first success is not before these days: it, or another one, may
        now count or count no longer."""
        for fact in works(view, self.kind) if firsts else ():
            if fact.asset is not None and fact.asset in firsts and fact.closed_at is not None:
                first = first_success(view, fact.asset)
                if first is None or view.day(first) >= firsts[fact.asset]:
                    yield Mark(None, view.day(fact.closed_at), view.day(fact.closed_at))

    def figures(self, reading: Reading) -> Figures:
        """By complexity class, too."""
        figures = super().figures(reading)
        return figures if reading.light else replace(figures, parts={**figures.parts, **self._by_class(reading)})

    def _by_class(self, reading: Reading) -> dict[str, Any]:
        window, classes = reading.window, dict[str, Any]()
        for name in CLASSES:
            items = self.items(reading.view, None, window.start, window.end, {"complexity": name})
            inside = (item for item in items if in_production(item.dims.environment))
            state = Samples.of(item for item in inside if reading.matches(item.matches or [], item.dims.tier))
            classes[name] = {"n": state.n, "median": state.quantile(0.5)}
        return {"by_complexity": classes, **{f"{name}_median": told["median"] for name, told in classes.items()}}


def _worked(view: View, fact: WorkItem) -> datetime | None:
    """The first success of its asset, where that came after the request."""
    if fact.asset is None or fact.opened_at is None:
        return None
    first = first_success(view, fact.asset)
    return first if first is not None and first >= fact.opened_at else None
