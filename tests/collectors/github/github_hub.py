"""A GitHub made of plain lists, in the place of the network: GraphQL listings in pages of two, REST as it comes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

from collectors.base import Period, Raw
from collectors.github.settings import GithubSettings
from collectors.sources.github import Github
from slo.interchange import parse

REPO = "acme/dbt"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALL = Period(NOW - timedelta(days=60), NOW, latest=True)
TOKEN = "github_pat_canary"
PAGE = 2


@dataclass
class Hub(BaseAdapter):
    """What one repository tells. ``asked``: path, query or variables, and headers of every request."""

    deployments: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    commits: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)
    """Path -> JSON or (status, JSON)."""
    errors: list[dict[str, Any]] | None = None
    hidden: str = ""
    """A repository's name that GraphQL knows nothing of."""
    codeowners: str | None = None
    tokens: list[str] = field(default_factory=list)
    """Installation tokens that are given out, the next first."""
    expired: str = ""
    """The one that is refused."""
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        query: dict[str, Any] = dict(parse_qsl(parts.query))
        if parts.path.endswith("/graphql"):
            query = json.loads(request.body or "{}")["variables"]
        self.asked.append((parts.path, query, dict(request.headers)))
        refused = (401, {}) if request.headers.get("Authorization") == f"Bearer {self.expired}" else None
        found = refused or self._answer(parts.path, query)
        status, content = found if isinstance(found, tuple) else (200, found)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = status, str(request.url), request
        answer._content = json.dumps(content).encode()
        answer.headers["Content-Type"] = "application/json"
        return answer

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, path: str, query: dict[str, Any]) -> Any:
        if path.endswith("/graphql"):
            if query["name"] == self.hidden:
                return {"data": {"repository": None}}
            return {"errors": self.errors} if self.errors else {"data": {"repository": self._repository(query)}}
        if path.endswith("/access_tokens"):
            return 201, {"token": self.tokens.pop(0)}
        if path == f"/repos/{REPO}/commits":
            return self.commits
        if path == f"/repos/{REPO}/actions/workflows/deploy.yml/runs":
            return self._runs(query)
        return self.rest.get(path, (404, {"message": "Not Found"}))

    def _repository(self, query: dict[str, Any]) -> dict[str, Any]:
        if "environments" in query:
            return {"listing": _page(self.deployments, query)}
        if "branch" in query:
            return {"listing": _page(self.pulls, query)}
        text = {"text": self.codeowners} if self.codeowners is not None else None
        return {"url": f"https://github.com/{REPO}", "defaultBranchRef": {"name": "main"}, "first": text,
                "second": None, "third": None}  # fmt: skip

    def _runs(self, query: dict[str, Any]) -> dict[str, Any]:
        """Runs of the asked stretch, newest first; never more than the first thousand, as GitHub has it."""
        first, last = query["created"].split("..")
        within = [run for run in self.runs if first <= run["created_at"] <= last]
        size, page = int(query["per_page"]), int(query["page"])
        return {"total_count": len(within), "workflow_runs": within[:1000][(page - 1) * size : page * size]}


def _page(nodes: list[dict[str, Any]], query: dict[str, Any]) -> dict[str, Any]:
    start = int(query.get("after") or 0)
    end = start + PAGE
    return {"nodes": nodes[start:end], "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(end)}}


def deployment(number: int, sha: str, created: str, *statuses: tuple[str, str]) -> dict[str, Any]:
    """A node of GraphQL's deployments; statuses (state, time) newest first."""
    nodes = [{"state": state, "createdAt": at} for state, at in statuses]
    told = {"nodes": nodes, "pageInfo": {"hasNextPage": False}}
    return {"databaseId": number, "createdAt": created, "commitOid": sha, "statuses": told}


def pull(number: int, title: str, merged: str, sha: str, **more: Any) -> dict[str, Any]:
    """A node of GraphQL's merged pull requests. ``more``: body, labels, files, lines, updated."""
    return {
        "number": number, "title": title, "url": f"https://github.com/{REPO}/pull/{number}", "body": more.get("body"),
        "mergedAt": merged, "updatedAt": more.get("updated", merged), "additions": more.get("lines", 0), "deletions": 0,
        "mergeCommit": {"oid": sha}, "labels": {"nodes": [{"name": name} for name in more.get("labels", ())]},
        "files": {"nodes": [{"path": path} for path in more.get("files", ())]},
    }  # fmt: skip


def commit(sha: str, at: str, message: str, *parents: str) -> dict[str, Any]:
    """A commit as REST lists it, with a person in it."""
    who = {"name": "Pat Person", "email": "pat@example.invalid", "date": at}
    return {"sha": sha, "parents": [{"sha": parent} for parent in parents], "author": {"login": "pat-person"},
            "commit": {"message": message, "committer": who, "author": who}}  # fmt: skip


def run(number: int, created: str, ended: str, conclusion: str | None, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "status": "completed" if conclusion else "in_progress", "conclusion": conclusion,
        "created_at": created, "updated_at": ended, "run_attempt": more.get("attempt", 1),
        "head_sha": more.get("sha", f"{number:040x}"), "head_branch": "main", "path": ".github/workflows/deploy.yml",
        "workflow_id": 77, "head_repository": {"full_name": more.get("home", REPO)},
        "html_url": f"https://github.com/{REPO}/actions/runs/{number}",
    }  # fmt: skip


def source(**settings: Any) -> Github:
    known = {"token": TOKEN, "repositories": [REPO], **settings}
    return Github("github", GithubSettings.model_validate(known), lambda: NOW)


def told(github: Github, period: Period = ALL) -> list[Any]:
    raws = [raw for raw in github.fetch(period) if isinstance(raw, Raw)]
    return [parse({**record, "source": "github", **_asset(record)}) for raw in raws for record in github.parse(raw)]


def _asset(record: dict[str, Any]) -> dict[str, Any]:
    return {"id": record["asset"]} if record["fact"] == "asset" else {}


def day(number: int, hour: int = 10) -> str:
    return f"2026-11-{number:02d}T{hour:02d}:00:00Z"


def story(hub: Hub) -> None:
    """c1 out on the 2nd; c2 (PR 7) and c3 on the 4th; a revert of c2 on the 5th, out on the 6th."""
    hub.commits = [
        commit("4" * 40, day(5), 'Revert "Faster" (#8)', "3" * 40),
        commit("3" * 40, day(3), "Tidy (#6)", "2" * 40),
        commit("2" * 40, day(3, 9), "Faster (#7)", "1" * 40),
        commit("1" * 40, day(1), "First", "0" * 40),
    ]
    hub.deployments = [
        deployment(3, "4" * 40, day(6), ("SUCCESS", day(6))),
        deployment(2, "3" * 40, day(4), ("INACTIVE", day(6)), ("SUCCESS", day(4))),
        deployment(1, "1" * 40, day(2), ("SUCCESS", day(2))),
    ]
