"""The demo platform's world: everything that happened on it, worked out a day at a time and always alike."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tierline.demo.alerts import Alerts
from tierline.demo.catalog import Catalog
from tierline.demo.chance import ZONE, dice, local_day, whole
from tierline.demo.connectors import Connector, syncs
from tierline.demo.delivery import ON_GITHUB, deployments
from tierline.demo.findings import security_alerts
from tierline.demo.incidents import Incidents
from tierline.demo.known import Known
from tierline.demo.means.capacity import streams, warehouses
from tierline.demo.model import Check, Deployment, Incident, Pipeline, Run, Update
from tierline.demo.money import Money
from tierline.demo.quality import checks
from tierline.demo.running import Runner, landed
from tierline.demo.weather import Weather
from tierline.demo.work import work

MAINTAINED = "finance"
"""The domain that the announced maintenance is about."""
KEPT = 400
"""Days that are kept once worked out: the year."""


@dataclass(slots=True)
class Day:
    """What the orchestrator did on one local day, in order of start and of landing."""

    runs: list[Run]
    updates: list[Update]


class World:
    """A year (``days``) of a platform that ends on ``now``'s day. The same last day, seed and sizes give the same
    world; ``now`` itself changes only what an observer sees of it."""

    def __init__(
        self, now: datetime, *, days: int = 365, pipelines: int = 150, datasets: int = 400, seed: int = 20
    ) -> None:
        self.now = whole(now)
        self.seed = seed
        self.weather = Weather(local_day(now), days)
        self.catalog = Catalog(seed, self.weather, pipelines, datasets)
        self.deployments: list[Deployment] = deployments(seed, self.weather)
        self._incidents = Incidents(seed, self.weather, self.catalog, self.deployments)
        self.incidents: list[Incident] = self._incidents.all
        self.alerts = Alerts(seed, self.weather, self.catalog, self.incidents).all
        self.money = Money(seed, self.weather, self.catalog)
        self.warehouses, self.streams = warehouses(self.start), streams(self.start)
        self.catalog.estate = [*self.warehouses, *self.streams, *self.money.workloads]
        self.known = Known(seed, self.weather, self.catalog)
        self.work = work(seed, self.weather, self.incidents, self.catalog, self.money.workloads)
        self.security = security_alerts(seed, self.weather, ON_GITHUB)
        self._runner = Runner(seed, self.weather, self._incidents)
        self._backfills: dict[str, list[Run]] = {}
        self._days: OrderedDict[date, Day] = OrderedDict()

    @property
    def start(self) -> datetime:
        """The instant at which the world and its inventory begin."""
        return self.catalog.born

    @property
    def zone(self) -> str:
        return ZONE.key

    def dates(self, first: date | None = None, last: date | None = None) -> Iterator[date]:
        """Local days from first to last, both included; by default all of the world."""
        day = max(first or self.weather.first, self.weather.first)
        while day <= (last or self.weather.last):
            yield day
            day += timedelta(days=1)

    def day(self, day: date) -> Day:
        """Runs and updates of a local day, whether they have happened by ``now`` or not."""
        if day not in self._days:
            self._days[day] = self._make(day)
            if len(self._days) > KEPT:
                self._days.popitem(last=False)
        return self._days[day]

    def _make(self, day: date) -> Day:
        if day < self.weather.first:
            return Day([], [])
        runs = [run for pipeline in self.catalog.pipelines for run in self._runner.runs(pipeline, day)]
        updates = [update for run in runs for update in landed(run)]
        for run in self._started_by(updates, day):
            runs.append(run)
            updates += landed(run)
        runs.sort(key=lambda run: (run.started, run.pipeline.name, run.run_id))
        updates.sort(key=lambda update: (update.at, update.dataset.number))
        for index, update in enumerate(updates):
            update.number = (day - self.weather.first).days * 10_000 + index + 1
        return Day(runs, updates)

    def _started_by(self, updates: list[Update], day: date) -> Iterator[Run]:
        """Runs of the event-driven pipelines: one for each update of what they wait for."""
        for pipeline in self.catalog.pipelines:
            source = pipeline.waits_for
            for update in updates if source else ():
                if update.dataset is source and update.run.trigger != "backfill":
                    rng = dice(self.seed, "event", pipeline.name, update.at)
                    start = update.at + timedelta(seconds=rng.randrange(2, 20))
                    run = self._runner.run(
                        pipeline, f"asset_triggered__{update.at.isoformat()}", "event", None, start, rng
                    )
                    run.covers = update.through
                    yield run

    def runs(self, first: date | None = None, last: date | None = None) -> Iterator[Run]:
        """Runs of these local days, by slot else by start, as they end up."""
        for day in self.dates(first, last):
            yield from self.day(day).runs

    def backfills(self, pipeline: Pipeline) -> list[Run]:
        """Every run of the pipeline's backfills, in order of start: told without working out the days around them."""
        if pipeline.name not in self._backfills:
            days = (self._runner.backfilled(pipeline, day) for day in self.dates())
            self._backfills[pipeline.name] = [run for runs in days for run in runs]
        return self._backfills[pipeline.name]

    def syncs(
        self, first: date | None = None, last: date | None = None, connector: Connector | None = None
    ) -> Iterator[Run]:
        """Syncs of one connection, or of all, that start on these local days, as they end up."""
        for day in self.dates(first, last):
            for one in [connector] if connector else self.catalog.connectors:
                yield from syncs(self.seed, one, day)

    def updates(self, first: date | None = None, last: date | None = None) -> Iterator[Update]:
        for day in self.dates(first, last):
            yield from self.day(day).updates

    def charged_days(self, now: datetime) -> Iterator[date]:
        """UTC days that are over by ``now``: the bills and the warehouse's statistics know these."""
        return self.dates(self.weather.first + timedelta(days=1), now.date() - timedelta(days=1))

    def billed_days(self, now: datetime) -> Iterator[date]:
        """UTC days that are over by ``now`` and on the bills, which are kept for 200 days at least."""
        first = min(self.weather.first + timedelta(days=1), self.weather.last - timedelta(days=200))
        for back in range((now.date() - first).days, 0, -1):
            yield now.date() - timedelta(days=back)

    def is_maintained(self, pipeline: Pipeline, moment: datetime) -> bool:
        """Whether an announced maintenance covers the pipeline at the moment."""
        start, end = self.weather.maintenance
        return pipeline.domain == MAINTAINED and start <= moment < end

    def checks(self, day: date) -> list[Check]:
        """dbt's tests of one morning."""
        return checks(self.seed, day, self.catalog.datasets, self.incidents, self.weather.of_day(day))
