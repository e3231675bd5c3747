"""The platform's inventory: teams, domains, pipelines, datasets, workloads and the service, with their histories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from tierline.demo.chance import dice, local
from tierline.demo.connectors import connectors
from tierline.demo.model import Dataset, Pipeline, Thing, Version
from tierline.demo.weather import Weather

AIRFLOW = "airflow-prod"
"""Namespace of the pipelines' names."""
WAREHOUSE = "snowflake://acme"
"""Namespace of the datasets' names."""
TEAMS = ("core-data", "commerce", "finance-data", "growth", "logistics", "ml-platform")
DOMAINS = {
    "orders": "commerce", "customers": "commerce", "finance": "finance-data", "marketing": "growth",
    "web": "growth", "logistics": "logistics", "inventory": "logistics", "platform": "core-data", "ml": "ml-platform",
}  # fmt: skip
"""Domain -> the team that owns most of it."""
SUBJECTS = (
    "invoices", "payments", "returns", "sessions", "shipments", "prices", "campaigns", "profiles", "stock", "ledger",
    "events", "features", "contracts", "refunds", "leads", "routes", "baskets", "vouchers", "suppliers", "forecasts",
)  # fmt: skip
VERBS = ("load", "build", "sync", "merge", "export", "score", "refresh", "snapshot")
LAYERS = ("raw", "staging", "core", "mart", "mart")
TESTS = ("not_null", "unique", "accepted_values", "relationships", "row_count_in_range")


@dataclass(frozen=True)
class Share:
    """A kind of schedule, and how many of 150 pipelines follow it."""

    name: str
    count: int
    minutes: float


SHARES = (
    Share("quarter", 1, 2.0), Share("hourly", 9, 5.0), Share("four", 10, 12.0), Share("daily", 101, 16.0),
    Share("business", 12, 14.0), Share("weekly", 9, 35.0), Share("event", 8, 6.0),
)  # fmt: skip
SPECIALS = ("hourly", "daily", "daily", "daily", "four", "event")
"""The kinds of the first pipelines, so that even a small world has one of each story."""


def kinds(count: int) -> list[str]:
    """The schedule kinds of ``count`` pipelines, in the shares of a platform of 150."""
    total = sum(share.count for share in SHARES)
    edges = list(accumulate(share.count * count / total for share in SHARES))
    plain = [SHARES[sum(edge < index + 0.5 for edge in edges)].name for index in range(count)]
    for special in SPECIALS:
        if special in plain:
            plain.remove(special)
    return [*SPECIALS, *plain][:count]


