"""Truth of what people ask for and mend: requests, tickets, findings, actions, merged changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from tierline.demo.chance import local, local_day
from tierline.demo.delivery import ON_GITHUB
from tierline.demo.servers.github import merged_at
from tierline.demo.truth.question import Question, quantile, ratio, spans
from tierline.demo.work import Work, seen
from tierline.demo.world import World

SMALL = (1, 2)
"""Story points of a small ticket."""
SEVERE = ("critical", "high")
DAY = timedelta(days=1)


def _asked(question: Question, *kinds: str) -> Iterator[tuple[Work, datetime | None, datetime | None]]:
    """Work of these kinds that was opened by as-of, with when it was started and closed as it stands then."""
    for one in question.world.work:
        if one.kind in kinds and one.opened <= question.as_of:
            yield one, *seen(one, question.as_of)


def _fits(question: Question, one: Work, moment: datetime) -> bool:
    """A team of its own; tier and domain of what it is about, at the moment that places it."""
    if question.team not in (None, one.team):
        return False
    if (question.tier, question.domain) == (None, None):
        return True
    thing = question.thing(one.asset) if one.asset else None
    if thing is None:
        return False
    return question.tier in (None, thing.at(moment).tier) and question.domain in (None, thing.domain)


def business_days(start: datetime, end: datetime) -> float:
    """Days of 24 hours between two instants, without Saturdays and Sundays."""
    total, day = 0.0, local_day(start)
    while day <= local_day(end):
        if day.weekday() < 5:
            total += max(0.0, (min(end, local(day + DAY)) - max(start, local(day))).total_seconds())
        day += DAY
    return total / 86_400


def _median(question: Question, found: list[tuple[Work, datetime, datetime]]) -> dict[str, Any]:
    """The median of spans (in business days) that ended in the window."""
    days = [business_days(start, end) for one, start, end in found
            if question.holds(end) and start <= end and _fits(question, one, end)]  # fmt: skip
    return {**spans(days), "value": quantile(days, 0.5) if days else None}


def ticket_cycle_time(question: Question) -> dict[str, Any]:
    """Small scoped tickets that were done: from taken up to closed."""
    return _median(question, [
        (one, started, closed)
        for one, started, closed in _asked(question, "scoped")
        if one.points in SMALL and one.outcome == "done" and started and closed
    ])  # fmt: skip


def access_request_cycle_time(question: Question) -> dict[str, Any]:
    """Requests that were granted: from opened to closed."""
    asked = _asked(question, "access_request")
    return _median(
        question, [(one, one.opened, closed) for one, _, closed in asked if closed and one.outcome == "done"]
    )


@cache
def _first_successes(world: World) -> dict[str, datetime]:
    """Asset -> when data first landed in it, or a run of it first succeeded."""
    found: dict[str, datetime] = {}
    ended = [(update.dataset.name, update.at) for update in world.updates()]
    ended += [(run.pipeline.name, run.ended) for run in world.runs() if run.state == "success"]
    for name, at in ended:
        found[name] = min(at, found.get(name, at))
    return found


def onboarding_lead_time(question: Question) -> dict[str, Any]:
    """From the request to the first success of what it is about; where that had worked before, or never did, to its
    closing."""
    found = []
    for one, _, closed in _asked(question, "onboarding"):
        first = _first_successes(question.world).get(one.asset or "")
        if first is not None and one.opened <= first <= question.as_of:
            found.append((one, one.opened, first))
        elif closed is not None and one.outcome == "done":
            found.append((one, one.opened, closed))
    return _median(question, found)


def support_sla_adherence(question: Question) -> dict[str, Any]:
    """Tickets of priority P2 that were closed, or due, in the window: closed by then?"""
    good = bad = 0
    for one, _, closed in _asked(question, "support"):
        if one.priority != "High" or one.due is None:
            continue
        moment = min(closed, one.due) if closed else one.due
        if question.holds(moment) and _fits(question, one, moment):
            kept = closed is not None and closed <= one.due
            good, bad = good + kept, bad + (not kept)
    return ratio(good, bad)


def postmortem_action_completion(question: Question) -> dict[str, Any]:
    """Actions due in the window: done by then? Withdrawn ones don't count."""
    good = bad = 0
    for one, _, closed in _asked(question, "action"):
        if one.due is None or not question.holds(one.due) or not _fits(question, one, one.due):
            continue
        if closed and one.outcome == "withdrawn":
            continue
        kept = closed is not None and closed <= one.due and one.outcome == "done"
        good, bad = good + kept, bad + (not kept)
    return ratio(good, bad)


def audit_findings(question: Question) -> dict[str, Any]:
    """Severe findings that were open at any time in the window, in Jira or among GitHub's alerts."""
    count = sum(
        one.severity in SEVERE and one.opened < question.end and _open(question, closed)
        and _fits(question, one, one.opened)
        for one, _, closed in _asked(question, "finding")
    )  # fmt: skip
    if (question.tier, question.domain) == (None, None):
        count += sum(
            alert.severity in SEVERE and alert.opened < question.end and alert.opened <= question.as_of
            and _open(question, alert.closed) and question.team in (None, alert.team)
            for alert in question.world.security
        )  # fmt: skip
    return question.counted(count)


def _open(question: Question, closed: datetime | None) -> bool:
    """Whether it was still open when the window began."""
    return closed is None or closed > question.start


def seen_closed(question: Question, kind: str, asset: str) -> list[datetime]:
    """When work of a kind on an asset was done, by whoever is asked for."""
    asked = [(one, closed) for one, _, closed in _asked(question, kind) if one.asset == asset and one.outcome == "done"]
    return [closed for one, closed in asked if closed and _fits(question, one, closed)]


def pr_throughput(question: Question) -> dict[str, Any]:
    """Merged changes a week, by their size where GitHub tells it. They are of a team, and of no tier or domain."""
    if (question.tier, question.domain) != (None, None):
        return {"value": None}
    total = sum(size for team, at, size in _merged(question.world)
                if question.team in (None, team) and question.holds(at))  # fmt: skip
    return question.counted(total, 1 / (question.elapsed_days() / 7))


@cache
def _merged(world: World) -> list[tuple[str, datetime, float]]:
    """Team, moment and weight of every merged change."""
    found = []
    numbers: dict[str, int] = {}
    for one in world.deployments:
        place = numbers[one.team] = numbers.get(one.team, 0) + 1
        lines = 5 + place % 90 + place % 40
        size = 1.0 if one.team not in ON_GITHUB or lines <= 20 else 2.0 if lines <= 60 else 3.0
        found.append((one.team, merged_at(one) if one.team in ON_GITHUB else one.at, size))
    return found
