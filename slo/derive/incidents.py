"""What an incident leaves open, where its source says that it may be inferred: which assets it was about, and when it
began (docs/decisions/incidents-to-assets.md). What a source or a person tells is never overruled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slo.derive import Derivation
from slo.facts import Correction, Fact, Incident
from slo.incidents.linking import AHEAD, linked, services_of, standing_for
from slo.incidents.onset import BACK, onsets
from slo.interchange import to_record
from slo.view import View

ASSETS, START = "incident.assets", "incident.started_at"
READS = ("incident", "run", "check_result", "dataset_update")
STEERING = ("asset", "alias")
"""A change of these may reach any incident: an asset that gets its team, a threshold."""


@dataclass(frozen=True)
class Told:
    """An incident without what was inferred of it before."""

    incident: Incident
    assets: list[str]
    started: datetime | None
    spans: list[Any] | None

    @property
    def noticed(self) -> datetime | None:
        return self.incident.detected_at or self.started


class Incidents(Derivation):
    name = "incidents"
    reads = (*READS, *STEERING)
    tells = ("correction",)
    after = ("inherit",)

    def facts(self, view: View, standing: Mapping[str, Fact]) -> Iterator[dict[str, Any]]:
        reached = _reached(view, f"derivation:{self.name}", str(self.version))
        for source in view.platform.sources:
            if ASSETS in source.derives or START in source.derives:
                for incident in view.read("incident", {"source": source.name}):
                    yield from _of(view, incident, standing, source.derives, reached)


def _reached(view: View, key: str, version: str) -> tuple[datetime, datetime] | None:
    """The stretch of time in which something changed; None: all of it."""
    if view.store.meta(key) != version or view.store.changed_kinds() & set(STEERING):
        return None
    return view.store.changed_span(READS)


def _of(
    view: View, incident: Incident, standing: Mapping[str, Fact], derives: tuple[str, ...],
    reached: tuple[datetime, datetime] | None,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The correction of one incident. One that nothing has reached keeps what was inferred."""
    key = f"{incident.source}/{incident.id}"
    before = standing.get(key)
    told = _told(view, incident, before if isinstance(before, Correction) else None)
    at = told.noticed
    if at is None or incident.duplicate_of is not None:
        return
    if reached is not None and (reached[1] < at - 2 * BACK or at + AHEAD < reached[0]):
        yield from [{**to_record(before), "id": key}] if before else []
        return
    found, reasons = _inferred(view, told, at, derives)
    if found:
        yield {
            "fact": "correction", "id": key, "target_fact": "incident", "target_source": incident.source,
            "target_id": incident.id, "set": found, "reason": "derived: " + "; ".join(reasons), "at": _text(at),
        }  # fmt: skip


def _told(view: View, incident: Incident, before: Correction | None) -> Told:
    """What a source or a person said: what is inferred now is not built on what was inferred before."""
    collected = view.store.fact_original(incident) if before else {}
    inferred = before.set or {} if before else {}

    def own(name: str, now: Any, plain: Any) -> Any:
        return collected.get(name) if name in inferred and plain == inferred[name] else now

    if "assets" in inferred:
        inferred = {**inferred, "assets": [view.canonical(name) for name in inferred["assets"]]}
    return Told(
        incident, own("assets", incident.assets, incident.assets) or [],
        own("started_at", incident.started_at, _text(incident.started_at)),
        own("spans", incident.spans, _plain(incident.spans)),
    )  # fmt: skip


def _inferred(view: View, told: Told, at: datetime, derives: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    """Fields and their right values, and why."""
    found: dict[str, Any] = {}
    reasons: list[str] = []
    assets = told.assets
    services = services_of(view, assets)
    if services and ASSETS in derives:
        assets, why = _assets(view, told.incident, services, at)
        if assets:
            found["assets"] = assets
            reasons.append(why)
    if told.started is None and START in derives:
        first = next(iter(onsets(view, [name for name in assets if name not in services], at)), None)
        if first is not None:
            found |= _began(first.at, told.spans)
            reasons.append(f"began with {first.asset}: {first.what} at {_shown(first.at)}")
    return found, reasons


def _assets(view: View, incident: Incident, services: list[str], at: datetime) -> tuple[list[str], str]:
    failed = linked(view, incident, services, at)
    if failed:
        nearest = failed[0]
        team = view.dims(nearest.asset, at).team
        why = f"{nearest.asset} had a {nearest.what} at {_shown(nearest.at)}, and {team} owns the service"
        return sorted({onset.asset for onset in failed}), why
    return standing_for(view, services, at), f"{services[0]} stands for them"


def _began(start: datetime, spans: list[Any] | None) -> dict[str, Any]:
    """The start, and the stretches of a reopened incident with it."""
    told: dict[str, Any] = {"started_at": _text(start)}
    if spans:
        told["spans"] = _plain([[start, spans[0][1]], *spans[1:]])
    return told


def _plain(spans: list[Any] | None) -> Any:
    return None if spans is None else [[_text(start), _text(end)] for start, end in spans]


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
