"""Mentorship and enablement: sessions, reviews and guides delivered."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean
from typing import Any

from slo.entries import OfEntries
from slo.facts import Entry
from slo.kpi import Figures, Reading
from slo.measure import Count

FEEDBACK = "enablement"
"""The audience of survey answers that speak of sessions."""
ON_TEN = {"5": 2.0, "10": 1.0}
_UNANSWERED = {"feedback": None, "feedback_n": None}


class EnablementOutput(OfEntries):
    id = "enablement_output"
    title = "Mentorship and enablement"
    family = "adoption"
    lens = "leading"
    measure = Count
    unit = "count"
    better = "up"
    definition = "Sessions, reviews and guides delivered."
    formula = "sum of what the session entries of the window delivered (one each, where they tell no quantity)"
    not_counted = "entries of other kinds, sessions without a moment; feedback on the NPS scale"
    example = "A workshop, a pairing session and an entry of 3 guides: 1 + 1 + 3 = 5."
    sentence = "{who} gave {value} sessions, reviews and guides {when}"
    needs = (("entry.session",),)
    witness = "entry.session"
    minimum = 0
    word = "session"
    shown_beside = {
        "teams": ("teams reached", "count"),
        "feedback": ("feedback on 10", "score"),
        "feedback_n": ("answers that the feedback is of", "count"),
    }

    def judge(self, entry: Entry) -> dict[str, Any]:
        return {"value": 1.0 if entry.quantity is None else entry.quantity}

    def figures(self, reading: Reading) -> Figures:
        """Beside the sum stand how many teams took part, and the mean of what was answered about the sessions."""
        figures = super().figures(reading)
        if reading.light:
            return figures
        scores = _feedback(reading)
        answered = {"feedback": mean(scores), "feedback_n": len(scores)} if scores else _UNANSWERED
        beside = {"teams": _teams(reading), **answered}
        return replace(figures, parts={**figures.parts, **beside})


def _teams(reading: Reading) -> int:
    """How many teams the counted sessions were for."""
    where = {"kind": EnablementOutput.word, "placed_at": (reading.window.start, reading.window.end)}
    told = reading.view.read("entry", where)
    return len({one.team for one in told if one.team and reading.matches([[None, one.team, None]], one.tier)})


def _feedback(reading: Reading) -> list[float]:
    """On 10, the answers whose audience is "enablement"; they have no scope but the whole."""
    where = {"audience": FEEDBACK, "placed_at": (reading.window.start, reading.window.end)}
    answers = reading.view.read("survey_answer", where) if reading.matches([], None) else []
    return [answer.score * ON_TEN[answer.scale] for answer in answers if answer.scale in ON_TEN]
