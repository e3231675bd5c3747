"""Evidence as a person says it: what a KPI needs to be told before it can have a value."""

from __future__ import annotations

from collections.abc import Iterable

WORDS: dict[str, str] = {
    "run": "runs",
    "run.started_at": "when runs started",
    "run.ended_at": "when runs ended",
    "run.backfill": "which runs were a backfill",
    "dataset_update": "when datasets were updated",
    "asset.freshness": "how fresh each dataset must be",
    "check_result": "results of data tests",
    "incident.started_at": "when incidents began",
    "incident.detected_at": "when incidents were detected",
    "incident.resolved_at": "when incidents were resolved",
    "incident.spans": "when incidents were open",
    "incident.cause": "causes of incidents",
    "incident.change": "which change caused an incident",
    "alert": "alerts",
    "alert.acknowledged_at": "when alerts were acknowledged",
    "alert.label": "which alerts called for action",
    "alert.incident": "which incident an alert belongs to",
    "change.deployment": "deployments",
    "change.failure": "which deployments failed",
    "change.state": "how deployments ended",
    "distribution": "query times",
    "meter.cost": "cost",
    "meter.bytes": "bytes processed",
    "meter.queries": "queries",
    "meter.runs": "runs counted",
    "meter.events": "events counted",
}
_IMPORTED = "imported "


def said(evidence: str) -> str:
    """The evidence in words; one without words of its own is said by its name."""
    kind, _, name = evidence.partition(".")
    return WORDS.get(evidence) or (f"{name.replace('_', ' ')} of each {kind}" if name else f"{kind.replace('_', ' ')}s")


def group(wanted: Iterable[str]) -> str:
    """Any of several: which deployments failed, how deployments ended, or ... What only an import tells is left out."""
    words = [said(one) for one in wanted if not one.startswith(_IMPORTED)]
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
