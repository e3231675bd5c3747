"""Work that people ask of the teams: requests, findings, actions after incidents, tickets. Some a day, each with its
course: opened, taken up, closed, now and then taken up again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from tierline.demo.catalog import DOMAINS, SUBJECTS, TEAMS
from tierline.demo.chance import dice, local, spread
from tierline.demo.model import Dataset, Incident
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
    Sort("support", "{subject} of {domain} look wrong", 1.6, 2, 9, 48),
    Sort("access_request", "Access to {domain} {subject}", 0.9, 3, 6, 72),
    Sort("scoped", "Add a column to {domain} {subject}", 1.2, 30, 40),
    Sort("onboarding", "Onboard {subject} into {domain}", 0.25, 24, 120),
    Sort("finding", "Outdated library in {domain} jobs", 0.2, 40, 90, 30 * 24),
    Sort("remediation", "Make {domain} {subject} cheaper", 0.12, 60, 200),
)
_PRIORITIES = ("Highest", "High", "High", "Medium", "Medium", "Medium", "Low")
_POINTS = (1, 1, 2, 3, 5, 8)
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


def work(seed: int, weather: Weather, incidents: Sequence[Incident], datasets: Sequence[Dataset]) -> list[Work]:
    """All work of the world in order of opening."""
    found = [one for back in range(weather.days - 1, -1, -1)
             for one in _of_day(seed, weather.last - timedelta(days=back), weather, datasets)]  # fmt: skip
    found += [_action(seed, incident) for incident in incidents if incident.duplicate_of is None]
    return sorted(found, key=lambda one: (one.opened, one.number))


def _of_day(seed: int, day: date, weather: Weather, datasets: Sequence[Dataset]) -> Iterator[Work]:
    if day.weekday() > 4 or weather.is_frozen(day):
        return
    place = 0
    for sort in SORTS:
        rng = dice(seed, "work", sort.kind, day)
        for _ in range(int(sort.a_day) + (rng.random() < sort.a_day % 1)):
            place += 1
            domain = rng.choice(list(DOMAINS))
            title = sort.title.format(domain=domain, subject=rng.choice(SUBJECTS))
            team = DOMAINS[domain] if rng.random() < 0.9 else rng.choice(TEAMS)
            opened = local(day, rng.randrange(8, 17), rng.randrange(60))
            asset = rng.choice(datasets).name if datasets and rng.random() < 0.5 else None
            yield _one((day - date(2020, 1, 1)).days * 20 + place, sort, title, team, opened, rng, asset)


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
    return Work(number, sort.kind, title, team, opened, started, closings, outcome, rng.choice(_PRIORITIES),
                rng.choice(_POINTS), due, asset)  # fmt: skip


def _later(moment: datetime, hours: float) -> datetime:
    """So many hours later, to the second."""
    return moment + timedelta(seconds=int(hours * 3600))
