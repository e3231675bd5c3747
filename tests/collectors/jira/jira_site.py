"""A Jira made of plain lists, in the place of the network: searches in pages of two, changelogs in bulk."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from collectors.base import Period, Raw
from collectors.jira.settings import JiraSettings
from collectors.sources.jira import Jira
from slo.interchange import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALL = Period(NOW - timedelta(days=60), NOW, latest=True)
TOKEN = "atatt-canary"
STATUSES = {"1": "new", "2": "indeterminate", "3": "done", "4": "indeterminate", "5": "done"}
FIELDS = [
    {"id": "priority", "name": "Priority"}, {"id": "customfield_1", "name": "Data team"},
    {"id": "customfield_2", "name": "Story points"}, {"id": "customfield_3", "name": "Time to resolution"},
    {"id": "customfield_4", "name": "Twice"}, {"id": "customfield_5", "name": "twice"},
    {"id": "customfield_6", "name": "Dataset"},
]  # fmt: skip
PERSON = {"accountId": "5b10", "displayName": "Pat Person", "emailAddress": "pat@example.invalid"}


@dataclass
class JiraSite(BaseAdapter):
    """``asked``: path, body and headers of every request. ``answers``: path -> (status, JSON) that goes before."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    listed: dict[str, list[str]] = field(default_factory=dict)
    """A word of the JQL -> ids that a listing of ids with it tells; all issues, if none fits."""
    answers: dict[str, Any] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    """Access tokens that are given out, the next first."""
    expired: str = ""
    """The one that is refused."""
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        path = urlsplit(str(request.url)).path
        body = json.loads(request.body or "{}")
        self.asked.append((path, body, dict(request.headers)))
        refused = (401, {}) if request.headers.get("Authorization") == f"Bearer {self.expired}" else None
        status, content = refused or self.answers.get(path) or (200, self._answer(path.rsplit("/", 1)[-1], body))
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = status, str(request.url), request
        answer._content = json.dumps(content).encode()
        answer.headers["Content-Type"] = "application/json"
        return answer

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, word: str, body: dict[str, Any]) -> Any:
        if word == "token":
            return {"access_token": self.tokens.pop(0), "expires_in": 3600, "token_type": "Bearer"}
        if word == "jql" and body["fields"] == ["id"]:
            ids = next((ids for text, ids in self.listed.items() if text in body["jql"]), None)
            return {"issues": [{"id": one} for one in (ids or [issue["id"] for issue in self.issues])], "isLast": True}
        if word == "jql":
            start = int(body.get("nextPageToken") or 0)
            more = {"nextPageToken": str(start + 2)} if start + 2 < len(self.issues) else {"isLast": True}
            return {"issues": self.issues[start : start + 2], **more}
        if word == "bulkfetch":
            known = [name for name in body["issueIdsOrKeys"] if name in self.logs]
            return {"issueChangeLogs": [{"issueId": name, "changeHistories": self.logs[name]} for name in known]}
        statuses = [{"id": name, "statusCategory": {"key": key}} for name, key in STATUSES.items()]
        return {"field": FIELDS, "status": statuses, "approximate-count": {"count": len(self.issues)},
                "serverInfo": {"baseUrl": "https://acme.atlassian.net"}}[word]  # fmt: skip


def issue(number: int, status: str = "1", **fields: Any) -> dict[str, Any]:
    """An issue opened on the 1st at 10:00 UTC, as Jira tells it (offset without colon)."""
    known = {
        "summary": f"Issue {number}", "issuetype": {"name": "Task"}, "created": "2026-11-01T12:00:00.000+0200",
        "updated": "2026-11-20T12:00:00.000+0200", "resolution": None, "resolutiondate": None, "labels": [],
        "status": {"id": status, "statusCategory": {"key": STATUSES.get(status, "new")}}, "assignee": PERSON,
        "project": {"key": "DATA"}, "priority": {"name": "High"}, "duedate": None,
    }  # fmt: skip
    return {"id": str(10_000 + number), "key": f"DATA-{number}", "fields": {**known, **fields}}


def move(day: int, before: str, after: str, hour: int = 10) -> dict[str, Any]:
    """A change of status of November, as bulkfetch tells it (milliseconds of the epoch), with a person in it."""
    at = datetime(2026, 11, day, hour, tzinfo=UTC)
    item = {"field": "status", "fieldId": "status", "from": before, "to": after, "fromString": "x", "toString": None}
    return {"id": f"{day}{hour}", "author": PERSON, "created": int(at.timestamp() * 1000), "items": [item]}


def source(**settings: Any) -> Jira:
    known = {"url": "https://acme.atlassian.net", "email": "bot@acme.example", "token": TOKEN, "jql": "project = DATA",
             "kinds": [{"kind": "scoped"}], **settings}  # fmt: skip
    return Jira("jira", JiraSettings.model_validate(known), lambda: NOW)


def told(jira: Jira, period: Period = ALL) -> list[Any]:
    raws = [raw for raw in jira.fetch(period) if isinstance(raw, Raw)]
    return [parse({**record, "source": "jira"}) for raw in raws for record in jira.parse(raw)]


def day(number: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)
