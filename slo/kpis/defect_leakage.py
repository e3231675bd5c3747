"""Defect leakage: data defects found in consumption, of those found there or caught by tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from slo.checks.episodes import episode_marks, first_failures
from slo.evidence.sources import begun
from slo.facts import CheckResult, Incident
from slo.incidents.cases import Case, cases
from slo.incidents.scoped import judged_anew
from slo.kpi import Figures, Kpi, Params, Reading, tellings
from slo.marks import platform_marks
from slo.measure import Item, Ratio
from slo.measure.item import Dims
from slo.store import ChangeRow, Mark
from slo.view import View


class DefectLeakage(Kpi):
    id = "defect_leakage"
    title = "Defect leakage"
    family = "incidents"
    measure = Ratio
    unit = "ratio"
    better = "down"
    definition = "Data defects that consumers found, of those they found or tests caught before."
    formula = "found by consumers / (caught by tests + found by consumers)"
    not_counted = "failures of a check that had not passed since the last one; freshness and volume checks; duplicates"
    example = "A check fails for three days and passes (1 caught), another fails once (1), a consumer finds 1: 1 / 3."
    sentence = "{value} of {whose} data defects were found by consumers {when}"
    nouns = ("defect", "leaked defect")
    shown_beside = {"caught": ("defects caught by tests", "count"), "leaked": ("defects found by consumers", "count")}
    facts = ("check_result", "incident", "asset")
    needs = (("check_result",), ("incident.class",), ("incident.found_by",))
    by_asset = False
    complement = True

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for check in first_failures(view, start, end):
            yield self._caught(view, check)
        for case in cases(view):
            at = _found_at(case)
            if start <= at < end and case.fact.class_ == "correctness" and case.fact.found_by == "consumer":
                excluded = case.exclusion(view, self.id, at)
                yield case.item(at, view.as_of, bad=1, excluded=excluded, note="found by a consumer")

    def _caught(self, view: View, check: CheckResult) -> Item:
        assert check.at is not None
        dims = view.dims(check.asset, check.at)
        return Item(
            at=check.at, good=1, dims=Dims(dims.tier, environment=dims.environment), since=check.at, facts=(check,),
            member=f"{check.source}/{check.id}", matches=[[check.asset, dims.team, dims.domain]],
            excluded=view.exclusion(self.id, check.asset, dims, check.at), note=f"caught by {check.check}",
        )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        yield from episode_marks(changes, view)
        told = (fact for fact in tellings(changes) if isinstance(fact, Incident))
        for fact in (*told, *judged_anew(self, changes, view)):
            days = {view.day(at) for at in (fact.detected_at, fact.started_at) if at is not None}
            yield from (Mark(None, day, day) for day in sorted(days))

    def figures(self, reading: Reading) -> Figures:
        """Before anybody watched for both, what the one source shows is no share of all defects."""
        figures = super().figures(reading)
        figures = replace(figures, parts={**figures.parts, "caught": figures.good, "leaked": figures.bad})
        both = begun(self.needs, reading.view, min(reading.window.end, reading.view.as_of))
        return figures if both else replace(figures, value=None)


def _found_at(case: Case) -> datetime:
    return case.fact.detected_at or case.begins
