"""The tests that dbt runs on the datasets early each morning."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tierline.demo.chance import dice, local
from tierline.demo.model import Check, Dataset, Incident

FAILS = 0.009
WARNINGS = ("accepted_values", "row_count_in_range")
"""Tests that only warn."""


def started(day: date) -> datetime:
    """When the day's `dbt build` begins."""
    return local(day, 5, 30)


def checks(seed: int, day: date, datasets: list[Dataset], incidents: list[Incident], factor: float) -> list[Check]:
    """All tests of one morning, one after the other, in order."""
    moment = started(day)
    found = []
    hurt = {thing.name for incident in incidents if incident.sort == "correctness" and _on(incident, moment)
            for thing in incident.things}  # fmt: skip
    for dataset in datasets:
        if not dataset.tests or dataset.at(moment).retired or dataset.born > moment:
            continue
        rng = dice(seed, "checks", dataset.name, day)
        for test in dataset.tests:
            moment += timedelta(seconds=3 + rng.randrange(4))
            outcome = _outcome(rng, test, FAILS * min(3.0, factor), dataset.name in hurt)
            severity = "warn" if test in WARNINGS else "error"
            found.append(Check(dataset, f"{test}_{dataset.name.rsplit('.', 1)[1]}", outcome, moment, severity))
    return found


def _on(incident: Incident, moment: datetime) -> bool:
    """Wrong data stays wrong until the next morning."""
    return incident.started - timedelta(hours=20) <= moment <= incident.started + timedelta(hours=20)


def _outcome(rng: Random, test: str, chance: float, hurt: bool) -> str:
    draw = rng.random()
    if draw < (0.5 if hurt else chance):
        return "warn" if test in WARNINGS else "fail"
    if draw > 0.9985:
        return "error"
    return "skipped" if draw > 0.996 else "pass"
