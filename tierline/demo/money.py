"""What the platform costs, how much it processes, and how long its queries take: readings a UTC day."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta

from tierline.demo.catalog import TEAMS, Catalog
from tierline.demo.chance import dice
from tierline.demo.model import Cost, Queries
from tierline.demo.weather import Weather

SERVICES = (("Warehouse compute", 780.0), ("Warehouse storage", 95.0), ("Object storage", 60.0), ("Orchestrator", 45.0))
"""Service and its usual cost a day, in USD, of a platform of 150 pipelines."""
GAMMA = 1.02


class Money:
    """Costs fall slowly a terabyte, because the volume grows faster than the bill."""

    def __init__(self, seed: int, weather: Weather, catalog: Catalog) -> None:
        self.seed = seed
        self.weather = weather
        self.catalog = catalog

    def _years(self, day: date) -> float:
        return 1 - (self.weather.last - day).days / 365

    def costs(self, day: date) -> list[Cost]:
        """Charges of a UTC day. The first of a month brings tax and a credit, the third restates the day before."""
        rng = dice(self.seed, "cost", day)
        at = datetime.combine(day, time(), UTC)
        found = [
            Cost(at, service, f"{service.lower().replace(' ', '-')}/{team}", team, round(amount / len(TEAMS), 2))
            for service, usual in SERVICES
            for team in TEAMS
            for amount in [usual * (1 + 0.16 * self._years(day)) * rng.uniform(0.8, 1.2)]
        ]
        if day.day == 1:
            found.append(Cost(at, "Tax", "tax", TEAMS[0], 812.4, "Tax"))
            found.append(Cost(at, "Warehouse compute", "goodwill", TEAMS[0], -150.0, "Credit"))
        if day.day == 3:
            back = at - timedelta(days=1)
            found.append(Cost(back, *SERVICES[0][:1], "restated", TEAMS[0], -38.75, "Usage", correction=True))
        return found

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
