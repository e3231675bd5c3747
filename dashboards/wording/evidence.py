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
    "distribution.query_seconds": "query times",
    "distribution.lag_seconds": "lag of streams",
    "meter.cost": "cost",
    "meter.bytes": "bytes processed",
    "meter.queries": "queries",
    "meter.runs": "runs counted",
    "meter.events": "events counted",
    "meter.good": "requests that kept their objective",
    "meter.total": "requests",
    "meter.busy_seconds": "busy compute",
    "meter.provisioned_seconds": "provisioned compute",
    "meter.commitment_used": "commitments used",
    "meter.commitment_paid": "commitments paid",
    "meter.stored_bytes": "bytes stored",
    "meter.forecast_bytes": "bytes forecast",
    "change.pull_request": "pull requests",
    "incident": "incidents",
    "incident.class": "what went wrong in incidents",
    "incident.found_by": "who found incidents",
    "incident.steps": "the steps of the incident process",
    "edge": "lineage",
    "survey_answer": "survey answers",
    "work_item.action": "corrective actions",
    "work_item.access_request": "access requests",
    "work_item.closed_at": "when work was closed",
    "work_item.due_at": "when work falls due",
    "work_item.finding": "findings",
    "work_item.onboarding": "requests to onboard a source",
    "work_item.remediation": "remediations",
    "work_item.scoped": "scoped tickets",
    "work_item.severity": "how severe findings are",
    "work_item.support": "support tickets",
    "entry.automation_step": "steps, and which are automated",
    "entry.component_use": "who uses shared components",
    "entry.document": "key documents",
    "entry.initiative": "initiatives",
    "entry.milestone": "milestones",
    "entry.session": "sessions",
    "entry.team_enabled": "teams that went live",
    "entry.toil": "toil",
    "asset.tested": "which assets have tests",
    "asset.first_seen": "when assets were first seen",
    "asset.in_catalog": "which datasets the catalogue has",
    "asset.registered_by": "how datasets were registered",
    "asset.encrypted": "which datasets are encrypted",
    "asset.regulated": "which datasets are regulated",
    "asset.components": "which components assets use",
}
_IMPORTED = "imported "


def said(evidence: str) -> str:
    """The evidence in words; one without words of its own is said by its name."""
    kind, _, name = evidence.partition(".")
    return WORDS.get(evidence) or (
        f"{name.replace('_', ' ')} of each {kind.replace('_', ' ')}" if name else f"{kind.replace('_', ' ')}s"
    )


def group(wanted: Iterable[str]) -> str:
    """Any of several: which deployments failed, how deployments ended, or ... What only an import tells is left out."""
    words = [said(one) for one in wanted if not one.startswith(_IMPORTED)]
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
