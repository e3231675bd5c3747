"""Fivetran's REST API: groups, and connections with their latest success and failure."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tierline.demo.chance import local_day
from tierline.demo.connectors import DESTINATION, Connector
from tierline.demo.model import Run
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.servers.base import Refused, Request, Site
from tierline.demo.world import World

KEY, SECRET = "tierline-reader", "fivetran-secret"
_GROUP = "group_warehouse"
_BACK = timedelta(days=400)
"""How far back a latest failure is looked for."""


class FivetranSite(Site):
    """The account at the clock's present."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self.on("GET", "/v1/groups", self._groups)
        self.on("GET", "/v1/connections", self._connections)

    def before(self, request: Request) -> None:
        """Every answer wants the key and its secret."""
        expected = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            raise Refused(401, {"code": "Unauthorized", "message": "Missing or invalid key"})

    def _groups(self, _: Request) -> dict[str, Any]:
        items = [{"id": _GROUP, "name": DESTINATION, "created_at": stamp(self.world.start)}]
        return {"code": "Success", "data": {"items": items, "next_cursor": None}}

    def _connections(self, request: Request) -> dict[str, Any]:
        every = [one for one in self.world.catalog.connectors if one.vendor == "fivetran"]
        first, limit = int(request.one("cursor") or 0), int(request.one("limit") or 100)
        items = [self._listed(one) for one in every[first : first + limit]]
        following = str(first + limit) if first + limit < len(every) else None
        return {"code": "Success", "data": {"items": items, "next_cursor": following}}

    def _listed(self, connector: Connector) -> dict[str, Any]:
        now = self.clock()
        latest = self._latest(connector, now)
        syncing = any(run.state == "running" for run in self._runs(connector, now, now - timedelta(days=1)))
        return {
            "id": f"acme_{connector.number:02d}", "group_id": _GROUP, "service": connector.service,
            "schema": connector.title, "created_at": stamp(connector.born), "paused": False, "connected_by": "user_1",
            "succeeded_at": latest.get("success"), "failed_at": latest.get("failed"), "schedule_type": "auto",
            "sync_frequency": connector.every * 60, "daily_sync_time": None,
            "status": {"setup_state": "connected", "sync_state": "syncing" if syncing else "scheduled",
                       "update_state": "on_schedule", "is_historical_sync": False, "tasks": [], "warnings": []},
        }  # fmt: skip

    def _latest(self, connector: Connector, now: datetime) -> dict[str, str | None]:
        """State -> when a sync last ended so; days are looked at backwards until both are known."""
        found: dict[str, str | None] = {}
        day = now
        while len(found) < 2 and day > max(now - _BACK, self.world.start - timedelta(days=1)):
            for run in reversed(self._runs(connector, now, day, day)):
                if run.state != "running":
                    found.setdefault(run.state, stamp(run.ended))
            day -= timedelta(days=1)
        return found

    def _runs(self, connector: Connector, now: datetime, first: datetime, last: datetime | None = None) -> list[Run]:
        """The connection's syncs of some local days, as they stand now."""
        found = self.world.syncs(local_day(first), local_day(last or now), connector)
        return [seen for seen in (run.seen(now) for run in found) if seen is not None]
