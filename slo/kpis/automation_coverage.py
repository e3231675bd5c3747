"""Automation coverage: steps of onboarding and operations that are automated."""

from __future__ import annotations

from slo.register import EntryRegister


class AutomationCoverage(EntryRegister):
    id = "automation_coverage"
    title = "Automation coverage"
    family = "delivery"
    definition = (
        "Steps of onboarding and operations that are automated by the window's end, of all steps in the register."
    )
    formula = "steps whose done_at has come / steps told"
    not_counted = "earlier tellings of a step: of one subject the latest by the window's end counts"
    example = "Of 12 steps told, 9 were automated by 30 June: 9 of 12 = 75 % for the second quarter."
    sentence = "{value} of {whose} steps were automated {when}"
    nouns = ("step", "manual step")
    needs = (("entry.automation_step",),)
    word = "automation_step"
