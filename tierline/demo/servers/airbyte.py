"""Airbyte's public API: tokens that live for three minutes, connections, and jobs by the moment they were made."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tierline.demo.chance import local_day
from tierline.demo.connectors import Connector, volume
from tierline.demo.model import Run
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.servers.base import Refused, Request, Site
from tierline.demo.world import World

CLIENT, SECRET = "tierline-reader", "airbyte-secret"
ROOT = "/api/public/v1"
_LIFE = 180
"""Seconds a token is good for."""
_WORKSPACE = str(uuid.uuid5(uuid.NAMESPACE_URL, "airbyte/acme"))
_STATES = {"success": "succeeded", "failed": "failed", "running": "running"}
_NEAR = timedelta(days=2)
"""A job changes no later than this after it was made."""


class AirbyteSite(Site):
    """A self-hosted Airbyte at the clock's present."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self.on("POST", f"{ROOT}/applications/token", self._token)
        self.on("GET", f"{ROOT}/connections", self._connections)
        self.on("GET", f"{ROOT}/jobs", self._jobs)
        self.on("GET", f"{ROOT}/jobs/([^/]+)", self._job)

    def before(self, request: Request) -> None:
        """Everything but the token wants one that has not expired."""
        if request.path.endswith("/applications/token"):
            return
        told = (request.headers.get("Authorization") or "").removeprefix("Bearer until-")
        if not told.isdigit() or int(told) < self.clock().timestamp():
            raise Refused(401, {"message": "Unauthorized"})

    def _token(self, request: Request) -> dict[str, Any]:
        told = json.loads(request.body or b"{}")
        if (told.get("client_id"), told.get("client_secret")) != (CLIENT, SECRET):
            raise Refused(401, {"message": "Invalid client"})
        until = int(self.clock().timestamp()) + _LIFE
        return {"access_token": f"until-{until}", "token_type": "Bearer", "expires_in": _LIFE}

    def _known(self) -> list[Connector]:
        return [one for one in self.world.catalog.connectors if one.vendor == "airbyte"]

    def _connections(self, request: Request) -> dict[str, Any]:
        return _page(request, [_connection(one) for one in self._known()])

    def _jobs(self, request: Request) -> dict[str, Any]:
        """Jobs in the order in which they were made, within the bounds on that moment and on their last change."""
        if request.one("orderBy", "createdAt|ASC") != "createdAt|ASC":
            raise Refused(422, {"message": "orderBy: the demo knows createdAt|ASC only"})
        made, changed = _bounds(request, "createdAt"), _bounds(request, "updatedAt")
        first = max(made[0], changed[0] - _NEAR, self.world.start)
        runs = self._runs(first, min(made[1], self.clock()))
        fitting = [run for run in runs if made[0] <= run.started <= made[1] and changed[0] <= _touched(run)]
        return _page(request, [_shape(run) for run in fitting])

    def _runs(self, first: datetime, last: datetime) -> list[Run]:
        now = self.clock()
        days = local_day(first), local_day(last)
        found = [run for one in self._known() for run in self.world.syncs(*days, one)]
        seen = [run for run in (run.seen(now) for run in found) if run is not None]
        return sorted(seen, key=lambda run: (run.started, run.run_id))

    def _job(self, request: Request) -> dict[str, Any]:
        now = self.clock()
        for run in self._runs(now - _NEAR, now):
            if run.run_id == request.found[0]:
                return _shape(run)
        raise Refused(404, {"message": f"Job {request.found[0]} was not found"})


def _identity(connector: Connector) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"airbyte/{connector.name}"))


def _connection(connector: Connector) -> dict[str, Any]:
    schedule = {"scheduleType": "basic", "basicTiming": f"Every {connector.every} hours"}
    return {
        "connectionId": _identity(connector), "name": connector.title, "workspaceId": _WORKSPACE, "status": "active",
        "sourceId": _identity(connector), "destinationId": _WORKSPACE, "schedule": schedule, "dataResidency": "auto",
        "configurations": {"streams": []}, "createdAt": int(connector.born.timestamp()) + connector.number,
        "tags": [{"tagId": _WORKSPACE, "workspaceId": _WORKSPACE, "name": connector.domain, "color": "B1B3F1"}],
    }  # fmt: skip


def _shape(run: Run) -> dict[str, Any]:
    """JobResponse. A duration stands there once the job has ended."""
    assert isinstance(run.pipeline, Connector)
    told = {
        "jobId": int(run.run_id), "status": _STATES[run.state], "jobType": "sync", "startTime": stamp(run.started),
        "connectionId": _identity(run.pipeline), "lastUpdatedAt": stamp(_touched(run)),
    }  # fmt: skip
    if run.state == "running":
        return told
    seconds = int((run.ended - run.started).total_seconds())
    size, rows = volume(run)
    return {**told, "duration": f"PT{seconds // 60}M{seconds % 60}S", "bytesSynced": size, "rowsSynced": rows}


def _touched(run: Run) -> datetime:
    return run.started if run.state == "running" else run.ended


def _bounds(request: Request, field: str) -> tuple[datetime, datetime]:
    """The moments between which a field is asked for, both included."""
    start, end = request.one(f"{field}Start"), request.one(f"{field}End")
    first = datetime.fromisoformat(start or "2000-01-01T00:00:00+00:00")
    return first, datetime.fromisoformat(end or "2100-01-01T00:00:00+00:00")


def _page(request: Request, items: list[dict[str, Any]]) -> dict[str, Any]:
    first, limit = int(request.one("offset") or 0), min(int(request.one("limit") or 20), 100)
    following = f"{ROOT}?offset={first + limit}" if first + limit < len(items) else ""
    return {"previous": "", "next": following, "data": items[first : first + limit]}
