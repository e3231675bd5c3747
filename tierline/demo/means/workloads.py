"""The workloads that the bill is told by, what each costs a day, and how often each runs.

Three stories: the loads of orders became much cheaper a run and stayed so; those of marketing did and fell back; the
others change little. What people set out to make cheaper is in the work (kind remediation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from tierline.demo.catalog import DOMAINS
from tierline.demo.chance import dice
from tierline.demo.model import Thing, Version
from tierline.demo.weather import Weather

BILL = "billing"
"""Namespace of what the bill names."""
USUAL = {
    "loads-orders": 150.0, "loads-customers": 96.0, "loads-finance": 88.0, "loads-marketing": 74.0, "loads-web": 120.0,
    "loads-logistics": 61.0, "loads-inventory": 44.0, "training-ml": 135.0, "dashboards-finance": 35.0,
    "dashboards-orders": 52.0, "exports-marketing": 18.0, "adhoc-platform": 27.0,
}  # fmt: skip
"""Workload -> what its compute costs a day, in USD, of a platform of 150 pipelines."""
CHEAPER = 0.62
"""What the remediated cost of what they did."""


@dataclass(frozen=True, slots=True)
class Runs:
    """How often a workload ran on one UTC day."""

    workload: Thing
    day: datetime
    count: int


def workloads(born: datetime) -> list[Thing]:
    """The bill's workloads as assets: tier 2 each, of the domain in their name and its team."""
    found = []
    for name in USUAL:
        domain = name.rsplit("-", 1)[1]
        found.append(Thing(f"{BILL}/{name}", "workload", domain, [Version(born, 2, DOMAINS[domain])]))
    return found


def cost(seed: int, weather: Weather, workload: Thing, day: date) -> float:
    """What its compute cost on a UTC day: by its runs, at what a run cost then."""
    name = title(workload)
    rng = dice(seed, "workload cost", name, day)
    count = runs(seed, workload, day)
    return round(USUAL[name] / _usual_runs(name) * count * _price(weather, name, day) * rng.uniform(0.94, 1.06), 2)


def _price(weather: Weather, name: str, day: date) -> float:
    ago = (weather.last - day).days
    if name == "loads-orders" and ago < 45:
        return CHEAPER
    if name == "loads-marketing" and 26 <= ago < 45:
        return CHEAPER
    return 1.0


def runs(seed: int, workload: Thing, day: date) -> int:
    """Runs of a UTC day: fewer at weekends."""
    name = title(workload)
    rng = dice(seed, "workload runs", name, day)
    weekend = 0.7 if day.weekday() > 4 else 1.0
    return max(1, round(_usual_runs(name) * weekend * rng.uniform(0.9, 1.1)))


def counted(seed: int, workloads: list[Thing], day: date) -> Iterator[Runs]:
    """What the scheduler's export says of a UTC day."""
    for workload in workloads:
        yield Runs(workload, datetime.combine(day, time(), UTC), runs(seed, workload, day))


def title(workload: Thing) -> str:
    """What the bill calls it."""
    return workload.name.split("/", 1)[1]


def _usual_runs(name: str) -> int:
    return 20 + 7 * (list(USUAL).index(name) % 5)
