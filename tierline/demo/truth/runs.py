"""Truth of runs and checks: success with missed slots, runtimes, backfills, tests."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tierline.demo.clock import ticks
from tierline.demo.model import Pipeline, Run
from tierline.demo.truth.question import Question, quantile, ratio, spans

GRACE = timedelta(seconds=900)
ENOUGH = 10
"""Runs a job needs in both windows to be compared."""


def place(run: Run) -> datetime:
    """The moment that puts a run in a day: its slot, else its start."""
    return run.due or run.started


def _seen(question: Question) -> Iterator[Run]:
    """Runs near the window as they stand at as-of, and syncs of the vendor that tells its history."""
    near = timedelta(days=2)
    days = question.first - near, question.last + near
    told = [one for one in question.world.catalog.connectors if one.vendor == "airbyte"]
    synced = (run for connector in told for run in question.world.syncs(*days, connector))
    for run in itertools.chain(question.world.runs(*days), synced):
        seen = run.seen(question.as_of)
        if seen is not None:
            yield seen


def _slots(question: Question, pipeline: Pipeline) -> Iterator[datetime]:
    """Instants in the window at which the pipeline's schedule in force called for a run that is due by as-of."""
    for day, _, _ in question.days():
        for cron in dict.fromkeys(version.schedule for version in pipeline.versions):
            for tick in ticks(cron, day) if cron else ():
                version = pipeline.at(tick)
                if (
                    version.schedule == cron
                    and not version.paused
                    and not version.retired
                    and tick >= pipeline.born
                    and tick + GRACE <= question.as_of
                    and question.fits(pipeline, tick)
                ):
                    yield tick


def pipeline_success_rate(question: Question) -> dict[str, Any]:
    """Successful of the runs that were due; a slot without a run is bad. Skipped, running, manual and backfill runs and
    what fell into maintenance count nowhere."""
    met = set()
    counted: Counter[str] = Counter()
    for run in _seen(question):
        met.add((run.pipeline.name, run.due))
        moment = place(run)
        if run.trigger in ("schedule", "event") and question.holds(moment) and question.fits(run.pipeline, moment):
            counted["excluded" if question.world.is_maintained(run.pipeline, moment) else run.state] += 1
    for pipeline in question.world.catalog.pipelines:
        for tick in _slots(question, pipeline):
            if (pipeline.name, tick) not in met:
                counted["excluded" if question.world.is_maintained(pipeline, tick) else "missed"] += 1
    return ratio(counted["success"], counted["failed"] + counted["missed"])


def _durations(question: Question) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for run in _seen(question):
        moment = place(run)
        counts = run.trigger in ("schedule", "event") and run.state == "success"
        if counts and question.holds(moment) and question.fits(run.pipeline, moment):
            found.setdefault(run.pipeline.name, []).append((run.ended - run.started).total_seconds())
    return found


def job_runtime(question: Question) -> dict[str, Any]:
    """The median over jobs of how much their p95 changed against the days directly before."""
    now, before = _durations(question), _durations(question.before())
    changes = [
        quantile(values, 0.95) / quantile(before[name], 0.95) - 1
        for name, values in now.items()
        if len(values) >= ENOUGH and len(before.get(name, ())) >= ENOUGH
    ]
    return {"value": quantile(changes, 0.5) if changes else None, "n": len(changes)}


def backfill_completion_time(question: Question) -> dict[str, Any]:
    """From a backfill's first start to its last end, where it is complete; the median."""
    chains: dict[str, list[Run]] = {}
    for run in _seen(question):
        if run.backfill:
            chains.setdefault(run.backfill, []).append(run)
    found = []
    for runs in chains.values():
        last = max(runs, key=lambda run: run.ended)
        done = all(run.state != "running" for run in runs) and last.state == "success"
        if done and question.holds(last.ended) and question.fits(last.pipeline, last.ended):
            found.append((last.ended - min(run.started for run in runs)).total_seconds())
    told = spans(found)
    return {**told, "value": told.get("median")}


def dq_test_pass_rate(question: Question) -> dict[str, Any]:
    """Passed of the tests that were run; a warning is a failure, a skipped one was not run."""
    counted: Counter[bool] = Counter()
    for day in question.world.dates(question.first, question.last):
        for check in question.world.checks(day):
            if check.outcome != "skipped" and question.holds(check.at) and question.fits(check.dataset, check.at):
                counted[check.outcome == "pass"] += 1
    return ratio(counted[True], counted[False])
