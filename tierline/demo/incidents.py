"""What went wrong and how it was made good: incidents with recurring causes, reopened, duplicate and open ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tierline.demo.catalog import Catalog
from tierline.demo.chance import dice, local, spread, whole
from tierline.demo.model import Deployment, Incident, Pipeline, Thing
from tierline.demo.weather import Weather

CAUSES = {
    "warehouse-queue-full": (14, "availability"), "upstream-schema-change": (13, "correctness"),
    "late-vendor-file": (12, "freshness"), "worker-out-of-memory": (10, "availability"),
    "expired-credential": (6, "availability"), "duplicate-keys": (7, "correctness"),
    "api-rate-limit": (7, "freshness"), "disk-full": (3, "availability"), "bad-partition": (6, "correctness"),
    "lock-contention": (6, "freshness"), "timezone-bug": (3, "correctness"), "dependency-upgrade": (4, "availability"),
    "null-join-key": (5, "correctness"), "network-partition": (2, "availability"),
}  # fmt: skip
"""Cause -> (weight, class). The heavy ones recur."""


class Incidents:
    """All incidents of the world, numbered in order of their start."""

    def __init__(self, seed: int, weather: Weather, catalog: Catalog, deployments: list[Deployment]) -> None:
        self.seed = seed
        self.weather = weather
        self.catalog = catalog
        known = [*self._outage(), *self._open(), *self._leaked()]
        found = [*self._usual(), *self._of_deployments(deployments), *known]
        self.all = sorted(found, key=lambda incident: incident.started)
        for number, incident in enumerate(self.all, 1):
            incident.number = number
        self._double()
        self._by_name: dict[str, list[Incident]] = {}
        for incident in self.all:
            for thing in incident.things:
                self._by_name.setdefault(thing.name, []).append(incident)

    def down(self, name: str, moment: datetime) -> bool:
        """Whether an incident keeps the thing down at the moment."""
        return any(incident.hurts(name, moment) for incident in self._by_name.get(name, ()))

    def _size(self) -> float:
        """A platform of 150 pipelines has about four a week; a small one not much fewer, or there is nothing to see."""
        return max(0.35, len(self.catalog.pipelines) / 150)

    def _usual(self) -> list[Incident]:
        found = []
        for back in range(self.weather.days):
            day = self.weather.last - timedelta(days=back)
            rng = dice(self.seed, "incidents", day)
            chance = 0.36 * self._size() * min(2.2, self.weather.of_day(day))
            if back and rng.random() < chance:
                found.append(self._incident(self._moment(day, rng), rng))
        return found

    def _moment(self, day: date, rng: Random) -> datetime:
        """More by night, when the loads run, and in office hours."""
        hour = rng.choice((1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 16, 19, 22))
        return local(day, hour) + timedelta(seconds=rng.randrange(3600))

    def _incident(self, start: datetime, rng: Random, cause: str | None = None) -> Incident:
        cause = cause or rng.choices(list(CAUSES), [weight for weight, _ in CAUSES.values()])[0]
        things = self._things(start, rng)
        severity = min(5, max(1, min(thing.at(start).tier for thing in things) + rng.choice((1, 1, 2))))
        detected = start + timedelta(seconds=round(spread(rng, 240 + 110 * severity, 0.6)))
        minutes = spread(rng, 45 + 22 * severity, 0.55)
        end = start + timedelta(seconds=round(max(minutes * 60, (detected - start).total_seconds() + 300)))
        title = f"{cause.replace('-', ' ').capitalize()}: {things[0].name.rsplit('/', 1)[1]}"
        found_by = rng.choices(("monitor", "test", "consumer", "operator"), (60, 20, 12, 8))[0]
        known = f"{cause}:{things[0].domain}" if rng.random() > 0.06 else None
        acknowledged = detected + timedelta(seconds=rng.randrange(60, 290))
        return Incident(
            0, title, known, start, detected, acknowledged, self._spans(start, end, rng), severity,
            CAUSES[cause][1], found_by, things,
        )  # fmt: skip

    def _things(self, start: datetime, rng: Random) -> list[Thing]:
        alive = [p for p in self.catalog.pipelines if p.born <= start and not p.at(start).retired]
        hit: list[Pipeline] = rng.sample(alive, min(len(alive), rng.choice((1, 1, 1, 2, 3))))
        return [*hit, *[pipeline.outputs[0] for pipeline in hit if pipeline.outputs and rng.random() < 0.6]]

    def _spans(self, start: datetime, end: datetime, rng: Random) -> list[tuple[datetime, datetime | None]]:
        """One in twelve comes back after it was thought solved."""
        if rng.random() > 0.08:
            return [(start, end)]
        again = end + timedelta(minutes=rng.randrange(20, 90))
        return [(start, end), (again, again + timedelta(minutes=rng.randrange(15, 60)))]

    def _of_deployments(self, deployments: list[Deployment]) -> list[Incident]:
        """Deployments that broke something; each names its change."""
        found = []
        for deployment in deployments:
            if deployment.fails != "incident":
                continue
            rng = dice(self.seed, "broken", deployment.tag)
            start = whole(deployment.at + timedelta(minutes=rng.randrange(5, 80)))
            incident = self._incident(start, rng, rng.choice(("dependency-upgrade", "null-join-key", "timezone-bug")))
            incident.deployment = deployment
            found.append(incident)
        return found

    def _outage(self) -> list[Incident]:
        rng = dice(self.seed, "outage")
        start, end = self.weather.outage
        incident = self._incident(start, rng, "network-partition")
        incident.title = "Warehouse unreachable: the whole platform stood still"
        incident.severity, incident.spans = 1, [(start, end)]
        incident.things = [*(p for p in self.catalog.pipelines[:20] if p.born <= start and not p.at(start).retired)]
        return [incident]

    def _open(self) -> list[Incident]:
        """Two that nobody has solved yet."""
        found = []
        for hours, pipeline in ((5, 0), (50, 4)):
            rng = dice(self.seed, "open", hours)
            start = local(self.weather.last, 9) - timedelta(hours=hours)
            incident = self._incident(start, rng)
            incident.severity = 3
            incident.spans = [(start, None)]
            incident.things = [*self.catalog.pipelines[pipeline : pipeline + 1]] or incident.things
            found.append(incident)
        return found

    def _leaked(self) -> list[Incident]:
        """One in which consumers saw what no test had."""
        rng = dice(self.seed, "leaked")
        start = local(self.weather.last - timedelta(days=12), 7)
        incident = self._incident(start, rng, "duplicate-keys")
        incident.found_by = "consumer"
        return [incident]

    def _double(self) -> None:
        """One in thirty is reported twice: the second names the first."""
        extra: list[Incident] = []
        for incident in self.all:
            rng = dice(self.seed, "double", incident.number)
            if rng.random() < 0.034 and incident.resolved is not None:
                later = incident.detected + timedelta(minutes=4)
                number = len(self.all) + len(extra) + 1
                extra.append(
                    Incident(
                        number, f"Again: {incident.title}", incident.cause, incident.started, later, later,
                        [(incident.started, max(later, incident.resolved))], incident.severity, incident.sort,
                        "consumer", incident.things, duplicate_of=incident.number,
                    )
                )  # fmt: skip
        self.all += extra
