"""The oracle's runs: slots, runtimes, backfills."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from tests.oracle.oracle_facts import FIRST, Record, World, seconds
from tests.oracle.oracle_scope import Asked, judged_assets, quantile, ratio, samples
from tests.oracle.oracle_time import DAY, midnight, ticks, whole_days

SCHEDULED = (None, "schedule", "event")


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

    for asset in judged_assets(world):
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
    for asset in judged_assets(world):
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
    if not asked.tier_fits(min((tier for tier in tiers if tier is not None), default=None)):
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
