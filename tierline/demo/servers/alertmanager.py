"""Alertmanager: its API v2 lists what is active now, and its webhook told of each alert as it fired and resolved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tierline.demo.alerts import shown
from tierline.demo.model import Alert
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.servers.base import Request, Site
from tierline.demo.world import World

ZERO = "0001-01-01T00:00:00Z"
"""What the webhook writes for an end that has not come."""
HOME = "http://alertmanager.example:9093"


class AlertmanagerSite(Site):
    """What is active at the clock's present. It knows only the alerts that never reach the pager."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self.on("GET", "/api/v2/alerts", self._alerts)
        self.on("GET", "/api/v2/status", self._status)
        self.on("GET", "/-/healthy", lambda _: b"{}")

    def _alerts(self, _: Request) -> list[dict[str, Any]]:
        now = self.clock()
        return [listed(alert, now) for alert in active(self.world, now)]

    def _status(self, _: Request) -> dict[str, Any]:
        return {
            "cluster": {"status": "disabled", "peers": []}, "config": {"original": ""},
            "uptime": stamp(self.world.start), "versionInfo": {"version": "0.25.0"},
        }  # fmt: skip


def active(world: World, now: datetime) -> list[Alert]:
    """Alertmanager's own alerts that are firing at the moment."""
    told = (shown(alert, now) for alert in world.alerts if not alert.paged and alert.fired <= now)
    return [alert for alert in told if alert.resolved is None]


def labels(alert: Alert) -> dict[str, str]:
    return {"alertname": alert.rule, "asset": alert.thing.name, "severity": "ticket"}


def fingerprint(alert: Alert) -> str:
    """Sixteen hexadecimal digits from the labels, as Alertmanager makes them."""
    return hashlib.blake2b(json.dumps(labels(alert), sort_keys=True).encode(), digest_size=8).hexdigest()


def listed(alert: Alert, now: datetime) -> dict[str, Any]:
    """A gettable alert of API v2."""
    return {
        "annotations": {"summary": f"{alert.rule} on {alert.thing.name}"}, "labels": labels(alert),
        "startsAt": stamp(alert.fired), "endsAt": stamp(now + timedelta(minutes=4)), "updatedAt": stamp(alert.fired),
        "fingerprint": fingerprint(alert), "generatorURL": "http://prometheus.example:9090/graph",
        "receivers": [{"name": "hook"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []},
    }  # fmt: skip


def deliveries(alerts: list[Alert], size: int = 50) -> Iterator[dict[str, Any]]:
    """Webhook bodies (version 4) that tell these alerts: firing, or resolved where they are."""
    for start in range(0, len(alerts), size):
        group = alerts[start : start + size]
        yield {
            "version": "4", "receiver": "hook", "groupKey": "{}:{}", "truncatedAlerts": 0, "externalURL": HOME,
            "status": "firing" if any(alert.resolved is None for alert in group) else "resolved",
            "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "alerts": [_told(a) for a in group],
        }  # fmt: skip


def _told(alert: Alert) -> dict[str, Any]:
    return {
        "status": "resolved" if alert.resolved else "firing", "labels": labels(alert), "annotations": {},
        "startsAt": stamp(alert.fired), "endsAt": stamp(alert.resolved) or ZERO,
        "generatorURL": "http://prometheus.example:9090/graph", "fingerprint": fingerprint(alert),
    }  # fmt: skip
