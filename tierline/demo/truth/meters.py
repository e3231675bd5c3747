"""Truth of meters: lag, requests, compute, commitments, storage, and the workloads that became cheaper."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from tierline.demo.means import capacity
from tierline.demo.means.workloads import BILL, runs, title
from tierline.demo.model import Cost
from tierline.demo.servers.prometheus import blind, requests
from tierline.demo.truth.delivery import APART, percentile
from tierline.demo.truth.people import seen_closed
from tierline.demo.truth.question import Question, ratio
from tierline.demo.world import World

HOUR, LAG = timedelta(hours=1), timedelta(minutes=2)
TOP = 10
CHEAPER = 0.8
OLD = 35
"""Days that the reading before a window may be old."""


def _days(question: Question, known: Iterator[date]) -> list[date]:
    """UTC days in the window that are known."""
    return [day for day in known if question.first <= day <= question.last]


def streaming_lag_p95(question: Question) -> dict[str, Any]:
    """95 % of the streams' samples lagged at most about this long."""
    world, merged = question.world, Counter[int]()
    for day in _days(question, world.charged_days(question.as_of)):
        for lag in _lags(world, day):
            if question.fits(lag.stream, lag.at):
                merged.update(lag.buckets)
    return percentile(merged, 0.95)


@cache
def _lags(world: World, day: date) -> list[capacity.Lag]:
    return list(capacity.lags(world.seed, world.weather, world.streams, day))


def service_slo_compliance(question: Question) -> dict[str, Any]:
    """Requests within the objective, of those of which both counts are known."""
    good = total = 0
    end = question.start + HOUR
    while end - HOUR < question.stop:
        told = end + LAG <= question.as_of and end >= question.world.start and not blind(question.world, end)
        if told and question.fits(question.world.catalog.service, end - HOUR):
            counts = requests(question.world, end, HOUR.total_seconds())
            total, good = total + counts[0], good + counts[1]
        end += HOUR
    return ratio(good, total - good)


def _quotient(numerator: list[float], denominator: list[float]) -> dict[str, Any]:
    if not denominator or not math.fsum(denominator):
        return {"value": None}
    told = {"numerator": math.fsum(numerator), "denominator": math.fsum(denominator)}
    return {"value": told["numerator"] / told["denominator"], **told}


def compute_utilization(question: Question) -> dict[str, Any]:
    """Seconds that queries used, of the seconds that were paid: a credit is an hour."""
    world, busy, paid = question.world, list[float](), list[float]()
    for day in _days(question, world.charged_days(question.as_of)):
        for warehouse in world.warehouses:
            if question.fits(warehouse, capacity.utc(day)):
                credits, used = capacity.metered(world.seed, world.weather, warehouse, day)
                busy.append(used * 3600)
                paid.append(credits * 3600)
    return _quotient(busy, paid)


def _whole(question: Question) -> bool:
    """Whether nothing but the whole is asked for: these readings are of no tier, team or domain."""
    return (question.tier, question.team, question.domain) == (None, None, None)


def reserved_capacity_utilization(question: Question) -> dict[str, Any]:
    """What was used of the commitments, of what they cost."""
    world, paid, used = question.world, list[float](), list[float]()
    for day in _days(question, world.billed_days(question.as_of)) if _whole(question) else ():
        for name in capacity.COMMITMENTS:
            cost, part = capacity.committed(world.seed, world.weather, name, day)
            paid.append(cost)
            used.append(part)
    return _quotient(used, paid)


def storage_growth_vs_forecast(question: Question) -> dict[str, Any]:
    """How much more the systems grew than was forecast, of those of which both are known."""
    grown = []
    for system in capacity.SYSTEMS if _whole(question) else ():
        actual, expected = _growth(question, _stored(question, system)), _growth(question, _forecast(question, system))
        if actual is not None and expected is not None:
            grown.append((actual, expected))
    forecast = math.fsum(expected for _, expected in grown)
    return {"value": math.fsum(actual for actual, _ in grown) / forecast - 1 if forecast else None}