class Catalog:
    """All things of the world. Pipeline 1 goes from daily to hourly, 2 is paused for a month, 3 becomes tier 1;
    the newest of the finance domain are born at the migration and replace old ones."""

    def __init__(self, seed: int, weather: Weather, pipelines: int, datasets: int) -> None:
        self.seed = seed
        self.weather = weather
        self.born = local(weather.first)
        self.pipelines = [self._pipeline(i, kind) for i, kind in enumerate(kinds(pipelines))]
        self._migrate()
        self._arrive()
        self.datasets = [self._dataset(i) for i in range(datasets)]
        self._wire_events()
        self._promote()
        self.workloads = [self._workload(i) for i in range(max(2, pipelines // 12))]
        self.connectors = connectors(self.born)
        self.tables = [self._table(i) for i in range(4)]
        self.service = Thing("services/query-api", "service", "platform", [Version(self.born, 0, "core-data")])
        self.estate: list[Thing] = []
        """What the platform runs on beside these: warehouses, streams, the bill's workloads."""
        self.by_name: dict[str, Thing] = {thing.name: thing for thing in self}

    def __iter__(self) -> Iterator[Thing]:
        yield from (*self.pipelines, *self.datasets, *self.tables, *self.workloads, *self.connectors, self.service)
        yield from self.estate

    def _tier(self, rng: Random) -> int:
        return rng.choices((0, 1, 2, 3), (12, 28, 35, 25))[0]

    def _pipeline(self, number: int, kind: str) -> Pipeline:
        rng = dice(self.seed, "pipeline", number)
        domain = tuple(DOMAINS)[number % len(DOMAINS)]
        team = DOMAINS[domain] if rng.random() < 0.85 else rng.choice(TEAMS)
        subject = SUBJECTS[(number * 7 + number // len(SUBJECTS)) % len(SUBJECTS)]
        dag_id = f"{domain}_{subject}_{VERBS[(number + number // 20) % len(VERBS)]}"
        minutes = next(share.minutes for share in SHARES if share.name == kind) * rng.uniform(0.6, 1.6)
        first = Version(self.born, self._tier(rng), team, self._cron(kind, rng))
        text = f"{subject.capitalize()} of {domain}: {dag_id.rsplit('_', 1)[1]}s them"
        things = Pipeline(
            f"{AIRFLOW}/{dag_id}_{number:03d}", "pipeline", domain, [first], text, number=number, minutes=minutes
        )
        things.versions += self._stories(number, first)
        return things

    def _cron(self, kind: str, rng: Random) -> str | None:
        minute = rng.randrange(0, 60, 5)
        return {
            "quarter": "*/15 * * * *",
            "hourly": f"{minute} * * * *",
            "four": f"{minute} */4 * * *",
            "daily": f"{minute} {rng.choice((0, 1, 2, 2, 3, 3, 4, 4, 5))} * * *",
            "business": f"{minute} {rng.choice((3, 4, 5))} * * 1-5",
            "weekly": f"{minute} {rng.choice((1, 2, 3))} * * {rng.randrange(7)}",
        }.get(kind)

    def _stories(self, number: int, first: Version) -> list[Version]:
        if number == 1:
            return [replace(first, since=self.weather.hourly_since, schedule="20 * * * *")]
        if number == 2:
            pause = self.weather.pause
            return [replace(first, since=pause[0], paused=True), replace(first, since=pause[1])]
        if number == 3:
            return [replace(first, since=self.weather.promoted, tier=1)]
        return []

    def _migrate(self) -> None:
        """Of the finance pipelines beyond the stories, each second is born at the migration, when the one before
        it retires."""
        moving = [p for p in self.pipelines if p.domain == "finance" and p.number >= len(SPECIALS)]
        start, end = self.weather.migration
        for old, new in zip(moving[0::2], moving[1::2], strict=False):
            old.versions.append(replace(old.versions[-1], since=end, retired=True))
            new.versions = [replace(new.versions[0], since=start)]

    def _arrive(self) -> None:
        """One in eight of the other domains' pipelines is not there from the beginning."""
        for place, pipeline in enumerate(self.pipelines[13::8]):
            if pipeline.domain != "finance":
                pipeline.versions = [replace(pipeline.versions[0], since=self.weather.newcomer(place + 1))]

    def _dataset(self, number: int) -> Dataset:
        """A dataset is made by one pipeline; the frequent ones make few, so that updates stay half of the facts."""
        rng = dice(self.seed, "dataset", number)
        maker = self._maker(number)
        layer = LAYERS[number % len(LAYERS)]
        subject = maker.dag_id.split("_")[1]
        name = f"{WAREHOUSE}/analytics.{layer}.{maker.domain}_{subject}_{number:03d}"
        version = replace(maker.versions[0], schedule=None, paused=False)
        text = f"{subject.capitalize()} of {maker.domain}, {layer} layer"
        found = Dataset(name, "dataset", maker.domain, [version], text, number=number, layer=layer)
        found.versions += [replace(v, schedule=None, paused=False) for v in maker.versions if v.retired]
        self._promise(found, maker, rng)
        found.tests = list(TESTS[: rng.choice((0, 1, 1, 1))]) if layer in ("core", "mart") else []
        maker.outputs.append(found)
        return found

    def _table(self, number: int) -> Dataset:
        """A table that somebody loads by hand: no pipeline is known to make it, nothing is promised of it."""
        domain = ("web", "customers", "orders", "ml")[number]
        version = Version(self.born, (2, 0, 1, 3)[number], DOMAINS[domain])
        name = f"{WAREHOUSE}/analytics.raw.{domain}_upload_{number}"
        return Dataset(name, "dataset", domain, [version], f"Uploads of {domain}", number=-1 - number, layer="raw")

    def _maker(self, number: int) -> Pipeline:
        if number < len(self.pipelines):
            return self.pipelines[number]
        slow = [p for p in self.pipelines if p.number == 1 or not self._often(p, "*", "*/4")]
        return slow[(number - len(self.pipelines)) % len(slow)]

    def _often(self, pipeline: Pipeline, *hours: str) -> bool:
        """Whether it ever has one of these in its cron's hour field."""
        return any((v.schedule or "- -").split(" ")[1] in hours for v in pipeline.versions)

    def _promise(self, dataset: Dataset, maker: Pipeline, rng: Random) -> None:
        """What is agreed about the dataset's freshness. The paused and the event-driven make no promise."""
        cron = maker.versions[0].schedule
        if cron is None or maker.number == 2 or rng.random() < 0.1:
            return
        minute, hour, _, _, weekday = cron.split()
        dataset.objective = rng.choice((None, 0.98, 0.99, 0.95)) if weekday == "*" else 0.95
        if hour == "*":
            dataset.max_age = rng.choice((7200, 10800)) if minute.isdigit() else 3600
        elif hour.startswith("*/"):
            dataset.max_age = rng.choice((32400, 36000))
        elif weekday in ("*", "1-5"):
            dataset.deadline = rng.choice(("07:00", "08:00", "08:30"))
            dataset.days = "business" if weekday == "1-5" or rng.random() < 0.3 else "daily"
            dataset.objective = rng.choice((0.9, 0.95))
        else:
            dataset.max_age = 8 * 86400

    def _wire_events(self) -> None:
        """An event-driven pipeline waits for a dataset of a pipeline that runs every few hours, or daily."""
        sources = [p for p in self.pipelines if p.versions[0].schedule and not self._often(p, "*") and p.outputs]
        for index, pipeline in enumerate(p for p in self.pipelines if p.versions[0].schedule is None):
            pipeline.waits_for = sources[(index * 5) % len(sources)].outputs[0]

    def _promote(self) -> None:
        """What pipeline 3 makes becomes tier 1 with it."""
        for pipeline in self.pipelines[3:4]:
            for dataset in pipeline.outputs:
                last = dataset.versions[-1]
                dataset.versions.append(replace(last, since=self.weather.promoted, tier=1))

    def _workload(self, number: int) -> Thing:
        rng = dice(self.seed, "workload", number)
        domain = tuple(DOMAINS)[number % len(DOMAINS)]
        version = Version(self.born, rng.choice((1, 1, 2, 3)), DOMAINS[domain])
        return Thing(f"{WAREHOUSE}/workload.{domain}_dashboards_{number:02d}", "workload", domain, [version])
