"""How the pipelines ran on a day, and what landed where because of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Protocol

from tierline.demo.chance import day_bounds, dice, spread, whole
from tierline.demo.clock import period, ticks
from tierline.demo.model import Pipeline, Run, Update
from tierline.demo.weather import Weather

FAILS = (0.0016, 0.0062, 0.0125, 0.036)
"""Chance that a run of this tier fails for good on a usual day, when no incident is on."""
SKIPS = 0.004
LOST = 0.00025
"""Chance that a slot is never started on a usual day."""
RETRIED = 0.035
RERUN = 0.3
"""Share of failed runs that are cleared and succeed later."""
LONG_AGO = date(2015, 1, 1)
"""Where backfills begin: each has days of its own, since an orchestrator knows one run a pipeline and date."""
REPAIRED = 0.8
"""Share of the other failures that a manual run makes good."""


class Troubles(Protocol):
    """Who knows which pipelines an incident keeps down."""

    def down(self, name: str, moment: datetime) -> bool: ...


class Runner:
    """Runs of one day at a time; any day is worked out without the ones before it."""

    def __init__(self, seed: int, weather: Weather, troubles: Troubles) -> None:
        self.seed = seed
        self.weather = weather
        self.troubles = troubles

    def runs(self, pipeline: Pipeline, day: date) -> list[Run]:
        """Runs whose slot (without one: whose start) lies on the local day, in order of their start."""
        rng = dice(self.seed, "runs", pipeline.name, day)
        found: list[Run] = []
        for due in self._due(pipeline, day):
            if not self._is_lost(rng, due):
                found += self._scheduled(pipeline, due, rng)
        found += self._by_hand(pipeline, day, rng)
        found += self.backfilled(pipeline, day)
        return sorted(found, key=lambda run: (run.started, run.run_id))

    def _due(self, pipeline: Pipeline, day: date) -> Iterator[datetime]:
        """The slots that were called for: by the schedule in force, not paused, born and not retired."""
        for cron in dict.fromkeys(version.schedule for version in pipeline.versions):
            if cron is None:
                continue
            for due in ticks(cron, day):
                version = pipeline.at(due)
                called = version.schedule == cron and not version.paused and not version.retired
                if called and due >= pipeline.born:
                    yield due

    def _is_lost(self, rng: Random, due: datetime) -> bool:
        down = self.weather.scheduler_down
        return rng.random() < LOST or down[0] <= due < down[1]

    def _scheduled(self, pipeline: Pipeline, due: datetime, rng: Random) -> list[Run]:
        run_id = f"scheduled__{due.isoformat()}"
        start = whole(due + timedelta(seconds=spread(rng, 9, 0.7)))
        run = self.run(pipeline, run_id, "schedule", due, start, rng)
        run.covers = due
        return [run, *self._repair(run, rng)]

    def run(
        self, pipeline: Pipeline, run_id: str, trigger: str, due: datetime | None, start: datetime, rng: Random
    ) -> Run:
        """A run of a pipeline that starts at ``start``, with its fate."""
        end = start + timedelta(seconds=round(self._seconds(pipeline, start, rng)))
        state = self._fate(pipeline, start, rng)
        tries = 1 if state != "failed" and rng.random() > RETRIED else rng.choice((2, 2, 3))
        if state == "failed":
            end = start + (end - start) * rng.uniform(0.2, 1.1)
        run = Run(pipeline, run_id, trigger, due, start, whole(end), state, tries)
        if state == "failed" and rng.random() < RERUN:
            self._again(run, rng)
        return run

    def _seconds(self, pipeline: Pipeline, moment: datetime, rng: Random) -> float:
        """Runtimes grow with the data and fall by the platform's work on them."""
        age = (self.weather.last - moment.date()).days / 365
        trend = 1.0 + 0.25 * max(0.0, age)
        return max(15.0, spread(rng, pipeline.minutes * 60 * trend, 0.28))

    def _fate(self, pipeline: Pipeline, moment: datetime, rng: Random) -> str:
        tier = pipeline.at(moment).tier
        chance = min(0.75, FAILS[tier] * self.weather.at(moment, pipeline.domain))
        if self.troubles.down(pipeline.name, moment):
            chance = 0.9
        draw = rng.random()
        if draw < chance:
            return "failed"
        return "skipped" if draw > 1 - SKIPS else "success"

    def _again(self, run: Run, rng: Random) -> None:
        """Cleared and run again: the same run, later, and well."""
        run.earlier = (run.started, run.ended)
        length = run.ended - run.started
        run.started = whole(run.ended + timedelta(minutes=spread(rng, 35, 0.6)))
        run.ended = run.started + max(length, timedelta(minutes=1))
        run.state = "success"
        run.tries = 1

    def _repair(self, run: Run, rng: Random) -> list[Run]:
        """A failed daily run is mostly made good by hand: a run of its own, with the same data."""
        cron = run.pipeline.at(run.due or run.started).schedule
        if run.state != "failed" or cron is None or period(cron) < timedelta(hours=4) or rng.random() > REPAIRED:
            return []
        start = whole(run.ended + timedelta(minutes=spread(rng, 90, 0.5)))
        hand = Run(run.pipeline, f"manual__{start.isoformat()}", "manual", None, start, start, "success")
        hand.ended = start + timedelta(seconds=round(self._seconds(run.pipeline, start, rng)))
        hand.covers = run.due
        return [hand]

    def _by_hand(self, pipeline: Pipeline, day: date, rng: Random) -> list[Run]:
        """Now and then somebody just runs it. Such a run brings no newer data than it can: up to its start."""
        version = pipeline.at(day_bounds(day)[1])
        if rng.random() > 0.008 or version.paused or version.retired or day_bounds(day)[0] < pipeline.born:
            return []
        start = day_bounds(day)[0] + timedelta(hours=rng.randrange(8, 18), minutes=rng.randrange(60), seconds=7)
        run = self.run(pipeline, f"manual__{start.isoformat()}", "manual", None, start, rng)
        run.covers = run.started
        return [run]

    def backfilled(self, pipeline: Pipeline, day: date) -> list[Run]:
        """Now and then a backfill of a few days of long ago: one run a day of data, one after the other."""
        rng = dice(self.seed, "backfill", pipeline.name, day)
        cron = pipeline.at(day_bounds(day)[0]).schedule
        if rng.random() > 0.0016 or cron is None or period(cron) != timedelta(days=1):
            return []
        version = pipeline.at(day_bounds(day)[1])
        if version.paused or version.retired or day_bounds(day)[0] < pipeline.born:
            return []
        start = day_bounds(day)[0] + timedelta(hours=rng.randrange(9, 15), seconds=11)
        return list(self._chain(pipeline, cron, day, start, rng))

    def _chain(self, pipeline: Pipeline, cron: str, day: date, start: datetime, rng: Random) -> Iterator[Run]:
        number = f"{day:%y%m%d}{pipeline.number:03d}"
        past = LONG_AGO + timedelta(days=8 * (day - self.weather.first).days)
        for ahead in range(rng.randrange(3, 8)):
            due = next(ticks(cron, past + timedelta(days=ahead)), None)
            if due is None:
                continue
            end = start + timedelta(seconds=round(self._seconds(pipeline, start, rng)))
            run_id = f"backfill__{due.isoformat()}"
            yield Run(pipeline, run_id, "backfill", due, start, end, "success", covers=due, backfill=number)
            start = end + timedelta(seconds=20)


def landed(run: Run) -> list[Update]:
    """What a run brought: an update of each dataset it makes, if it succeeded."""
    if run.state != "success":
        return []
    through = run.covers or run.started
    return [Update(dataset, run.ended, through, run, 0) for dataset in run.pipeline.outputs]
