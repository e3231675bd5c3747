"""Deployment frequency: production deployments a week."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from slo.calendars import DAY
from slo.deployments import deployment_marks, deployments
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import platform_marks
from slo.measure import Count, Item
from slo.store import ChangeRow, Mark
from slo.view import View

WEEK = timedelta(days=7)


class DeploymentFrequency(Kpi):
    id = "deployment_frequency"
    title = "Deployment frequency"
    family = "delivery"
    lens = "leading"
    measure = Count
    unit = "per_week"
    better = "up"
    definition = "Deployments that reached production, a week."
    formula = "production deployments / weeks elapsed"
    not_counted = "deployments that failed before production"
    example = "6 deployments in 28 days are 1.5 a week; in 3 of 4 whole weeks there was at least one."
    sentence = "{who} deployed to production {times} {when}"
    shown_beside = {"weeks_with_one": ("weeks with at least one", "ratio")}
    facts = ("change", "incident", "asset")
    needs = (("change.deployment",),)
    witness = "change.deployment"
    by_asset = False
    minimum = 0
    pair = "change_failure_rate"

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for deployment in deployments(view, start, end):
            item = deployment.item(view, value=1.0)
            item.excluded = deployment.exclusion(view, self.id)
            yield item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        yield from deployment_marks(self, changes, view, timedelta(0))

    def figures(self, reading: Reading) -> Figures:
        """Beside the rate stands the share of whole ISO weeks of the window with at least one."""
        figures = super().figures(reading)
        with_one = [any(monday <= day < monday + WEEK for day in reading.days) for monday in _whole_weeks(reading)]
        share = sum(with_one) / len(with_one) if with_one and figures.value is not None else None
        return replace(figures, parts={**figures.parts, "weeks_with_one": share})


def _whole_weeks(reading: Reading) -> list[date]:
    """The Mondays of the ISO weeks that lie wholly in the window and had ended by as-of."""
    view, window = reading.view, reading.window
    monday = window.first_day + timedelta(days=-window.first_day.weekday() % 7)
    mondays = []
    while monday + WEEK - DAY <= window.last_day and view.start_of(monday + WEEK) <= view.as_of:
        mondays.append(monday)
        monday += WEEK
    return mondays
