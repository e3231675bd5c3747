"""Registers that people keep, as files: the inventory and what maintenance was announced. Each is told as it is at a
moment: what is later is not in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tierline.demo.catalog import AIRFLOW
from tierline.demo.chance import ZONE
from tierline.demo.model import Dataset, Thing, Version
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.world import MAINTAINED, World

Row = dict[str, Any]
INVENTORY = (
    "asset", "kind", "valid_from", "tier", "owner", "team", "domain", "environment", "layer", "description", "schedule",
    "schedule_tz", "paused", "freshness", "freshness_objective", "retired",
)  # fmt: skip
MAINTENANCE = ("assets", "kpis", "start", "end", "reason", "by", "ref")


def inventory(world: World, now: datetime, since: datetime | None = None) -> Iterator[Row]:
    """Every version of every thing with the moment from which it holds: the history that the orchestrator doesn't
    keep. ``since``: the register as if it had been started then."""
    for thing in world.catalog:
        for version in _versions(thing, since):
            if version.since <= now:
                yield {"id": f"{thing.name}@{stamp(version.since)}", **_told(thing, version)}


def _versions(thing: Thing, since: datetime | None) -> list[Version]:
    """The thing's versions; those before ``since`` are one, from then on."""
    if since is None or since <= thing.born:
        return thing.versions
    later = [version for version in thing.versions if version.since > since]
    return [replace(thing.at(since), since=since), *later]


def _told(thing: Thing, version: Version) -> Row:
    row: Row = {
        "asset": thing.name, "kind": thing.kind, "valid_from": stamp(version.since), "tier": version.tier,
        "owner": version.team, "team": version.team, "domain": thing.domain, "environment": "production",
        "description": thing.description or None,
    }  # fmt: skip
    if isinstance(thing, Dataset):
        row |= {"owner": None, "description": None}  # the catalogue says so, where anybody does
    if thing.kind == "pipeline":
        row |= {"schedule": version.schedule, "schedule_tz": ZONE.key, "paused": version.paused}
    if isinstance(thing, Dataset):
        row |= {"layer": thing.layer, "freshness": _freshness(thing), "freshness_objective": thing.objective}
    return row | ({"retired": True} if version.retired else {})


def _freshness(dataset: Dataset) -> Row | None:
    if dataset.deadline is not None:
        return {"deadline": dataset.deadline, "tz": ZONE.key, "days": dataset.days}
    return {"max_age_seconds": dataset.max_age} if dataset.max_age is not None else None


def maintenance(world: World, now: datetime) -> Iterator[Row]:
    """What was announced."""
    start, end = world.weather.maintenance
    if start <= now:
        yield {
            "id": "CHG-0815", "assets": f"{AIRFLOW}/{MAINTAINED}_*", "kpis": ["pipeline_success_rate"],
            "start": stamp(start), "end": stamp(end), "reason": "maintenance", "by": "finance-data", "ref": "CHG-0815",
        }  # fmt: skip


def write_lines(path: Path, rows: Iterable[Row]) -> None:
    """JSON Lines, replaced as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)
