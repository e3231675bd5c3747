"""``responsible`` follows the cause: a failed run, or an incident, that began with an ancestor for which somebody else
answers is theirs. What a source or a person tells of it wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, get_args

from slo.blame import accountable
from slo.derive import Derivation
from slo.facts import Correction, Fact, Incident, Run
from slo.interchange import field_types, to_record
from slo.lineage.ancestors import Event
from slo.lineage.causes import Causes
from slo.view import View

SETTLED = timedelta(days=35)
"""What failed longer ago keeps what was inferred of it: a day's work stays a day's work."""
WORDS = get_args(field_types(Incident)["responsible"])


class Blame(Derivation):
    name = "blame"
    reads = ("run", "incident", "edge", "asset", "exclusion")
    tells = ("correction",)
    after = ("incidents",)

    def facts(self, view: View, standing: Mapping[str, Fact]) -> Iterator[dict[str, Any]]:
        since = view.as_of - SETTLED
        for key, fact in standing.items():
            if isinstance(fact, Correction) and fact.at is not None and fact.at < since:
                yield {**to_record(fact), "id": key}
        failures = list(_failures(view, since))
        names = {name for _, names, _ in failures for name in names}
        causes = Causes(view, names, since, view.as_of)
        if causes:
            for fact, assets, at in failures:
                yield from _inferred(view, causes, fact, assets, at, standing)


def _failures(view: View, since: datetime) -> Iterator[tuple[Run | Incident, list[str], datetime]]:
    """Failed runs and incidents since an instant, with their assets and when the failure was known."""
    placed = {"placed_at": (since, None)}
    for run in view.read("run", {**placed, "state": ["failed", "missed"]}):
        if run.trigger in (None, "schedule", "event") and run.asset is not None:
            yield run, [run.asset], run.ended_at or run.started_at or run.due_at
    for incident in view.read("incident", placed):
        begins = incident.started_at or incident.detected_at
        if begins is not None and incident.assets:
            yield incident, incident.assets, begins


def _inferred(
    view: View, causes: Causes, fact: Run | Incident, assets: list[str], at: datetime, standing: Mapping[str, Fact]
) -> Iterator[dict[str, Any]]:
    """The correction that says whose it is, where nobody told and it is not who would answer anyway."""
    key = f"{fact.kind_of_fact}/{fact.source}/{fact.id}"
    told = view.store.fact_original(fact).get("responsible") if key in standing else fact.responsible
    found = [cause for asset in assets if (cause := causes.cause(asset, at)) is not None]
    if told is not None or not found:
        return
    cause = min(found, key=lambda event: (event.at, event.asset))
    who = cause.responsible or "platform"
    if who != (accountable(view, assets[0], at) or "platform") and (isinstance(fact, Run) or who in WORDS):
        yield {
            "fact": "correction", "id": key, "target_fact": fact.kind_of_fact, "target_source": fact.source,
            "target_id": fact.id, "set": {"responsible": who}, "at": at.isoformat(), "reason": reason(cause),
        }  # fmt: skip


def reason(cause: Event) -> str:
    """Why, as it stands wherever the fact is explained."""
    return f"derived: {cause.asset} {cause.what} at {cause.at:%Y-%m-%d %H:%M} UTC"
