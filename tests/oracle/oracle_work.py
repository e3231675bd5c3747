"""The oracle's work items and entries: actions, tickets, findings, toil, reviews, sessions, teams, answers."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.oracle_facts import Record
from tests.oracle.oracle_scope import Asked, counted, ratio


def postmortem_action_completion(asked: Asked) -> Record:
    tally = {"good": 0, "bad": 0, "excluded": 0}
    for item in asked.world.of("work_item", "action"):
        due, closed = item.get("due_at"), item.get("closed_at")
        if not asked.item_counts(item, due):
            continue
        if item.get("outcome") == "withdrawn" or asked.item_excluded(item, due):
            tally["excluded"] += 1
        else:
            in_time = item.get("outcome") == "done" and closed is not None and closed <= due
            tally["good" if in_time else "bad"] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


def _in_sla(asked: Asked, items: list[Record]) -> Record:
    """Placed when closed or when the time ran out, whichever came first."""
    tally = {"good": 0, "bad": 0, "excluded": 0}
    for item in items:
        due, closed = item.get("due_at"), item.get("closed_at")
        at = min((moment for moment in (due, closed) if moment is not None), default=None)
        if at is None or not asked.item_counts(item, at):
            continue
        if due is None or asked.item_excluded(item, at):
            tally["excluded"] += 1
        else:
            tally["good" if closed is not None and closed <= due else "bad"] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


def support_sla_adherence(asked: Asked) -> Record:
    wanted = asked.params.get("priority", "P2")
    return _in_sla(asked, [item for item in asked.world.of("work_item", "support") if item.get("priority") == wanted])


SERIOUS = ("high", "critical")


def remediated_in_sla(asked: Asked) -> Record:
    """Beside audit_findings: findings closed within their time."""
    return _in_sla(asked, [item for item in asked.world.of("work_item", "finding") if item.get("severity") in SERIOUS])


def audit_findings(asked: Asked) -> Record:
    """Open at any time in the window; what is in scope is settled when a finding was opened."""
    world, weights = asked.world, list[float]()
    if asked.stop < asked.start:  # a window to come has none yet
        return {"value": None, "sum": None}
    for item in world.of("work_item", "finding"):
        opened, closed = item.get("opened_at"), item.get("closed_at")
        if item.get("severity") not in SERIOUS or opened is None or opened >= asked.end:
            continue
        if closed is not None and closed <= asked.start:
            continue
        asset, team = item.get("asset"), item.get("team")
        if world.produced(asset, opened) and asked.fits(asset, opened, team) and not asked.item_excluded(item, opened):
            weights.append(1.0)
    return counted(asked, weights, "work_item", "finding")


# --- entries ---------------------------------------------------------------------------------------------------


def _entries(asked: Asked, word: str, moment: str) -> Iterator[Record]:
    """Entries of a kind whose moment lies in the window, in scope and not left out."""
    for entry in asked.world.of("entry", word):
        at = entry.get(moment)
        if asked.inside(at) and asked.entry_fits(entry) and not asked.entry_excluded(entry, at):
            yield entry


def toil_hours(asked: Asked) -> Record:
    """Toil without hours is not 0 hours."""
    told = [entry.get("quantity") for entry in _entries(asked, "toil", "at")]
    hours = [float(one) for one in told if one is not None]
    return {"value": None, "sum": None} if told and not hours else counted(asked, hours, "entry", "toil", days=7)


def enablement_output(asked: Asked) -> Record:
    held = [1.0 if one.get("quantity") is None else one["quantity"] for one in _entries(asked, "session", "at")]
    return counted(asked, held, "entry", "session")


def teams_enabled(asked: Asked) -> Record:
    teams = {entry["team"] for entry in _entries(asked, "team_enabled", "done_at") if entry.get("team")}
    return counted(asked, [1.0] * len(teams), "entry", "team_enabled")


def architecture_review_rate(asked: Asked) -> Record:
    tally = {"good": 0, "bad": 0, "excluded": 0}
    for entry in asked.world.of("entry", "initiative"):
        start, reviewed = entry.get("started_at"), entry.get("reviewed_at")
        if entry.get("tier") != 0 or not asked.inside(start) or not asked.entry_fits(entry):
            continue
        if asked.entry_excluded(entry, start):
            tally["excluded"] += 1
        else:
            tally["good" if reviewed is not None and reviewed <= start else "bad"] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


# --- answers ---------------------------------------------------------------------------------------------------

FACTOR = {("10", "10"): 1.0, ("10", "5"): 2.0, ("5", "5"): 1.0, ("5", "10"): 0.5, ("nps", "nps"): 1.0}
"""(asked scale, scale of the answer): what an answer is multiplied by; the others don't speak."""


def stakeholder_satisfaction(asked: Asked) -> Record:
    world, scale = asked.world, str(asked.params.get("scale", "10"))
    scores = [
        answer["score"] * FACTOR[scale, answer["scale"]]
        for answer in world.of("survey_answer")
        if (scale, answer["scale"]) in FACTOR
        and asked.inside(answer["at"])
        and all(value is None for value in asked.scope.values())
        and not world.excluded(asked.kpi, answer["at"], None, None, None)
    ]
    if not scores:
        return {"value": None, "n": 0}
    mean = sum(scores) / len(scores)
    if scale != "nps":
        return {"value": mean, "n": len(scores), "mean": mean}
    promoters = sum(score >= 9 for score in scores)
    detractors = sum(score <= 6 for score in scores)
    value = 100 * (promoters - detractors) / len(scores)
    return {"value": value, "n": len(scores), "promoters": promoters, "detractors": detractors}
