"""Jira Cloud: the teams' work, found by the JQL that Tierline asks, with changelogs in bulk."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tierline.demo.chance import ZONE
from tierline.demo.servers.base import Refused, Request, Site
from tierline.demo.work import Work
from tierline.demo.world import World

EMAIL, TOKEN = "tierline@acme.example", "jira-token-of-the-demo"
JQL = "project = DATA"
TYPES = {
    "support": "Service Request", "access_request": "Access Request", "scoped": "Story", "onboarding": "Onboarding",
    "finding": "Vulnerability", "remediation": "Improvement", "action": "Action Item",
}  # fmt: skip
"""Kind of work -> issue type."""
SIZES = {"1": "small", "2": "small", "3": "medium", "5": "medium", "8": "large"}
POINTS, TEAM, ASSET, DUE = "customfield_10016", "customfield_10001", "customfield_10050", "customfield_10060"
SEVERITY, COMPLEXITY = "customfield_10070", "customfield_10071"
FIELDS = {
    "priority": "Priority", POINTS: "Story Points", TEAM: "Data team", ASSET: "Dataset", DUE: "Time to resolution",
    SEVERITY: "Severity", COMPLEXITY: "Complexity",
}  # fmt: skip
_STATUSES = {"10000": ("To Do", "new"), "3": ("In Progress", "indeterminate"), "10002": ("Done", "done")}
_RESOLUTIONS = {"done": "Done", "refused": "Won't Do", "withdrawn": "Canceled"}
_SINCE = re.compile(r'updated (>=|<=) "-(\d+)m"')
_KINDS = re.compile(r"issuetype in \(([^)]*)\)")


class JiraSite(Site):
    """What Jira shows at the clock's present."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.clock = clock
        self.work = {issue_id(one): one for one in world.work}
        api = "/rest/api/3"
        self.on("GET", f"{api}/serverInfo", lambda _: {"baseUrl": "https://acme.atlassian.net", "version": "1001.0.0"})
        self.on("GET", f"{api}/field", lambda _: [{"id": key, "name": name} for key, name in FIELDS.items()])
        self.on("GET", f"{api}/status", lambda _: [_status(key) for key in _STATUSES])
        self.on("POST", f"{api}/search/jql", self._search)
        self.on("POST", f"{api}/search/approximate-count", self._count)
        self.on("POST", f"{api}/changelog/bulkfetch", self._changes)

    def before(self, request: Request) -> None:
        told = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {told}":
            raise Refused(401, {"errorMessages": ["Client must be authenticated to access this resource."]})

    def _found(self, jql: str) -> list[tuple[datetime, str]]:
        """(last change, id) of the issues that the JQL finds, in its order."""
        now, types = self.clock(), _KINDS.search(jql)
        found = [
            (updated(one, now), name)
            for name, one in self.work.items()
            if one.opened <= now and (types is None or f'"{TYPES[one.kind]}"' in types[1])
        ]
        for sign, minutes in _SINCE.findall(jql):
            bound = (now - timedelta(minutes=int(minutes))).replace(second=0)
            found = [row for row in found if (row[0] >= bound if sign == ">=" else row[0] < bound + _MINUTE)]
        return sorted(found)

    def _search(self, request: Request) -> dict[str, Any]:
        """A page; the token for the next is the last issue's own place, so that nothing shifts."""
        asked = json.loads(request.body)
        found = self._found(asked["jql"])
        if after := asked.get("nextPageToken"):
            found = [row for row in found if _token(*row) > after]
        page = found[: asked.get("maxResults", 50)]
        more = {"nextPageToken": _token(*page[-1])} if len(found) > len(page) else {"isLast": True}
        if asked.get("fields", ["id"]) == ["id"]:
            return {"issues": [{"id": name} for _, name in page], **more}
        return {"issues": [_issue(name, self.work[name], self.clock()) for _, name in page], **more}

    def _count(self, request: Request) -> dict[str, int]:
        return {"count": len(self._found(json.loads(request.body)["jql"]))}

    def _changes(self, request: Request) -> dict[str, Any]:
        now = self.clock()
        logs = {
            name: list(_histories(name, self.work[name], now)) for name in json.loads(request.body)["issueIdsOrKeys"]
        }
        return {"issueChangeLogs": [{"issueId": name, "changeHistories": log} for name, log in logs.items() if log]}


_MINUTE = timedelta(minutes=1)


def issue_id(one: Work) -> str:
    return str(1_000_000 + one.number)


def moves(one: Work, now: datetime) -> Iterator[tuple[datetime, str, str]]:
    """(when, from status, to status) of what has happened by now."""
    told = [(one.started, "10000", "3")]
    for closed, reopened in one.closings:
        told.append((closed, "3", "10002"))
        told += [(reopened, "10002", "3")] if reopened else []
    yield from (move for move in told if move[0] <= now)


def updated(one: Work, now: datetime) -> datetime:
    return max([one.opened, *(at for at, _, _ in moves(one, now))])


def stamp(moment: datetime) -> str:
    """A time as Jira writes it: the site's zone, an offset without colon."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S.000%z")


def _token(at: datetime, name: str) -> str:
    return f"{at.timestamp():015.0f}/{name}"


def _status(key: str) -> dict[str, Any]:
    name, category = _STATUSES[key]
    return {"id": key, "name": name, "statusCategory": {"key": category, "name": name}}


def _issue(name: str, one: Work, now: datetime) -> dict[str, Any]:
    told = list(moves(one, now))
    status = told[-1][2] if told else "10000"
    closed = told[-1][0] if status == "10002" else None
    return {
        "id": name, "key": f"DATA-{one.number}",
        "fields": {
            "summary": one.title, "issuetype": {"name": TYPES[one.kind]}, "project": {"key": "DATA"},
            "created": stamp(one.opened), "updated": stamp(updated(one, now)), "status": _status(status),
            "resolution": {"name": _RESOLUTIONS[one.outcome]} if closed else None,
            "resolutiondate": stamp(closed) if closed else None, "labels": [], "priority": {"name": one.priority},
            "duedate": None, POINTS: float(one.points), TEAM: {"value": one.team}, ASSET: one.asset,
            DUE: _service_level(one, closed), SEVERITY: _option(one.severity), COMPLEXITY: _option(one.complexity),
        },
    }  # fmt: skip


def _option(word: str | None) -> dict[str, str] | None:
    return None if word is None else {"value": word.capitalize()}


def _service_level(one: Work, closed: datetime | None) -> dict[str, Any] | None:
    """The cycle of the agreed time to resolution."""
    if one.due is None:
        return None
    cycle = {"startTime": {"epochMillis": _millis(one.opened)}, "breachTime": {"epochMillis": _millis(one.due)},
             "breached": (closed or one.due) > one.due}  # fmt: skip
    return {"completedCycles": [cycle]} if closed else {"completedCycles": [], "ongoingCycle": cycle}


def _histories(name: str, one: Work, now: datetime) -> Iterator[dict[str, Any]]:
    for place, (at, before, after) in enumerate(moves(one, now)):
        item = {"field": "status", "fieldId": "status", "from": before, "to": after}
        yield {"id": f"{name}{place}", "created": _millis(at), "items": [item]}


def _millis(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
