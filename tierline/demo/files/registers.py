"""Registers that people and tools of the platform keep, as files: inventory, incidents, the pager's log, maintenance.
Each is told as it is at a moment: what is later is not in it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tierline.demo.alerts import shown
from tierline.demo.catalog import AIRFLOW
from tierline.demo.chance import ZONE
from tierline.demo.delivery import change_of
from tierline.demo.model import Dataset, Deployment, Incident, Thing, Version
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.world import MAINTAINED, World

Row = dict[str, Any]
INVENTORY = (
    "asset", "kind", "valid_from", "tier", "owner", "team", "domain", "environment", "layer", "description", "schedule",
    "schedule_tz", "paused", "freshness", "freshness_objective", "retired",
)  # fmt: skip
INCIDENTS = (
    "title", "started_at", "detected_at", "acknowledged_at", "resolved_at", "spans", "severity", "class", "cause",
    "assets", "found_by", "change", "duplicate_of",
)  # fmt: skip
ALERTS = ("rule", "asset", "fired_at", "acknowledged_at", "resolved_at", "label", "incident", "dedup_key")
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
    if thing.kind == "pipeline":
        row |= {"schedule": version.schedule, "schedule_tz": ZONE.key, "paused": version.paused}
    if isinstance(thing, Dataset):
        row |= {"layer": thing.layer, "freshness": _freshness(thing), "freshness_objective": thing.objective}
    return row | ({"retired": True} if version.retired else {})


def _freshness(dataset: Dataset) -> Row | None:
    if dataset.deadline is not None:
        return {"deadline": dataset.deadline, "tz": ZONE.key, "days": dataset.days}
    return {"max_age_seconds": dataset.max_age} if dataset.max_age is not None else None


def incidents(world: World, now: datetime) -> Iterator[Row]:
    """The incident tool's export."""
    for incident in world.incidents:
        if incident.started <= now:
            yield {"id": incident.key, **_incident(incident, now)}


def _incident(incident: Incident, now: datetime) -> Row:
    spans = [(start, end if end and end <= now else None) for start, end in incident.spans if start <= now]
    done = incident.resolved is not None and incident.resolved <= now
    first = incident.duplicate_of
    return {
        "title": incident.title, "started_at": stamp(incident.started), "detected_at": _past(incident.detected, now),
        "acknowledged_at": _past(incident.acknowledged, now), "resolved_at": stamp(incident.resolved) if done else None,
        "spans": json.dumps([[stamp(start), stamp(end)] for start, end in spans]), "severity": incident.severity,
        "class": incident.sort, "cause": incident.cause, "assets": ",".join(thing.name for thing in incident.things),
        "found_by": incident.found_by, "duplicate_of": f"INC-{first:04d}" if first else None,
        "change": _change(incident.deployment),
    }  # fmt: skip


def _change(deployment: Deployment | None) -> str | None:
    return change_of(deployment) if deployment else None


def _past(moment: datetime | None, now: datetime) -> str | None:
    return stamp(moment) if moment is not None and moment <= now else None


def alerts(world: World, now: datetime) -> Iterator[Row]:
    """The pager's log, with acknowledgements and what people said of each."""
    for alert in world.alerts:
        if alert.paged and alert.fired <= now:
            told = shown(alert, now)
            yield {
                "id": told.key, "rule": told.rule, "asset": told.thing.name, "fired_at": stamp(told.fired),
                "acknowledged_at": stamp(told.acknowledged), "resolved_at": stamp(told.resolved), "label": told.label,
                "incident": f"incidents/{told.incident.key}" if told.incident else None, "dedup_key": told.dedup,
            }  # fmt: skip


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


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    """CSV with a header, replaced as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows(rows)
    fresh.replace(path)
