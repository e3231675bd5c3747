"""One page of the demo's pager: its course, and the shapes in which the API shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tierline.demo.alerts import shown
from tierline.demo.delivery import change_of
from tierline.demo.model import Alert, Incident, Thing
from tierline.demo.people.process import written
from tierline.demo.servers.airflow_shapes import stamp

HOME = "https://acme.pagerduty.com"
PEOPLE = ("consumer", "operator")
"""Who opens an incident by hand."""
Entry = tuple[datetime, str, str]
"""When, which type of log entry, and whether a service or a user did it."""


@dataclass(frozen=True)
class Page:
    """What went off at ``created``: an incident with the alerts of its monitors, or an alert alone."""

    id: str
    created: datetime
    alerts: list[Alert] = field(default_factory=list)
    incident: Incident | None = None

    @property
    def thing(self) -> Thing:
        return self.incident.things[0] if self.incident else self.alerts[0].thing

    @property
    def team(self) -> str:
        """The team on call."""
        return self.thing.at(self.created).team

    @property
    def title(self) -> str:
        alone = self.alerts[0] if self.alerts else None
        return self.incident.title if self.incident else f"{alone.rule}: {alone.thing.name}" if alone else ""

    @property
    def merged(self) -> bool:
        return self.incident is not None and self.incident.duplicate_of is not None

    def log(self, now: datetime) -> list[Entry]:
        """Its log up to a moment, in order of time."""
        course = self._of_incident(self.incident) if self.incident else self._of_alert(self.alerts[0])
        return [entry for entry in course if entry[0] <= now]

    def _of_incident(self, incident: Incident) -> list[Entry]:
        """Noticed, acknowledged, resolved; some come back. One that was reported twice is merged at once."""
        by = "user" if incident.found_by in PEOPLE else "service"
        if self.merged:
            return [(self.created, "trigger", "user"), (self.created, "resolve", "user")]
        told: list[Entry] = [(self.created, "trigger", by), (incident.acknowledged, "acknowledge", "user")]
        for number, (start, end) in enumerate(incident.spans):
            told += [(start, "reopen", "user")] if number else []
            told += [(end, "resolve", "user")] if end else []
        return sorted(told, key=lambda entry: entry[0])

    def _of_alert(self, alert: Alert) -> list[Entry]:
        told: list[Entry] = [(self.created, "trigger", "service")]
        told += [(alert.acknowledged, "acknowledge", "user")] if alert.acknowledged else []
        told += [(alert.resolved, "resolve", "service")] if alert.resolved else []
        return told

    def last(self, now: datetime) -> datetime:
        """When anything happened last."""
        return self.log(now)[-1][0]

    def status(self, now: datetime) -> str:
        """triggered, acknowledged or resolved."""
        last = self.log(now)[-1][1]
        return {"resolve": "resolved", "acknowledge": "acknowledged"}.get(last, "triggered")


def incident_shape(page: Page, now: datetime) -> dict[str, Any]:
    """As GET /incidents shows it."""
    incident, status, last = page.incident, page.status(now), stamp(page.last(now))
    severity = f"P{incident.severity}" if incident else None
    first = f"INC-{incident.duplicate_of:04d}" if incident and incident.duplicate_of else None
    alerts = sum(alert.fired <= now for alert in page.alerts)
    return {
        "id": page.id, "type": "incident", "summary": page.title, "title": page.title, "status": status,
        "html_url": f"{HOME}/incidents/{page.id}", "created_at": stamp(page.created), "updated_at": last,
        "last_status_change_at": last, "resolved_at": last if status == "resolved" else None, "incident_key": page.id,
        "urgency": "high" if incident else "low", "service": service_reference(page.team),
        "priority": {"id": f"PRI-{severity}", "type": "priority_reference", "summary": severity} if severity else None,
        "resolve_reason": {"type": "merge_resolve_reason", "incident": {"id": first}} if first else None,
        "alert_counts": {"all": alerts}, "acknowledgements": [], "assignments": [],
        "teams": [{"id": f"T-{page.team}", "type": "team_reference", "summary": page.team}],
        "incident_type": {"name": "incident_default"},
    }  # fmt: skip


def service_reference(team: str) -> dict[str, Any]:
    return {"id": f"S-{team}", "type": "service_reference", "summary": f"{team} on call"}


def entries(page: Page, now: datetime, whole: bool) -> list[dict[str, Any]]:
    """Its log; ``whole``: with the incident itself, not a reference."""
    incident = incident_shape(page, now) if whole else {"id": page.id, "type": "incident_reference"}
    return [
        {
            "id": f"R-{page.id}-{number}", "type": f"{kind}_log_entry", "created_at": stamp(at),
            "agent": {"type": f"{by}_reference"}, "incident": incident,
        }
        for number, (at, kind, by) in enumerate(page.log(now))
    ]  # fmt: skip


def alert_shape(page: Page, alert: Alert) -> dict[str, Any]:
    """As GET /incidents/{id}/alerts shows it; the monitor sends along which asset it is about."""
    return {
        "id": alert.key, "type": "alert", "summary": f"{alert.rule} on {alert.thing.name}",
        "html_url": f"{HOME}/alerts/{alert.key}", "created_at": stamp(alert.fired),
        "status": "resolved" if alert.resolved else "triggered", "alert_key": alert.dedup,
        "service": service_reference(page.team), "suppressed": False, "severity": "critical",
        "incident": {"id": page.id, "type": "incident_reference"},
        "body": {"type": "alert_body", "details": {"rule": alert.rule, "affected_assets": alert.thing.name}},
    }  # fmt: skip


def field_values(page: Page, now: datetime, names: dict[str, str]) -> list[dict[str, Any]]:
    """Its custom fields: what people wrote into it. ``names``: field of a fact -> name of the custom field."""
    told = _of_incident(page.incident) if page.incident else _of_alert(page, now)
    return [
        {
            "id": f"F-{name}", "type": "field_value", "name": name, "display_name": name.replace("_", " ").capitalize(),
            "data_type": "datetime" if what == "started_at" else "string",
            "field_type": "multi_value" if what == "assets" else "single_value", "value": told.get(what),
        }
        for what, name in names.items()
    ]  # fmt: skip


def _of_incident(incident: Incident) -> dict[str, Any]:
    return {
        "started_at": stamp(incident.started), "cause": incident.cause, "class": incident.sort,
        "assets": [thing.name for thing in incident.things], "found_by": incident.found_by,
        "change": change_of(incident.deployment) if incident.deployment else None, "steps": written(incident),
    }  # fmt: skip


def _of_alert(page: Page, now: datetime) -> dict[str, Any]:
    """Whether it was worth the page: somebody says so within the hour."""
    return {"label": shown(page.alerts[0], now).label}
