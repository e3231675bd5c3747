"""The oracle's runs, freshness and runtimes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from oracle_facts import FIRST, Record, World, seconds
from oracle_scope import Asked, quantile, ratio, samples
from oracle_time import DAY, at_wall, midnight, ticks, whole_days

SCHEDULED = (None, "schedule", "event")


def _assets(world: World) -> list[str]:
    return sorted({fact["asset"] for kind in ("asset", "run", "dataset_update") for fact in world.of(kind)})


# --- pipeline_success_rate -------------------------------------------------------------------------------------


def slots(world: World, asset: str, until: datetime) -> list[datetime]:
    """Every slot of an asset from its first version to ``until``, by the version in force at each."""
    first = world.begins(asset)
    if first is None:
        return []
    edges = sorted({one.get("valid_from") or FIRST for one in world.versions(asset)} - {FIRST})
    found = []
    for begin, end in zip(edges, [*edges[1:], until + timedelta(seconds=1)], strict=True):
        teller = world.teller(asset, "schedule", begin)
        if teller is None or begin > until:
            continue
        text = teller["schedule"]
        if text.startswith("@every "):
            number, unit = int(text[7:-1]), text[-1]
            period = timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[unit]: number})
            tick = teller["valid_from"] + period
            while tick < end:
                found += [tick] if tick >= begin else []
                tick += period
        elif not text.startswith("@"):
            zone = world.field(asset, "schedule_tz", begin) or "UTC"
            found += ticks(text, zone, begin, end)
    return [
        tick
        for tick in found
        if tick <= until and world.listed(asset, tick) and world.field(asset, "paused", tick) is not True
    ]


def _slotted(world: World, asset: str) -> tuple[dict[datetime, list[Record]], list[Record], list[datetime]]:
    """Runs by slot, those that belong to none, and the slots nothing met."""
    runs = [run for run in world.of("run") if run["asset"] == asset]
    due = slots(world, asset, world.as_of)
    met: dict[datetime, list[Record]] = {}
    loose = []
    for run in runs:
        begun = run.get("started_at") is not None or run["state"] != "running"
        if run.get("due_at") is not None and run.get("trigger") in SCHEDULED and begun:
            met.setdefault(run["due_at"], []).append(run)
        else:
            loose.append(run)
    without = [run for run in loose if run.get("trigger") in SCHEDULED and run.get("started_at") is not None]
    for run in sorted(without, key=lambda run: run["started_at"]):
        open_slots = [tick for tick in due if tick not in met and tick <= run["started_at"]]
        if open_slots:
            met[open_slots[-1]] = [run]
            loose.remove(run)
    return met, loose, [tick for tick in due if tick not in met]


def pipeline_success_rate(asked: Asked) -> Record:
    world = asked.world
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}

    def count(asset: str, at: datetime, verdict: str) -> None:
        inside = asked.start <= at < asked.end  # a run that came before its slot has come
        if inside and world.produced(asset, at) and asked.fits(asset, at):
            tally["excluded" if verdict != "unknown" and asked.excluded(asset, at) else verdict] += 1

    for asset in _assets(world):
        met, loose, missed = _slotted(world, asset)
        for tick, runs in met.items():
            ended = [run for run in runs if run["state"] in ("success", "failed", "missed")]
            counted = max(ended, key=lambda run: run.get("ended_at") or run.get("started_at") or FIRST, default=None)
            for run in runs:
                if run is not counted:
                    count(asset, tick, "excluded")
                else:
                    count(asset, tick, "good" if run["state"] == "success" else "bad")
        for run in loose:
            place = run.get("due_at") or run.get("started_at")
            judged = run.get("trigger") in SCHEDULED and run["state"] in ("success", "failed", "missed")
            verdict = ("good" if run["state"] == "success" else "bad") if judged else "excluded"
            if place is not None:
                count(asset, place, verdict)
        for tick in missed:
            grace = world.field(asset, "grace_seconds", tick)
            if tick + timedelta(seconds=900 if grace is None else grace) <= world.as_of:
                teller = world.teller(asset, "schedule", tick)
                seen = teller is not None and world.seen(teller["source"], "run", tick)
                count(asset, tick, "bad" if seen else "unknown")
    return ratio(tally["good"], tally["bad"], tally["unknown"], tally["excluded"], tally["unknown"])


# --- freshness -------------------------------------------------------------------------------------------------


def updates(world: World, asset: str) -> list[Record]:
    """What landed, oldest first; a backfill that says nothing of its reach is nothing."""
    landed = [one for one in world.of("dataset_update") if one["asset"] == asset]
    useful = [one for one in landed if not (one.get("backfill") and one.get("data_through") is None)]
    return sorted(useful, key=lambda one: one["at"])


def delivery_days(rule: Record, first: datetime, last: datetime, tz: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """(local midnight, deadline) of each delivery day that can matter between two instants."""
    zone = ZoneInfo(rule["tz"]) if rule.get("tz") else tz
    day = first.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        if rule.get("days") != "business" or day.isoweekday() <= 5:
            yield midnight(day, zone), at_wall(day, rule["deadline"], zone)
        day += DAY


def arrived(landed: list[Record], rule: Record, start: datetime, tz: ZoneInfo) -> datetime | None:
    """When the delivery of the day that begins at ``start`` was there."""
    zone = ZoneInfo(rule["tz"]) if rule.get("tz") else tz
    day = start.astimezone(zone).date()
    for one in landed:
        through = one.get("data_through")
        if through >= start if through is not None else one["at"].astimezone(zone).date() == day:
            moment: datetime = one["at"]
            return moment
    return None


def _fresh_at(asked: Asked, asset: str, at: datetime, landed: list[Record]) -> str | None:
    """The verdict on one instant: fresh, stale, unknown, or None where nothing is expected."""
    world = asked.world
    teller = world.teller(asset, "freshness", at)
    if teller is None or not world.listed(asset, at):
        return None
    rule = teller["freshness"]
    if "max_age_seconds" in rule:
        through = [min(one.get("data_through") or one["at"], one["at"]) for one in landed if one["at"] <= at]
        if not through or not world.seen(teller["source"], "dataset_update", at):
            return "unknown"
        return "good" if seconds(at - max(through)) <= rule["max_age_seconds"] else "bad"
    first = world.begins(asset)
    past = [pair for pair in delivery_days(rule, at - 10 * DAY, at, world.tz) if first < pair[1] <= at]
    if not past:
        return None
    start, deadline = past[-1]
    if not world.seen(teller["source"], "dataset_update", at):
        return "unknown"
    there = arrived(landed, rule, start, world.tz)
    if there is not None and there <= at:
        return "good"
    return "bad" if world.seen(teller["source"], "dataset_update", deadline) else "unknown"


def _edges(asked: Asked, asset: str, landed: list[Record]) -> list[datetime]:
    """Every instant at which a verdict may change."""
    world = asked.world
    found = {asked.start, asked.stop}
    for version in world.versions(asset):
        found.add(version.get("valid_from") or FIRST)
        rule = version.get("freshness") or {}
        if "max_age_seconds" in rule:
            throughs = {min(one.get("data_through") or one["at"], one["at"]) for one in landed}
            found |= {through + timedelta(seconds=rule["max_age_seconds"]) for through in throughs}
        elif rule:
            found |= {pair[1] for pair in delivery_days(rule, asked.start - DAY, asked.stop, world.tz)}
    found |= {one["at"] for one in landed}
    for fact in [one for one in world.told if one["fact"] in ("coverage", "exclusion")]:
        found |= {fact["start"], fact["end"]}
    for source in {fact["source"] for fact in world.facts}:
        found |= {start for start, _ in world.seen_spans(source, "dataset_update")}
    return sorted(edge for edge in found if asked.start <= edge <= asked.stop)


def fresh_seconds(asked: Asked, asset: str, age_only: bool = False) -> Record:
    """Seconds by verdict in the scope; ``age_only``: those under a maximum age."""
    tally: Record = {"good": 0.0, "bad": 0.0, "unknown": 0.0, "excluded": 0.0}
    landed = updates(asked.world, asset)
    edges = _edges(asked, asset, landed)
    for begin, end in pairwise(edges):
        middle = begin + (end - begin) / 2
        verdict = _fresh_at(asked, asset, middle, landed)
        if age_only and "max_age_seconds" not in (asked.world.field(asset, "freshness", middle) or {}):
            continue
        if verdict is not None and asked.counts(asset, middle):
            left_out = verdict != "unknown" and asked.excluded(asset, middle)
            tally["excluded" if left_out else verdict] += seconds(end - begin)
    return tally


def freshness_slo_attainment(asked: Asked) -> Record:
    total: Record = {"good": 0.0, "bad": 0.0, "unknown": 0.0, "excluded": 0.0}
    for asset in _assets(asked.world):
        for key, value in fresh_seconds(asked, asset).items():
            total[key] += value
    return ratio(total["good"], total["bad"], total["unknown"], total["excluded"], total["unknown"])


# --- dataset_sla_attainment ------------------------------------------------------------------------------------


def _deliveries(asked: Asked, asset: str) -> Record:
    world = asked.world
    tally: Record = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    landed = updates(world, asset)
    rules = {str(one["freshness"]): one["freshness"] for one in world.versions(asset) if one.get("freshness")}
    for rule in rules.values():
        if "deadline" not in rule:
            continue
        for start, deadline in delivery_days(rule, asked.start - DAY, asked.stop, world.tz):
            teller = world.teller(asset, "freshness", start)
            if teller is None or teller["freshness"] != rule or not world.listed(asset, deadline):
                continue
            if deadline <= world.begins(asset) or not asked.inside(deadline):
                continue
            if not (world.produced(asset, start) and asked.fits(asset, start)):
                continue
            there = arrived(landed, rule, start, world.tz)
            if not world.seen(teller["source"], "dataset_update", deadline):
                tally["unknown"] += 1
            elif asked.excluded(asset, deadline):
                tally["excluded"] += 1
            else:
                tally["good" if there is not None and there <= deadline else "bad"] += 1
    return tally


def _newest(asked: Asked, asset: str) -> datetime | None:
    """The last instant of the window at which the dataset was in scope with a threshold."""
    world = asked.world
    starts = {one.get("valid_from") or FIRST for one in world.versions(asset)} | {asked.start}
    for start in sorted(starts, reverse=True):
        at = max(start, asked.start)
        inside = asked.counts(asset, at) and world.listed(asset, at)
        if inside and world.teller(asset, "freshness", at) is not None:
            return at
    return None


def dataset_sla_attainment(asked: Asked) -> Record:
    world = asked.world
    total = {"good": 0, "bad": 0, "unknown": 0}
    for asset in _assets(world):
        newest = _newest(asked, asset)
        if newest is None:
            continue
        by_age = "max_age_seconds" in world.field(asset, "freshness", newest)
        tally = fresh_seconds(asked, asset, True) if by_age else _deliveries(asked, asset)
        judged = tally["good"] + tally["bad"]
        if judged + tally["unknown"] == 0:
            continue
        objective = world.field(asset, "freshness_objective", newest)
        objective = (0.99 if by_age else 1.0) if objective is None else objective
        if judged / (judged + tally["unknown"]) < 0.5:
            total["unknown"] += 1
        else:
            total["good" if tally["good"] >= objective * judged - 1e-9 else "bad"] += 1
    return ratio(total["good"], total["bad"], total["unknown"], 0, total["unknown"])


# --- durations -------------------------------------------------------------------------------------------------


def _runtimes(asked: Asked, asset: str) -> list[float]:
    found, world = [], asked.world
    for run in world.of("run"):
        place = run.get("due_at") or run.get("started_at")
        if run["asset"] != asset or run["state"] != "success" or run.get("trigger") not in SCHEDULED or place is None:
            continue
        if run.get("started_at") is None or run.get("ended_at") is None or run["ended_at"] < run["started_at"]:
            continue
        inside = asked.start <= place < asked.end and world.produced(asset, place) and asked.fits(asset, place)
        if inside and not asked.excluded(asset, place):
            found.append(seconds(run["ended_at"] - run["started_at"]))
    return found


def job_runtime(asked: Asked) -> Record:
    world = asked.world
    days = whole_days(asked.start, asked.end, world.tz)
    before = midnight(asked.start.astimezone(world.tz).date() - days * DAY, world.tz)
    baseline = Asked(world, asked.kpi, before, asked.start, asked.scope, asked.params)
    changes = []
    for asset in _assets(world):
        now, then = _runtimes(asked, asset), _runtimes(baseline, asset)
        if len(now) >= 10 and len(then) >= 10 and quantile(then, 0.95):
            changes.append(quantile(now, 0.95) / quantile(then, 0.95) - 1)
    return {"value": median(changes) if changes else None, "n": len(changes)}


def _backfill_counts(asked: Asked, runs: list[Record], end: datetime) -> bool:
    """Like an incident: once in every scope that one of its pipelines matches, its tier the strictest of theirs."""
    world, scope = asked.world, asked.scope
    assets = {run["asset"] for run in runs if world.produced(run["asset"], end)}
    if not asked.inside(end) or not assets or all(asked.excluded(asset, end) for asset in assets):
        return False
    tiers = [world.field(asset, "tier", end) for asset in assets]
    if scope.get("tier") not in (None, min((tier for tier in tiers if tier is not None), default=None)):
        return False
    rest = replace(asked, scope={**scope, "tier": None})
    return any(rest.fits(asset, end) for asset in assets)


def backfill_completion_time(asked: Asked) -> Record:
    world = asked.world
    groups: dict[tuple[str, str], list[Record]] = {}
    for run in world.of("run"):
        if run.get("backfill") is not None:
            groups.setdefault((run["source"], run["backfill"]), []).append(run)
    spans = []
    for runs in groups.values():
        if any(run["state"] == "running" for run in runs):
            continue
        ended = [run for run in runs if run.get("ended_at") is not None]
        last = max(ended, key=lambda run: run["ended_at"], default=None)
        if last is None or last["state"] != "success":
            continue
        starts = [run["started_at"] for run in runs if run.get("started_at") is not None]
        if starts and _backfill_counts(asked, runs, last["ended_at"]):
            span = seconds(last["ended_at"] - min(starts))
            spans += [span] if span >= 0 else []
    return {**samples(spans), "value": quantile(spans, 0.5)}


# --- query_p95 -------------------------------------------------------------------------------------------------


def day_moment(reading: Record, tz: ZoneInfo) -> datetime:
    """Where a reading stands: one that covers 20 hours or more on the calendar day of its start in its own zone."""
    at: datetime = reading["at"]
    until = reading.get("until")
    if until is not None and until - at >= timedelta(hours=20):
        return midnight(at.astimezone(ZoneInfo(reading.get("tz") or "UTC")).date(), tz)
    return at


def placed(asked: Asked, reading: Record) -> bool:
    """Whether a reading belongs to the window (by its day) and to the scope (by its start)."""
    at = day_moment(reading, asked.world.tz)
    inside = asked.start <= at < asked.end and reading["at"] <= asked.world.as_of
    asset = reading.get("asset")
    return inside and asked.world.produced(asset, at) and asked.fits(asset, at) and not asked.excluded(asset, at)


def query_p95(asked: Asked) -> Record:
    world = asked.world
    counts: dict[float, float] = {}
    for one in world.of("distribution"):
        asset, at = one.get("asset"), day_moment(one, world.tz)
        if one["metric"] != "query_seconds" or one.get("outcome") not in (None, "success") or not placed(asked, one):
            continue
        critical = world.field(asset, "critical", at) is True or world.field(asset, "tier", at) in (0, 1)
        if not critical:
            continue
        counts[0.0] = counts.get(0.0, 0) + (one.get("zero") or 0)
        for index, number in one["buckets"].items():
            value = 2 * one["gamma"] ** int(index) / (one["gamma"] + 1)
            if one["gamma"] != 1.02:
                value = 2 * 1.02 ** math.ceil(math.log(value) / math.log(1.02) - 1e-9) / 2.02
            counts[value] = counts.get(value, 0) + number
    n = sum(counts.values())

    def at_rank(q: float) -> float | None:
        seen = 0.0
        for value in sorted(counts):
            seen += counts[value]
            if seen > q * (n - 1):
                return value
        return None

    return {"value": at_rank(0.95) if n else None, "n": n, "median": at_rank(0.5) if n else None}
