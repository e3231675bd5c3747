"""PagerDuty's REST API v2: every page of the demo's platform with its log, alerts and custom fields, as far as it has
happened. A page of an incident has a priority; the others are alarms that somebody looked at, or nobody."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from tierline.demo.alerts import shown
from tierline.demo.catalog import TEAMS
from tierline.demo.model import Alert, Incident
from tierline.demo.servers.base import Refused, Request, Site
from tierline.demo.servers.pagerduty_pages import HOME, Page, alert_shape, entries, field_values, incident_shape
from tierline.demo.world import World

TOKEN = "pagerduty-key-of-the-demo"
FIELDS = {
    "started_at": "impact_start", "cause": "root_cause", "assets": "affected_assets", "class": "kind_of_problem",
    "found_by": "noticed_by", "change": "caused_by_change", "label": "worth_the_page",
    "steps": "process_steps",
}  # fmt: skip
"""Field of a fact -> the custom field that tells it."""
SEVERITIES = ("P1", "P2", "P3", "P4", "P5")
MOST, PAGE = 10_000, 100


class PagerDutySite(Site):
    """What PagerDuty shows at the clock's present."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.clock = clock
        self.pages = sorted(_pages(world), key=lambda page: (page.created, page.id))
        self._created = [page.created for page in self.pages]
        self._by_id = {page.id: page for page in self.pages}
        self.on("GET", "/services", lambda request: _paged(request, "services", [_service(team) for team in TEAMS]))
        self.on("GET", "/priorities", lambda request: _paged(request, "priorities", list(map(_priority, SEVERITIES))))
        self.on("GET", "/maintenance_windows", lambda request: _paged(request, "maintenance_windows", []))
        self.on("GET", "/incidents", self._incidents)
        self.on("GET", "/log_entries", self._entries)
        self.on("GET", "/incidents/([^/]+)", lambda request: {"incident": incident_shape(*self._one(request))})
        self.on("GET", "/incidents/([^/]+)/log_entries", self._entries_of)
        self.on("GET", "/incidents/([^/]+)/alerts", self._alerts_of)
        self.on("GET", "/incidents/([^/]+)/custom_fields/values", self._fields_of)

    def before(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Token token={TOKEN}":
            raise Refused(401, {"error": {"message": "Access denied", "code": 2010}})

    def _one(self, request: Request) -> tuple[Page, datetime]:
        page, now = self._by_id.get(request.found[0]), self.clock()
        if page is None or page.created > now:
            raise Refused(404, {"error": {"message": "Not Found", "code": 2100}})
        return page, now

    def _between(self, start: datetime, end: datetime) -> Iterable[Page]:
        """Pages created in [start, end), oldest first."""
        return self.pages[bisect_left(self._created, start) : bisect_left(self._created, end)]

    def _incidents(self, request: Request) -> Any:
        now = self.clock()
        if request.one("date_range") == "all":
            found = [page for page in self.pages if page.created <= now]
        else:
            start, end = _range(request)
            found = [page for page in self._between(start, end) if page.created <= now]
        statuses = request.query.get("statuses[]")
        wanted = [page for page in found if not statuses or page.status(now) in statuses]
        return _paged(request, "incidents", wanted, lambda page: incident_shape(page, now))

    def _entries(self, request: Request) -> Any:
        """The log of a stretch of time, newest first, each entry with its incident where that is asked for."""
        now = self.clock()
        start, end = _range(request)
        found = [
            (at, number, page)
            for page in self._between(self.pages[0].created, end) if page.last(now) >= start
            for number, (at, _, _) in enumerate(page.log(now)) if start <= at < end
        ]  # fmt: skip
        found.sort(key=lambda one: (one[0], one[2].id, one[1]), reverse=True)
        whole = "incidents" in request.query.get("include[]", ())
        return _paged(request, "log_entries", found, lambda one: entries(one[2], now, whole)[one[1]])

    def _entries_of(self, request: Request) -> Any:
        page, now = self._one(request)
        return _paged(request, "log_entries", entries(page, now, whole=False))

    def _alerts_of(self, request: Request) -> Any:
        page, now = self._one(request)
        told = [shown(alert, now) for alert in page.alerts if alert.fired <= now]
        return _paged(request, "alerts", [alert_shape(page, alert) for alert in told])

    def _fields_of(self, request: Request) -> Any:
        return {"custom_fields": field_values(*self._one(request), FIELDS)}


def _pages(world: World) -> Iterable[Page]:
    """A page an incident, with the alerts that its monitors sent; a page for each other alert."""
    sent: dict[int, list[Alert]] = {}
    by_key: dict[str, Incident] = {incident.key: incident for incident in world.incidents}
    for alert in world.alerts:
        if not alert.paged:
            continue
        incident = alert.incident or by_key.get(alert.key[: len("INC-0000")])
        if incident is None:
            yield Page(alert.key, alert.fired, [alert])
        else:
            sent.setdefault(incident.number, []).append(alert)
    for incident in world.incidents:
        yield Page(incident.key, incident.detected, sent.get(incident.number, []), incident)


def _service(team: str) -> dict[str, Any]:
    return {
        "id": service_id(team), "type": "service", "name": service_name(team), "summary": service_name(team),
        "html_url": f"{HOME}/service-directory/{service_id(team)}", "description": f"What {team} runs",
        "status": "active", "teams": [{"id": f"T-{team}", "type": "team_reference", "summary": team}],
    }  # fmt: skip


def service_id(team: str) -> str:
    return f"S-{team}"


def service_name(team: str) -> str:
    """What the on-call of a team is called."""
    return f"{team} on call"


def _priority(name: str) -> dict[str, Any]:
    return {"id": f"PRI-{name}", "type": "priority", "summary": name, "name": name, "description": None}


def _range(request: Request) -> tuple[datetime, datetime]:
    since, until = (datetime.fromisoformat(request.one(name, "")) for name in ("since", "until"))  # type: ignore[arg-type]
    return since, until


def _paged(
    request: Request, items: str, found: list[Any], shape: Callable[[Any], Any] = lambda record: record
) -> dict[str, Any]:
    """One page of a listing, in the vendor's words; refused where it would reach beyond the cap."""
    limit, offset = int(request.one("limit") or 25), int(request.one("offset") or 0)
    limit = min(limit, PAGE)
    if offset + limit > MOST:
        raise Refused(400, {"error": {"message": "Invalid Input Provided", "code": 2001,
                                      "errors": ["Offset and limit must be less than 10000"]}})  # fmt: skip
    part = found[offset : offset + limit]
    more = offset + limit < len(found)
    return {items: list(map(shape, part)), "limit": limit, "offset": offset, "more": more, "total": None}
