"""Truth of what people write down: toil, sessions, plans, documents, answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tierline.demo.delivery import ON_GITHUB
from tierline.demo.files.repository import REWRITTEN, documents_of
from tierline.demo.people.note import Note
from tierline.demo.truth.question import Question, ratio

FRESH = timedelta(days=183)


def _notes(question: Question, kind: str) -> Iterator[Note]:
    """Lines of a kind in scope as they stand at as-of. A line has a team and perhaps a tier, but no domain."""
    for note in question.world.known.written(kind, question.as_of):
        team, tier = question.team in (None, note.team), question.tier in (None, note.tier)
        if team and tier and question.domain is None:
            yield note


def _newest(question: Question, kind: str) -> dict[str, Note]:
    """Subject -> what was written of it last, up to the window's end."""
    found: dict[str, Note] = {}
    for note in sorted(_notes(question, kind), key=lambda note: note.at):
        if note.at <= question.stop:
            found[str(note.subject)] = note
    return found


def _counted(question: Question, kind: str, total: float, rate: float = 1.0) -> dict[str, Any]:
    """Nought is only known where lines of the kind say whose they are: of a tier where none names one, nobody knows."""
    notes = list(question.world.known.written(kind, question.as_of))
    tier = question.tier is None or any(note.tier is not None for note in notes)
    team = question.team is None or any(note.team is not None for note in notes)
    return question.counted(total, rate) if tier and team and question.domain is None else {"value": None}


def _by(moment: datetime | None, end: datetime) -> bool:
    return moment is not None and moment <= end


def toil_hours(question: Question) -> dict[str, Any]:
    """Hours a week, by the day they were written down."""
    hours = math.fsum(note.quantity or 0 for note in _notes(question, "toil") if question.holds(note.at))
    return _counted(question, "toil", hours, 1 / (question.elapsed_days() / 7))


def enablement_output(question: Question) -> dict[str, Any]:
    """Sessions held; a line without a number is one."""
    held = [note for note in _notes(question, "session") if question.holds(note.at)]
    return _counted(question, "session", sum(1 if note.quantity is None else note.quantity for note in held))


def teams_enabled(question: Question) -> dict[str, Any]:
    """Teams that went live on something in the window."""
    live = {note.team for note in _notes(question, "team_enabled") if note.done and question.holds(note.done)}
    return _counted(question, "team_enabled", len(live))


def automation_coverage(question: Question) -> dict[str, Any]:
    """Steps whose newest line says that they are automated."""
    judged = [_by(note.done, question.stop) for note in _newest(question, "automation_step").values()]
    return ratio(sum(judged), len(judged) - sum(judged))


def learning_progression(question: Question) -> dict[str, Any]:
    """Milestones that were due by the end, and reached by then."""
    due = [note for note in _notes(question, "milestone") if _by(note.planned, question.stop)]
    done = sum(_by(note.done, question.stop) for note in due if note.at <= question.stop)
    return ratio(done, len(due) - done)


def architecture_review_rate(question: Question) -> dict[str, Any]:
    """Tier-0 initiatives that began in the window, and were reviewed before."""
    begun = [note for note in _notes(question, "initiative")
             if note.tier == 0 and note.started and question.holds(note.started)]  # fmt: skip
    reviewed = sum(note.started is not None and _by(note.reviewed, note.started) for note in begun)
    return ratio(reviewed, len(begun) - reviewed)


def documentation_freshness(question: Question) -> dict[str, Any]:
    """Key documents that were brought up to date within 183 days."""
    pages = _newest(question, "document").values()
    judged = [question.stop - note.at <= FRESH for note in pages if note.important]
    if (question.tier, question.domain) == (None, None):
        judged += [question.stop - at <= FRESH for at in _in_repositories(question)]
    return ratio(sum(judged), len(judged) - sum(judged))


def _in_repositories(question: Question) -> Iterator[datetime]:
    """When each document of the repositories in folders was last changed, up to the window's end."""
    for team in {one.team for one in question.world.deployments} - set(ON_GITHUB):
        if question.team not in (None, team):
            continue
        changed: dict[str, datetime] = {}
        own = (one for one in question.world.deployments if one.team == team and one.at <= question.stop)
        for number, deployment in enumerate(own, 1):
            if number % REWRITTEN == 1:
                documents = documents_of(team)
                changed[documents[number // REWRITTEN % len(documents)]] = deployment.at
        yield from changed.values()


def stakeholder_satisfaction(question: Question) -> dict[str, Any]:
    """The mean on 10: answers on 5 are doubled, those of NPS are apart. Answers are of no tier, team or domain."""
    if (question.tier, question.team, question.domain) != (None, None, None):
        return {"value": None}
    worth = {"10": 1, "5": 2}
    scores = [one.score * worth[one.scale] for one in question.world.known.answers
              if one.scale in worth and question.holds(one.at)]  # fmt: skip
    mean = math.fsum(scores) / len(scores) if scores else None
    return {"value": mean, "n": len(scores), "mean": mean}
