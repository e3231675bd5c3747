"""What the world is made of. Plain records; instants are aware and UTC, durations seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Version:
    """What holds for an asset from ``since`` on."""

    since: datetime
    tier: int
    team: str
    schedule: str | None = None
    """Cron in the platform's zone; None: started by events, or not scheduled."""
    paused: bool = False
    retired: bool = False


@dataclass(slots=True)
class Thing:
    """A pipeline, dataset, service or workload with its history of versions, oldest first."""

    name: str
    kind: str
    domain: str
    versions: list[Version]
    description: str = ""

    def at(self, moment: datetime) -> Version:
        """The version in force; before the first, the first."""
        found = self.versions[0]
        for version in self.versions:
            if version.since <= moment:
                found = version
        return found

    @property
    def born(self) -> datetime:
        return self.versions[0].since


@dataclass(slots=True)
class Pipeline(Thing):
    number: int = 0
    minutes: float = 10.0
    """Median runtime."""
    outputs: list[Dataset] = field(default_factory=list)
    waits_for: Dataset | None = None
    """The dataset whose updates start it; it then has no cron."""

    @property
    def dag_id(self) -> str:
        return self.name.split("/", 1)[1]


@dataclass(slots=True)
class Dataset(Thing):
    number: int = 0
    layer: str = "raw"
    max_age: int | None = None
    """Seconds; None where a deadline is agreed, or nothing."""
    deadline: str | None = None
    """Local wall time "07:00"."""
    days: str = "daily"
    """"daily" or "business": on which days the delivery is due."""
    objective: float | None = None
    tests: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """One run as it ends up. ``earlier`` is what stood in its place before it was cleared and run again."""

    pipeline: Pipeline
    run_id: str
    trigger: str
    """schedule, event, manual or backfill."""
    due: datetime | None
    started: datetime
    ended: datetime
    state: str
    """success, failed, skipped or running (as seen at a moment)."""
    tries: int = 1
    covers: datetime | None = None
    """Data is complete up to here once the run has succeeded."""
    backfill: str | None = None
    earlier: tuple[datetime, datetime] | None = None

    def seen(self, now: datetime) -> Run | None:
        """The run as an observer at ``now`` finds it; None while it has not started."""
        if self.earlier and self.started > now:
            began, failed = self.earlier
            was = replace(self, started=began, ended=failed, state="failed", tries=1, earlier=None)
            return was.seen(now)
        if self.started > now:
            return None
        return self if self.ended <= now else replace(self, state="running")


@dataclass(slots=True)
class Update:
    """New data landed in a dataset."""

    dataset: Dataset
    at: datetime
    through: datetime
    run: Run
    number: int


@dataclass(slots=True)
class Check:
    dataset: Dataset
    name: str
    outcome: str
    """pass, warn, fail, error or skipped: dbt's words."""
    at: datetime
    severity: str
    """error or warn: dbt's words."""


@dataclass(slots=True)
class Deployment:
    tag: str
    title: str
    team: str
    at: datetime
    fails: str | None = None
    """How it failed: "incident" or "rollback"; None: well."""
    reverted_at: datetime | None = None
    """When the deployment that took it back was made."""
    reverts: str | None = None
    """The tag of the deployment that this one takes back."""


@dataclass(slots=True)
class Incident:
    number: int
    title: str
    cause: str | None
    started: datetime
    detected: datetime
    acknowledged: datetime
    spans: list[tuple[datetime, datetime | None]]
    """When it really hurt; a reopened incident has several, the last one open while it is open."""
    severity: int
    sort: str
    found_by: str
    things: list[Thing]
    deployment: Deployment | None = None
    duplicate_of: int | None = None

    @property
    def key(self) -> str:
        return f"INC-{self.number:04d}"

    @property
    def resolved(self) -> datetime | None:
        return self.spans[-1][1]

    def hurts(self, name: str, moment: datetime) -> bool:
        """Whether the thing is down at the moment because of this incident. One that stays open is worked around
        within six hours."""
        return any(thing.name == name for thing in self.things) and any(
            start <= moment < (end or start + timedelta(hours=6)) for start, end in self.spans
        )


@dataclass(slots=True)
class Alert:
    key: str
    rule: str
    thing: Thing
    fired: datetime
    acknowledged: datetime | None
    resolved: datetime | None
    label: str | None = None
    """actionable or noise, where a person said so."""
    incident: Incident | None = None
    dedup: str | None = None
    paged: bool = True
    """Told by the pager's register; otherwise only Alertmanager knows it, and only while it is active."""


@dataclass(slots=True)
class Cost:
    """One charge of one UTC day."""

    day: datetime
    service: str
    resource: str
    team: str
    amount: float
    category: str = "Usage"
    correction: bool = False
    workload: str | None = None
    """What the charge is tagged with."""
    commitment: str | None = None
    status: str | None = None
    """Of a commitment's charge: Used or Unused."""


@dataclass(slots=True)
class Queries:
    """Run times of one day's queries of a workload: powers of ``gamma`` that they fall below -> how many."""

    workload: Thing
    day: datetime
    outcome: str
    buckets: dict[int, int]
    gamma: float = 1.02
