"""Learning progression: milestones of the agreed plan that are completed, of those due."""

from __future__ import annotations

from slo.register import EntryRegister


class LearningProgression(EntryRegister):
    id = "learning_progression"
    title = "Learning progression"
    family = "adoption"
    definition = "Milestones of the agreed plan completed by the window's end, of those planned by then."
    formula = "planned milestones done / milestones planned by the window's end"
    not_counted = "milestones planned for later, and those without a planned date"
    example = "5 milestones were planned by 30 June; 4 were done by then, the fifth on 2 July: 4 of 5 = 80 %."
    sentence = "{value} of {whose} milestones due were reached {when}"
    nouns = ("milestone", "late milestone")
    needs = (("entry.milestone",),)
    word = "milestone"
    placed = "planned_at"
    by_subject = False
