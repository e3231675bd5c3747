"""The oracle's freshness: seconds and deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.oracle.oracle_facts import FIRST, Record, World, seconds
from tests.oracle.oracle_scope import Asked, judged_assets, ratio
from tests.oracle.oracle_time import DAY, at_wall, midnight

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
    for asset in judged_assets(asked.world):
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
    """The last instant of the window at which the dataset was in scope with a threshold; preferably in use."""
    world = asked.world
    starts = {one.get("valid_from") or FIRST for one in world.versions(asset)} | {asked.start}
    moments = [max(start, asked.start) for start in sorted(starts, reverse=True)]
    told = [at for at in moments if asked.counts(asset, at) and world.teller(asset, "freshness", at) is not None]
    used = [at for at in told if world.listed(asset, at)]
    return next(iter(used or told), None)


def dataset_sla_attainment(asked: Asked) -> Record:
    world = asked.world
    total = {"good": 0, "bad": 0, "unknown": 0}
    for asset in judged_assets(world):
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
