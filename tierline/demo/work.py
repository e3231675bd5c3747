"""Work that people ask of the teams: requests, findings, actions after incidents, tickets. Some a day, each with its
course: opened, taken up, closed, now and then taken up again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from tierline.demo.catalog import DOMAINS, SUBJECTS, TEAMS, Catalog
from tierline.demo.chance import dice, local, local_day, spread
from tierline.demo.model import Dataset, Incident, Pipeline, Thing
from tierline.demo.weather import Weather


@dataclass(frozen=True)
class Sort:
    """A kind of work: how many a working day, how many hours it waits and takes (medians), and within how many hours it
    is due (None: nothing is agreed)."""

    kind: str
    title: str
    a_day: float
    waits: float
    takes: float
    due: float | None = None


SORTS = (
    Sort("support", "{subject} of {domain} look wrong", 1.6, 2, 9, 30),
    Sort("access_request", "Access to {domain} {subject}", 0.9, 3, 6, 72),
    Sort("scoped", "Add a column to {domain} {subject}", 1.2, 30, 40),
    Sort("onboarding", "Onboard {subject} into {domain}", 0.25, 24, 120),
    Sort("finding", "Outdated library in {domain} jobs", 0.2, 40, 90, 30 * 24),
    Sort("remediation", "Spend less on {domain} {subject}", 0.12, 60, 200),
)
_PRIORITIES = ("Highest", "High", "High", "Medium", "Medium", "Medium", "Low")
_POINTS = (1, 1, 2, 3, 5, 8)
_SEVERITIES = ("critical", "high", "high", "medium", "low", None)
_COMPLEXITIES = ("simple", "standard", "standard", "complex")
ACTION = Sort("action", "Follow up: {title}", 0.0, 20, 100, 14 * 24)


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work as it ends up. ``closings``: (closed, reopened) of every time it was closed."""

    number: int
    kind: str
    title: str
    team: str
    opened: datetime
    started: datetime
    closings: tuple[tuple[datetime, datetime | None], ...]
    outcome: str
    """done, refused or withdrawn."""
    priority: str
    points: int
    due: datetime | None
    asset: str | None = None
    severity: str | None = None
    complexity: str | None = None


def work(
    seed: int, weather: Weather, incidents: Sequence[Incident], catalog: Catalog, billed: Sequence[Thing]
) -> list[Work]:
    """All work of the world in order of opening. ``billed``: what remediations are about."""
    days = [weather.last - timedelta(days=back) for back in range(weather.days - 1, -1, -1)]
    found = [one for day in days for one in _of_day(seed, day, weather, catalog.datasets, billed)]
    found += [_action(seed, incident) for incident in incidents if incident.duplicate_of is None]
    found += [_arrival(seed, weather, thing) for thing in (*catalog.pipelines, *catalog.datasets)
              if thing.born > catalog.born]  # fmt: skip
    return sorted(found, key=lambda one: (one.opened, one.number))


def _of_day(
    seed: int, day: date, weather: Weather, datasets: Sequence[Thing], billed: Sequence[Thing]
) -> Iterator[Work]:
    if day.weekday() > 4 or weather.is_frozen(day):
        return
    place = 0
    for sort in SORTS:
        rng = dice(seed, "work", sort.kind, day)
        for _ in range(int(sort.a_day) + (rng.random() < sort.a_day % 1)):
            place += 1
            yield _asked(sort, (day - date(2020, 1, 1)).days * 20 + place, day, rng, datasets, billed)


def _asked(sort: Sort, number: int, day: date, rng: Random, datasets: Sequence[Thing], billed: Sequence[Thing]) -> Work:
    """A request of a day: about a workload of the bill, or half the time about some dataset."""
    about = rng.choice(billed) if sort.kind == "remediation" else None
    domain = about.domain if about else rng.choice(list(DOMAINS))
    title = sort.title.format(domain=domain, subject=rng.choice(SUBJECTS))
    team = DOMAINS[domain] if rng.random() < 0.9 else rng.choice(TEAMS)
    opened = local(day, rng.randrange(8, 17), rng.randrange(60))
    if about is None and datasets and rng.random() < 0.5:
        about = rng.choice(datasets)
    return _one(number, sort, title, team, opened, rng, about.name if about else None)


def _arrival(seed: int, weather: Weather, thing: Thing) -> Work:
    """The request that brought a new pipeline or dataset: some twelve days before it a year ago, some four now."""
    rng = dice(seed, "arrival", thing.name)
    age = (weather.last - local_day(thing.born)).days / weather.days
    opened = _later(thing.born, -24 * spread(rng, 4 + 8 * age, 0.3))
    number = 700_000 + (thing.number if isinstance(thing, Pipeline | Dataset) else 0)
    number += 50_000 if isinstance(thing, Dataset) else 0
    sort = next(sort for sort in SORTS if sort.kind == "onboarding")
    title = f"Onboard {thing.description.lower()}"
    found = _one(number, sort, title, thing.at(opened).team, opened, rng, thing.name)
    closed = _later(thing.born, 24 * rng.uniform(0.5, 4))
    return replace(found, started=_later(opened, 3), closings=((closed, None),), outcome="done")


def _action(seed: int, incident: Incident) -> Work:
    rng = dice(seed, "action", incident.key)
    thing = incident.things[0]
    opened = incident.detected + timedelta(hours=20)
    title = ACTION.title.format(title=incident.title)
    return _one(900_000 + incident.number, ACTION, title, thing.at(opened).team, opened, rng, thing.name)


def _one(number: int, sort: Sort, title: str, team: str, opened: datetime, rng: Random, asset: str | None) -> Work:
    """Most is done; one in twelve is refused, one in twenty withdrawn, one in fifteen done twice."""
    started = _later(opened, spread(rng, sort.waits, 0.8))
    closed = _later(started, spread(rng, sort.takes, 0.7))
    closings: tuple[tuple[datetime, datetime | None], ...] = ((closed, None),)
    chance = rng.random()
    outcome = "refused" if chance < 0.08 else "withdrawn" if chance < 0.13 else "done"
    if outcome == "done" and rng.random() < 1 / 15:
        again = _later(closed, 20)
        closings = ((closed, again), (_later(again, sort.takes / 3), None))
    due = opened + timedelta(hours=sort.due) if sort.due else None
    priority, points = rng.choice(_PRIORITIES), rng.choice(_POINTS)
    severity = rng.choice(_SEVERITIES) if sort.kind == "finding" else None
    complexity = rng.choice(_COMPLEXITIES) if sort.kind == "onboarding" else None
    return Work(number, sort.kind, title, team, opened, started, closings, outcome, priority, points, due, asset,
                severity, complexity)  # fmt: skip


def seen(one: Work, now: datetime) -> tuple[datetime | None, datetime | None]:
    """(started, closed) as they stand at a moment: one that was taken up again is open until it is closed again."""
    started = one.started if one.started <= now else None
    closed = None
    for at, again in one.closings:
        if at <= now:
            closed = None if again is not None and again <= now else at
    return started, closed


def _later(moment: datetime, hours: float) -> datetime:
    """So many hours later, to the second."""
    return moment + timedelta(seconds=int(hours * 3600))
