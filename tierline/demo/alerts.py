"""Alerts of the pager: those that incidents fired, those that called for action, and the noise."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tierline.demo.catalog import Catalog
from tierline.demo.chance import day_bounds, dice, spread
from tierline.demo.model import Alert, Incident, Thing
from tierline.demo.weather import Weather

RULES = {"availability": "PipelineFailing", "freshness": "DatasetLate", "correctness": "ChecksFailing"}
NOISY = ("RuntimeUnusual", "QueueLong", "DiskFillingUp", "RowCountUnusual")


class Alerts:
    """Alerts by the local day on which they fired, those of incidents first."""

    def __init__(self, seed: int, weather: Weather, catalog: Catalog, incidents: list[Incident]) -> None:
        self.seed = seed
        self.weather = weather
        self.catalog = catalog
        self.all = self._of_incidents(incidents)
        for back in range(weather.days - 1, -1, -1):
            day = weather.last - timedelta(days=back)
            self.all += self._of_day(day)
        self.all += self._tickets()
        self.all.sort(key=lambda alert: (alert.fired, alert.key))

    def _of_incidents(self, incidents: list[Incident]) -> list[Alert]:
        """One alert an affected thing when it is noticed by a monitor or test; one in five fires again while the first
        is still on."""
        found: list[Alert] = []
        for incident in incidents:
            if incident.found_by not in ("monitor", "test") or incident.duplicate_of:
                continue
            rng = dice(self.seed, "alerts", incident.key)
            for number, thing in enumerate(incident.things[:3], 1):
                found += self._fired(incident, thing, number, rng)
        return found

    def _fired(self, incident: Incident, thing: Thing, number: int, rng: Random) -> list[Alert]:
        rule = RULES.get(incident.sort, "PipelineFailing")
        key = f"{incident.key}-{number}"
        first = Alert(
            key, rule, thing, incident.detected, incident.acknowledged, incident.resolved,
            incident=incident, dedup=f"{rule}:{thing.name}",
        )  # fmt: skip
        if rng.random() > 0.2:
            return [first]
        again = incident.detected + timedelta(seconds=120)
        return [first, Alert(f"{key}-again", rule, thing, again, None, incident.resolved, dedup=first.dedup)]

    def _of_day(self, day: date) -> list[Alert]:
        rng = dice(self.seed, "alerts", day)
        scale = max(0.3, len(self.catalog.pipelines) / 150)
        weight = min(2.0, self.weather.of_day(day)) * scale
        count = int(4.2 * weight) + (rng.random() < (4.2 * weight) % 1)
        return [self._loose(day, number, rng) for number in range(count)]

    def _loose(self, day: date, number: int, rng: Random) -> Alert:
        """An alert without an incident: acted upon and labelled so, noise that went by itself or was labelled so, or
        acknowledged and never judged."""
        fired = day_bounds(day)[0] + timedelta(seconds=rng.randrange(82_000))
        thing: Thing = rng.choice([*self.catalog.pipelines, *self.catalog.datasets])
        acked = fired + timedelta(seconds=round(spread(rng, 420, 0.8)))
        resolved = fired + timedelta(seconds=round(spread(rng, 2400, 0.7)))
        acked = min(acked, resolved)
        kind = rng.choices(("actionable", "noise", "gone", "open"), (62, 14, 18, 6))[0]
        rule = rng.choice(NOISY) if kind in ("noise", "gone") else rng.choice(list(RULES.values()))
        key = f"P-{day:%y%m%d}-{number:02d}"
        label = kind if kind in ("actionable", "noise") else None
        return Alert(
            key, rule, thing, fired, None if kind == "gone" else acked, resolved, label, dedup=f"{rule}:{thing.name}"
        )

    def _tickets(self) -> list[Alert]:
        """What only Alertmanager knows: a few low alerts that are on for days."""
        found = []
        for number, thing in enumerate(self.catalog.datasets[:4]):
            fired = day_bounds(self.weather.last)[0] - timedelta(hours=5 * number, minutes=11)
            found.append(Alert(f"AM-{number}", "TableGrowsFast", thing, fired, None, None, paged=False))
        return found


def shown(alert: Alert, now: datetime) -> Alert:
    """The alert as told at ``now``: what has not happened yet is not there. A label is given within the hour."""
    return Alert(
        alert.key, alert.rule, alert.thing, alert.fired,
        alert.acknowledged if alert.acknowledged and alert.acknowledged <= now else None,
        alert.resolved if alert.resolved and alert.resolved <= now else None,
        alert.label if alert.fired + timedelta(hours=1) <= now else None,
        alert.incident, alert.dedup, alert.paged,
    )  # fmt: skip
