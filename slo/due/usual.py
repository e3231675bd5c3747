"""How long things usually take: runs, and when a dataset usually lands, as the last four weeks show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from slo.calendars import at_local
from slo.due.updates import landed
from slo.facts import DatasetUpdate, Run
from slo.statistics import quantile
from slo.view import View

WITHIN = timedelta(days=28)
LATEST = 200
"""So many of the newest are enough to tell what is usual."""
SATURDAY = 5
FEWEST = 5
"""Below so many nothing is called usual."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Median and 90th percentile in seconds, of n of the last 28 days; both None where n is below ``FEWEST``."""

    p50: float | None
    p90: float | None
    n: int

    @classmethod
    def of(cls, seconds: list[float]) -> Usual:
        if len(seconds) < FEWEST:
            return cls(None, None, len(seconds))
        return cls(quantile(seconds, 0.5), quantile(seconds, 0.9), len(seconds))


class Habits:
    """What is usual of a view's assets; each is read once, narrowly."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._durations: dict[str, Usual] = {}
        self._updates: dict[str, list[DatasetUpdate]] = {}

    def duration(self, pipeline: str) -> Usual:
        """From start to end, of runs that succeeded; backfills apart."""
        if pipeline not in self._durations:
            where = {"asset": pipeline, "state": "success", "placed_at": self._span}
            runs = self.view.read("run", where, order_by="placed_at", descending=True, limit=LATEST)
            self._durations[pipeline] = Usual.of([span for run in runs if (span := took(run)) is not None])
        return self._durations[pipeline]

    def gap(self, dataset: str) -> Usual:
        """From one landing to the next."""
        moments = sorted(landed(update) for update in self.updates(dataset))
        return Usual.of([(later - before).total_seconds() for before, later in pairwise(moments)])

    def time_of_day(self, dataset: str, day: datetime, zone: ZoneInfo) -> Usual:
        """The local clock time of each day's first landing, as seconds since midnight on the clock: of Mondays to
        Fridays for such a day, of weekends for one of those."""
        weekend = day.astimezone(zone).weekday() >= SATURDAY
        first: dict[object, float] = {}
        for moment in sorted(landed(update) for update in self.updates(dataset)):
            local = moment.astimezone(zone)
            clock = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
            if (local.weekday() >= SATURDAY) == weekend:
                first.setdefault(local.date(), clock.total_seconds())
        return Usual.of(list(first.values()))

    def updates(self, dataset: str) -> list[DatasetUpdate]:
        """The newest updates of a dataset, the newest first; backfills apart."""
        if dataset not in self._updates:
            where = {"asset": dataset, "placed_at": self._span}
            found = self.view.read("dataset_update", where, order_by="placed_at", descending=True, limit=LATEST)
            self._updates[dataset] = [update for update in found if not update.backfill]
        return self._updates[dataset]

    @property
    def _span(self) -> tuple[datetime, None]:
        return (self.view.as_of - WITHIN, None)


def took(run: Run) -> float | None:
    """Seconds from start to end of a run that succeeded; None of any other, and of a backfill."""
    if run.state != "success" or run.trigger == "backfill" or run.started_at is None or run.ended_at is None:
        return None
    return (run.ended_at - run.started_at).total_seconds()


def on_clock(day_of: datetime, seconds: float, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks of a zone show so many seconds after midnight, on the local day of an instant."""
    midnight = datetime.combine(day_of.astimezone(zone).date(), time.min)
    return at_local(midnight + timedelta(seconds=seconds), zone)
