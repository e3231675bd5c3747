"""On-call effectiveness: steps of the incident process that were met, of those that incidents called for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from slo.facts import Incident
from slo.incidents.cases import cases
from slo.kpi import Kpi, Params, tellings
from slo.marks import platform_marks
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View


class OncallEffectiveness(Kpi):
    id = "oncall_effectiveness"
    title = "On-call effectiveness"
    family = "incidents"
    lens = "leading"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Steps of the incident process that were met, of those the incidents called for."
    formula = "steps met / steps called for"
    not_counted = "steps that an incident did not call for, duplicates"
    example = "Two incidents called for 5 and 3 steps; 4 and 3 were met: 7 / 8 = 87.5 %."
    sentence = "{value} of the steps that {whose} incidents called for were met {when}"
    nouns = ("step", "unmet step")
    facts = ("incident", "asset")
    needs = (("incident.steps",),)
    by_asset = False

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for case in cases(view):
            at, steps = case.fact.resolved_at or case.begins, case.fact.steps or {}
            unmet = [name for name, met in sorted(steps.items()) if met is False]
            good = sum(met is True for met in steps.values())
            if start <= at < end and (good or unmet):
                note = f"not met: {', '.join(unmet)}" if unmet else "every step met"
                excluded = case.exclusion(view, self.id, at)
                yield case.item(at, view.as_of, good=good, bad=len(unmet), excluded=excluded, note=note)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        for fact in tellings(changes):
            if isinstance(fact, Incident):
                moments = (fact.resolved_at, fact.started_at, fact.detected_at)
                days = {view.day(at) for at in moments if at is not None}
                yield from (Mark(None, day, day) for day in sorted(days))