def _stored(question: Question, system: str) -> dict[date, float]:
    world = question.world
    days = world.charged_days if system == capacity.STORED else world.billed_days
    return {day: capacity.stored(world.seed, world.weather, system, day) for day in days(question.as_of)}


def _forecast(question: Question, system: str) -> dict[date, float]:
    """Mondays' readings by as-of."""
    world = question.world
    days = (world.weather.last - timedelta(days=back) for back in range(220, -1, -1))
    return {day: capacity.forecast(world.seed, world.weather, system, day)
            for day in days if day.weekday() == 0 and capacity.utc(day) <= question.as_of}  # fmt: skip


def _growth(question: Question, readings: dict[date, float]) -> float | None:
    """From the last reading at or before the window's start (at most 35 days old; else the first in it) to the last in
    it. A reading of a whole day stands at that day's start: the one of the first day is at the window's start."""
    inside = [day for day in sorted(readings) if question.first <= day <= question.last]
    before = [day for day in readings if timedelta(0) <= question.first - day <= timedelta(days=OLD)]
    if not inside:
        return None
    return readings[inside[-1]] - readings[max(before, default=inside[0])]


def expensive_workloads_remediated(question: Question) -> dict[str, Any]:
    """Of the ten that cost most in the quarter before: those made cheaper by somebody's work, or that became so."""
    before = _quarter_before(question.first)
    costs = {name: spent for name, spent in _costs(question.world, *before).items() if _in_scope(question, name)}
    if not costs:
        return {"value": None}
    top = sorted(costs, key=lambda name: (-costs[name], name))[:TOP]
    return question.counted(sum(_remediated(question, name, before) for name in top))


def _quarter_before(first: date) -> tuple[date, date]:
    """First and last day of the calendar quarter before the one that holds a day."""
    begin = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    last = begin - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


@cache
def _charges(world: World) -> list[Cost]:
    """Every charge of running the platform."""
    days = world.billed_days(world.now)
    return [charge for day in days for charge in world.money.costs(day) if charge.category not in APART]


@cache
def _costs(world: World, first: date, last: date) -> dict[str, float]:
    """What each workload cost on these UTC days; the bill calls a charge without one unassigned."""
    found: dict[str, list[float]] = {}
    for charge in _charges(world):
        if first <= charge.day.date() <= last:
            found.setdefault(charge.workload or "unassigned", []).append(charge.amount)
    return {name: math.fsum(amounts) for name, amounts in found.items()}


def _in_scope(question: Question, name: str) -> bool:
    thing = question.thing(f"{BILL}/{name}")
    return _whole(question) or (thing is not None and question.fits(thing, question.stop))


def _remediated(question: Question, name: str, before: tuple[date, date]) -> bool:
    closed = seen_closed(question, "remediation", f"{BILL}/{name}")
    return any(question.holds(moment) for moment in closed) or _became_cheaper(question, name, before)


def _became_cheaper(question: Question, name: str, before: tuple[date, date]) -> bool:
    """Whether four whole ISO weeks on end, the last of which ends in the window, cost a fifth less a run each."""
    usual = _a_run(question.world, name, *before)
    end = question.first - timedelta(days=question.first.weekday())
    while end <= question.last + timedelta(days=1):
        last = end - timedelta(days=1)
        if usual and question.first <= last <= question.last and _known(question, last):
            weeks = [_a_run(question.world, name, end - timedelta(days=7 * n + 7), end - timedelta(days=7 * n + 1))
                     for n in range(4)]  # fmt: skip
            if all(cost is not None and cost <= CHEAPER * usual for cost in weeks):
                return True
        end += timedelta(days=7)
    return False


def _known(question: Question, day: date) -> bool:
    return capacity.utc(day) + timedelta(days=1) <= question.as_of


def _a_run(world: World, name: str, first: date, last: date) -> float | None:
    """What a run of the workload cost on these days."""
    workload = next((one for one in world.money.workloads if title(one) == name), None)
    days = [day for day in world.billed_days(world.now) if first <= day <= last]
    if workload is None or not days:
        return None
    return _costs(world, first, last).get(name, 0.0) / sum(runs(world.seed, workload, day) for day in days)
