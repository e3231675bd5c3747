"""The connectors that bring data in: connections of Fivetran and Airbyte, and their syncs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tierline.demo.chance import dice, local, spread, whole
from tierline.demo.model import Pipeline, Run, Version

FAILS = 0.02
"""Chance that a sync fails."""
DESTINATION = "Warehouse"
"""The one group of the Fivetran account."""


@dataclass(slots=True)
class Connector(Pipeline):
    vendor: str = "airbyte"
    """fivetran or airbyte."""
    service: str = ""
    hour: int = 0
    """The local hour of the day's first sync."""
    every: int = 24
    """Hours between two syncs, from the first of the local day on."""

    @property
    def title(self) -> str:
        """What the vendor calls the connection."""
        return self.name.rsplit("/", 1)[1]


_ALL = (
    ("fivetran", "salesforce", "salesforce", "customers", "growth", 1, 0, 6, 9.0),
    ("fivetran", "zendesk", "zendesk", "customers", "commerce", 2, 1, 6, 6.0),
    ("fivetran", "netsuite", "netsuite_suiteanalytics", "orders", "commerce", 1, 2, 24, 40.0),
    ("fivetran", "google_ads", "google_ads", "marketing", "growth", 3, 3, 12, 12.0),
    ("airbyte", "Shop to Snowflake", "postgres", "orders", "commerce", 0, 0, 4, 7.0),
    ("airbyte", "Stripe to Snowflake", "stripe", "orders", "commerce", 1, 1, 6, 11.0),
    ("airbyte", "Carriers to Snowflake", "sftp", "logistics", "logistics", 2, 5, 24, 18.0),
    ("airbyte", "Web events to Snowflake", "kafka", "web", "growth", 2, 0, 8, 15.0),
)
"""Vendor, name, service, domain, team, tier, first local hour, hours between, minutes."""


def connectors(born: datetime) -> list[Connector]:
    """The connections of both vendors. None is in the domain that the announced maintenance is about."""
    found = []
    for number, (vendor, name, service, domain, team, tier, hour, every, minutes) in enumerate(_ALL):
        path = f"fivetran/{DESTINATION}/{name}" if vendor == "fivetran" else f"airbyte/{name}"
        found.append(Connector(
            path, "pipeline", domain, [Version(born, tier, team)], number=number, minutes=minutes, vendor=vendor,
            service=service, hour=hour, every=every,
        ))  # fmt: skip
    return found


def syncs(seed: int, connector: Connector, day: date) -> Iterator[Run]:
    """A connection's syncs that start on a local day. Each is over before the next begins."""
    for hour in range(connector.hour, 24, connector.every):
        rng = dice(seed, "sync", connector.name, day, hour)
        start = whole(local(day, hour) + timedelta(seconds=rng.randrange(4, 40)))
        length = min(spread(rng, connector.minutes * 60, 0.4), connector.every * 1800)
        state = "failed" if rng.random() < FAILS else "success"
        number = f"{day.toordinal()}{connector.number:02d}{hour:02d}"
        yield Run(connector, number, "schedule", None, start, start + timedelta(seconds=round(length)), state)


def volume(run: Run) -> tuple[int, int]:
    """Bytes and rows of a sync; a failed one moved nothing."""
    rng = dice(0, "volume", run.run_id)
    rows = 0 if run.state != "success" else rng.randrange(2_000, 400_000)
    return rows * 180, rows
