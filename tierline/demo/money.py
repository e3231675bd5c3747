"""What the platform costs, how much it processes, and how long its queries take: readings a UTC day."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta

from tierline.demo.catalog import TEAMS, Catalog
from tierline.demo.chance import dice
from tierline.demo.means.capacity import COMMITMENTS, committed, utc
from tierline.demo.means.workloads import cost, title, workloads
from tierline.demo.model import Cost, Queries, Thing
from tierline.demo.weather import Weather

SERVICES = (("Warehouse storage", 95.0), ("Object storage", 60.0), ("Orchestrator", 45.0))
"""Service and its usual cost a day, in USD, of a platform of 150 pipelines."""
COMPUTE = "Warehouse compute"
SHARED = "shared-capacity"
"""The workload that commitments are tagged with."""
GAMMA = 1.02


class Money:
    """Costs fall slowly a terabyte, because the volume grows faster than the bill."""

    def __init__(self, seed: int, weather: Weather, catalog: Catalog) -> None:
        self.seed = seed
        self.weather = weather
        self.catalog = catalog
        self.workloads = workloads(catalog.born)
        """What the bill is told by."""

    def _years(self, day: date) -> float:
        return 1 - (self.weather.last - day).days / 365

    def costs(self, day: date) -> list[Cost]:
        """Charges of a UTC day: compute by workload, the rest by team, commitments by what was used of them. The first
        of a month brings tax, a credit and the purchase, the third restates the day before."""
        rng = dice(self.seed, "cost", day)
        at = datetime.combine(day, time(), UTC)
        found = [
            Cost(at, service, f"{service.lower().replace(' ', '-')}/{team}", team, round(amount / len(TEAMS), 2))
            for service, usual in SERVICES
            for team in TEAMS
            for amount in [usual * (1 + 0.16 * self._years(day)) * rng.uniform(0.8, 1.2)]
        ]
        found += [self._compute(workload, day) for workload in self.workloads]
        found += [charge for name in COMMITMENTS for charge in self._committed(name, day)]
        if day.day == 1:
            found.append(Cost(at, "Tax", "tax", TEAMS[0], 812.4, "Tax"))
            found.append(Cost(at, COMPUTE, "goodwill", TEAMS[0], -150.0, "Credit"))
            found.append(Cost(at, COMPUTE, "compute-1y", TEAMS[0], 0.0, "Purchase"))
        if day.day == 3:
            back = at - timedelta(days=1)
            found.append(Cost(back, COMPUTE, "restated", TEAMS[0], -38.75, correction=True, workload="loads-orders"))
        return found

    def _compute(self, workload: Thing, day: date) -> Cost:
        amount = round(0.62 * cost(self.seed, self.weather, workload, day) * (1 + 0.16 * self._years(day)), 2)
        team = workload.versions[0].team
        return Cost(utc(day), COMPUTE, f"compute/{title(workload)}", team, amount, workload=title(workload))

    def _committed(self, name: str, day: date) -> list[Cost]:
        """What a commitment's day cost: the part that was used, and the part that was not."""
        paid, used = committed(self.seed, self.weather, name, day)
        parts = (("Used", used), ("Unused", round(paid - used, 2)))
        return [
            Cost(utc(day), COMPUTE, name, TEAMS[0], amount, workload=SHARED, commitment=name, status=status)
            for status, amount in parts
        ]

    def terabytes(self, day: date) -> float:
        """Volume processed on a UTC day."""
        rng = dice(self.seed, "bytes", day)
        weekend = 0.72 if day.weekday() > 4 else 1.0
        return round(31 * (1 + 0.35 * self._years(day)) * weekend * rng.uniform(0.93, 1.07), 3)

    def queries(self, day: date) -> list[Queries]:
        """Query times of the dashboards' workloads in log buckets, failed ones apart."""
        found = []
        at = datetime.combine(day, time(), UTC)
        for workload in self.catalog.workloads:
            rng = dice(self.seed, "queries", workload.name, day)
            median = 1.4 + 0.25 * (int(workload.name[-2:]) % 4)
            median *= 1.6 if self.weather.is_bad_week(day) else 1.0
            for outcome, count in (("success", 220 if day.weekday() < 5 else 60), ("failed", 3)):
                buckets: dict[int, int] = {}
                for _ in range(count):
                    seconds = median * math.exp(rng.gauss(0.0, 0.75))
                    index = math.ceil(math.log(seconds) / math.log(GAMMA))
                    buckets[index] = buckets.get(index, 0) + 1
                found.append(Queries(workload, at, outcome, buckets, GAMMA))
        return found
