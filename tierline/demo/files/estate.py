"""What tools export of the platform's estate: the catalogue's cards, the lineage, names that changed, stream lag, what
is stored and forecast, and how often workloads ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tierline.demo.governance.cards import Card
from tierline.demo.means import capacity
from tierline.demo.means.workloads import BILL, counted, title
from tierline.demo.model import Dataset, Thing
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.world import World

Row = dict[str, Any]
CARD = (
    "asset", "kind", "valid_from", "description", "owner", "tags", "classification", "retention", "encrypted",
    "regulated", "in_catalog", "registered_by", "first_seen", "template", "components", "tested", "quality_objective",
    "environment", "layer", "tier", "team",
)  # fmt: skip
SANDBOX = "snowflake://acme/sandbox.mart"
"""Schema of the tables that are no production."""


def cards(world: World, now: datetime) -> Iterator[Row]:
    """Every card with the moment from which it holds."""
    for thing in world.catalog:
        for card in world.known.cards[thing.name]:
            if card.since <= now:
                yield _card(_name(world, thing, card), thing, card)
    for card in world.known.trials:
        yield {**_shape(f"{SANDBOX}.trial", card), "kind": "dataset", "layer": "mart", "tier": 1, "team": "growth"}


def _name(world: World, thing: Thing, card: Card) -> str:
    """What the catalogue called it then."""
    old = world.known.old_name(thing) if isinstance(thing, Dataset) else None
    return old if old and card.since < world.known.renamed else thing.name


def _card(name: str, thing: Thing, card: Card) -> Row:
    return {**_shape(name, card), "kind": thing.kind}


def _shape(name: str, card: Card) -> Row:
    return {
        "asset": name, "valid_from": stamp(card.since), "description": card.description, "owner": card.owner,
        "tags": list(card.tags) or None, "classification": card.classification, "retention": card.retention,
        "encrypted": card.encrypted, "regulated": card.regulated, "in_catalog": card.in_catalog,
        "registered_by": card.registered_by, "first_seen": stamp(card.first_seen), "template": card.template,
        "components": list(card.components) or None, "tested": card.tested, "environment": card.environment,
        "quality_objective": card.quality_objective,
    }  # fmt: skip


def links(world: World, now: datetime) -> Iterator[Row]:
    for link in world.known.links:
        if link.seen <= now:
            gone = link.gone if link.gone and link.gone <= now else None
            yield {"from": link.upstream, "to": link.downstream, "first seen": stamp(link.seen),
                   "last seen": stamp(gone) or ""}  # fmt: skip


def names(world: World, now: datetime) -> Iterator[Row]:
    """What was renamed, once it was."""
    for dataset in world.catalog.datasets:
        old = world.known.old_name(dataset)
        if old and world.known.renamed <= now:
            yield {"old": old, "new": dataset.name}


def lags(world: World, now: datetime) -> Iterator[Row]:
    """Log buckets a stream and UTC day: no sample leaves the exporter."""
    for day in world.charged_days(now):
        for lag in capacity.lags(world.seed, world.weather, world.streams, day):
            buckets = {str(index): count for index, count in sorted(lag.buckets.items())}
            yield {"topic": lag.stream.name, "day": f"{day}", "start": stamp(lag.at), "end": _end(day),
                   "gamma": capacity.GAMMA, "buckets": buckets}  # fmt: skip


def lake(world: World, now: datetime) -> Iterator[Row]:
    """What the object store's own inventory says each day."""
    for day in world.billed_days(now):
        amount = capacity.stored(world.seed, world.weather, capacity.LAKE, day)
        yield {"bucket": capacity.LAKE, "day": f"{day}", "next day": _next(day), "bytes": f"{amount:.0f}"}


def forecasts(world: World, now: datetime) -> Iterator[Row]:
    """Finance's plan, a line a system and Monday, some of it still to come."""
    for back in range(220, -30, -1):
        day = world.weather.last - timedelta(days=back)
        for system in capacity.SYSTEMS if day.weekday() == 0 else ():
            amount = capacity.forecast(world.seed, world.weather, system, day)
            yield {"system": system, "week of": f"{day}", "next day": _next(day), "bytes": f"{amount:.0f}"}


def runs(world: World, now: datetime) -> Iterator[Row]:
    for day in world.billed_days(now):
        for one in counted(world.seed, world.money.workloads, day):
            yield {"workload": title(one.workload), "day": f"{day}", "next day": _next(day),
                   "runs": f"{one.count}"}  # fmt: skip


def _next(day: date) -> str:
    return f"{day + timedelta(days=1)}"


def _end(day: date) -> str | None:
    return stamp(capacity.utc(day + timedelta(days=1)))


def _daily(meter: str, asset: Any, day: str, amount: str) -> dict[str, Any]:
    """Settings of a register with a reading a UTC day."""
    return {
        "fact": "meter", "timezone": "UTC", "map": {
            "meter": {"value": meter}, "asset": asset, "at": day, "until": "next day", "tz": {"value": "UTC"},
            "amount": amount},
    }  # fmt: skip


BOOKS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "catalog": ("catalog.jsonl", {"fact": "asset", "id": "{asset}", "map": {name: name for name in CARD}}, cards),
    "lineage": ("lineage.csv", {"fact": "edge", "map": {
        "upstream": "from", "downstream": "to", "seen_at": "first seen", "gone_at": "last seen"}}, links),
    "renamed": ("renamed.csv", {"fact": "alias", "map": {"old": "old", "new": "new"}}, names),
    "stream-lag": ("stream-lag.jsonl", {"fact": "distribution", "id": "{topic}/{day}", "map": {
        "metric": {"value": "lag_seconds"}, "asset": "topic", "at": "start", "until": "end", "tz": {"value": "UTC"},
        "gamma": "gamma", "buckets": "buckets"}}, lags),
    "lake": ("lake.csv", {"id": "{bucket}/{day}", **_daily("stored_bytes", "bucket", "day", "bytes")}, lake),
    "forecast": ("forecast.csv", {"id": "{system}/{week of}",
                 **_daily("forecast_bytes", "system", "week of", "bytes")}, forecasts),
    "workload-runs": ("workload-runs.csv", {"id": "{workload}/{day}",
                      **_daily("runs", {"template": f"{BILL}/{{workload}}"}, "day", "runs")}, runs),
}  # fmt: skip
"""Source -> file, settings, rows."""
