"""Truth of deployments, cost and query times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tierline.demo.model import Deployment
from tierline.demo.truth.question import Question, ratio

SETTLED = timedelta(hours=24)
APART = ("Credit", "Refund", "Tax", "Purchase")
"""Charges that are no cost of running."""


def _made(question: Question) -> Iterator[Deployment]:
    """Deployments of the window in scope. A deployment is of a team, but of no asset: it is in no tier and domain."""
    if (question.tier, question.domain) != (None, None):
        return
    for deployment in question.world.deployments:
        if question.holds(deployment.at) and question.team in (None, deployment.team):
            yield deployment


def _failed(question: Question, deployment: Deployment) -> bool:
    """Taken back by as-of, or named by an incident that has started."""
    if deployment.reverted_at is not None and deployment.reverted_at <= question.as_of:
        return True
    return any(
        incident.deployment is deployment and incident.duplicate_of is None and incident.started <= question.as_of
        for incident in question.world.incidents
    )


def change_failure_rate(question: Question) -> dict[str, Any]:
    """Failed of the settled ones: those that failed, and those a day old that did not."""
    good = bad = 0
    for deployment in _made(question):
        if _failed(question, deployment):
            bad += 1
        elif deployment.at + SETTLED <= question.as_of:
            good += 1
    told = ratio(good, bad)
    return {**told, "value": None if told["value"] is None else bad / (good + bad)}


def deployment_frequency(question: Question) -> dict[str, Any]:
    """Deployments a week, over the elapsed part of the window. None at all is only known where all of it was seen; how
    many a tier or a domain had, nobody knows."""
    if (question.tier, question.domain) != (None, None):
        return {"value": None}
    count = sum(1 for _ in _made(question))
    if count == 0 and question.start < question.world.start:
        return {"value": None}
    return {"value": count / (question.elapsed_days() / 7), "sum": count}


def unit_cost(question: Question) -> dict[str, Any]:
    """Cost a terabyte over the days that have a reading by as-of (the last is yesterday's)."""
    cost, volume = [], []
    days = set(question.world.dates(question.first, question.last))
    for day in question.world.charged_days(question.as_of):
        cost += [
            charge.amount
            for charge in question.world.money.costs(day)
            if charge.day.date() in days and charge.category not in APART
        ]
        if day in days:
            volume.append(question.world.money.terabytes(day))
    if (question.tier, question.team, question.domain) != (None, None, None):
        return {"value": None}
    if not cost or not volume:
        return {"value": None}
    total, terabytes = math.fsum(cost), math.fsum(volume)
    return {"value": total / terabytes, "numerator": total, "denominator": terabytes}


def query_p95(question: Question) -> dict[str, Any]:
    """95 % of the critical workloads' successful queries took at most about this long."""
    merged: Counter[int] = Counter()
    for day in question.world.charged_days(question.as_of):
        if not question.first <= day <= question.last:
            continue
        for queries in question.world.money.queries(day):
            version = queries.workload.at(queries.day)
            if queries.outcome == "success" and version.tier <= 1 and question.fits(queries.workload, queries.day):
                merged.update(queries.buckets)
    return percentile(merged, 0.95)


def percentile(merged: Counter[int], share: float) -> dict[str, Any]:
    """The worth of the first bucket whose cumulated count exceeds share (n - 1): values of powers of 1.02."""
    gamma = 1.02
    rank, seen = share * (merged.total() - 1), 0
    for index in sorted(merged):
        seen += merged[index]
        if seen > rank:
            return {"value": 2 * gamma**index / (gamma + 1), "n": merged.total()}
    return {"value": None, "n": 0}
