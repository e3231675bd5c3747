"""Truth of wrong data: how often, who found it, which datasets kept their quality, and how incidents were handled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tierline.demo.governance.cards import at
from tierline.demo.model import Check
from tierline.demo.people.process import forgotten, steps
from tierline.demo.truth.incidents import known
from tierline.demo.truth.question import Question, ratio

WEIGHTS = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0, 5: 0.5}
OBJECTIVE = 0.98


def dq_incident_rate(question: Question) -> dict[str, Any]:
    """Incidents of wrong data, by weight, a month of 30 days."""
    total = sum(WEIGHTS[one.severity] for one in known(question)
                if one.sort == "correctness" and question.holds(one.started))  # fmt: skip
    return question.counted(total, 1 / (question.elapsed_days() / 30))


def defect_leakage(question: Question) -> dict[str, Any]:
    """Defects that consumers found, of these and those that tests caught."""
    caught = sum(question.holds(first.at) and question.fits(first.dataset, first.at) for first in _episodes(question))
    leaked = sum(
        one.sort == "correctness" and one.found_by == "consumer" and question.holds(one.detected)
        for one in known(question)
    )
    told = ratio(caught, leaked)
    return {**told, "value": leaked / (caught + leaked) if caught + leaked else None}


def _episodes(question: Question) -> Iterator[Check]:
    """The first failure of each stretch in which a test failed, until it passed again."""
    failing: set[str] = set()
    for check in question.checks():
        key = f"{check.dataset.name} {check.name}"
        if check.outcome in ("fail", "warn", "error"):
            if key not in failing:
                yield check
            failing.add(key)
        elif check.outcome == "pass":
            failing.discard(key)


def dq_slo_attainment(question: Question) -> dict[str, Any]:
    """Datasets whose own share of passed tests met their objective."""
    counted: dict[str, Counter[bool]] = defaultdict(Counter)
    for check in question.checks():
        if check.outcome != "skipped" and question.holds(check.at) and question.fits(check.dataset, check.at):
            counted[check.dataset.name][check.outcome == "pass"] += 1
    kept = [count[True] >= _objective(question, name) * count.total() - 1e-9 for name, count in counted.items()]
    return ratio(sum(kept), len(kept) - sum(kept))


def _objective(question: Question, name: str) -> float:
    card = at(question.world.known.cards[name], question.stop)
    return (card.quality_objective if card else None) or OBJECTIVE


def oncall_effectiveness(question: Question) -> dict[str, Any]:
    """Steps of the process that were met, of those called for, by when the incident was resolved, else began."""
    met: Counter[bool] = Counter()
    for incident in known(question):
        resolved = incident.resolved if incident.resolved and incident.resolved <= question.as_of else None
        if question.holds(resolved or incident.started) and not forgotten(incident):
            met.update(flag for flag in steps(incident).values() if flag is not None)
    return ratio(met[True], met[False])
