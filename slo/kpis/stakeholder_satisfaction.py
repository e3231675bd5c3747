"""Stakeholder satisfaction: the mean of survey answers, or the net promoter score."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from slo.facts import SurveyAnswer
from slo.kpi import Figures, Kpi, Params, Reading
from slo.measure import Item, Score
from slo.measure.item import Dims
from slo.view import View

NPS = "nps"
FACTORS = {
    "10": {"10": Fraction(1), "5": Fraction(2)},
    "5": {"10": Fraction(1, 2), "5": Fraction(1)},
    NPS: {NPS: Fraction(1)},
}
"""Scale asked for -> scale of an answer -> what its score is multiplied by; other answers don't count."""


class StakeholderSatisfaction(Kpi):
    id = "stakeholder_satisfaction"
    title = "Stakeholder satisfaction"
    family = "adoption"
    lens = "lagging"
    measure = Score
    unit = "score"
    better = "up"
    definition = "The mean of the survey answers, on 10 or on 5, or the net promoter score."
    formula = "sum of scores / answers; NPS: 100 x (promoters - detractors) / answers"
    not_counted = "answers on the NPS scale in a mean, answers on 5 and 10 in the NPS"
    example = (
        "Answers 8 and 9 of 10 and 4 of 5, which is 8 of 10: 25 / 3 = 8.33. NPS of 10, 9, 7, 3: (2 - 1) of 4 = 25."
    )
    facts = ("survey_answer",)
    needs = (("survey_answer",),)
    by_asset = False
    defaults = {"scale": "10"}
    choices = {"scale": tuple(FACTORS)}
    by_profile = ("scale",)
    shown_beside = {"promoters": ("promoters", "count"), "detractors": ("detractors", "count")}

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        wanted = FACTORS[params["scale"]]
        for answer in view.read("survey_answer", {"placed_at": (start, end)}):
            factor = wanted.get(answer.scale)
            if factor is not None and answer.score is not None:
                yield self._item(view, answer, factor)

    def _item(self, view: View, answer: SurveyAnswer, factor: Fraction) -> Item:
        assert answer.at is not None and answer.score is not None
        return Item(
            at=answer.at, member=f"{answer.source}/{answer.id}", matches=[], since=answer.at, facts=(answer,),
            value=Fraction(str(answer.score)) * factor, note=f"{answer.score:g} on {answer.scale}",
            excluded=view.exclusion(self.id, None, Dims(), answer.at),
        )  # fmt: skip

    def extent(self, view: View, asset: str | None) -> datetime | None:
        return self._first(view, "survey_answer", None)

    def figures(self, reading: Reading) -> Figures:
        """Promoters and detractors are told of the NPS scale alone: a mean has none."""
        figures = super().figures(reading)
        if reading.params["scale"] == NPS:
            return replace(figures, value=reading.state.nps)
        return replace(figures, parts={**figures.parts, "promoters": None, "detractors": None})
