"""GitHub: some teams' deployments with their statuses, merged pull requests, commits and security alerts.

Every change is a squashed pull request that goes out on its own; its deployment takes six minutes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from tierline.demo.delivery import ON_GITHUB, ORGANISATION, number
from tierline.demo.findings import Alert
from tierline.demo.model import Deployment
from tierline.demo.servers.base import Answer, Refused, Request, Site
from tierline.demo.world import World

TOKEN = "github_pat_of_the_demo"
ENVIRONMENT = "production"
_ROLLOUT = timedelta(minutes=6)
"""From a merge, and the start of its deployment, to the success."""
_REPOSITORY = rf"/repos/{ORGANISATION}/([^/]+)"


class GithubSite(Site):
    """What GitHub shows at the clock's present."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self._shipped = cache(self._of_team)
        self.on("POST", "/graphql", self._graphql)
        self.on("GET", _REPOSITORY + "/commits", self._commits)
        self.on("GET", _REPOSITORY + "/dependabot/alerts", self._alerts)

    def before(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})

    def _of_team(self, team: str) -> list[tuple[int, Deployment]]:
        """The team's deployments, newest first, with the number of the pull request of each."""
        own = [one for one in self.world.deployments if one.team == team]
        return [(place, one) for place, one in reversed(list(enumerate(own, 1)))]

    def _merged(self, team: str) -> list[tuple[int, Deployment]]:
        """Those whose pull request is merged by now."""
        return [(place, one) for place, one in self._shipped(team) if merged_at(one) <= self.clock()]

    def _graphql(self, request: Request) -> dict[str, Any]:
        """One of the three queries that are asked: they differ by their variables."""
        asked = json.loads(request.body)["variables"]
        team, merged = asked["name"], self._merged(asked["name"])
        if asked["owner"] != ORGANISATION or team not in ON_GITHUB:
            missing = f"Could not resolve to a Repository with the name '{asked['owner']}/{team}'."
            return {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": missing}]}
        if "environments" in asked:
            nodes = [self._deployment(one) for _, one in merged if ENVIRONMENT in asked["environments"]]
        elif "branch" in asked:
            nodes = [_pull(place, one, merged) for place, one in merged]
        else:
            return _told(_about(team))
        return _told({"listing": _page(nodes, asked.get("after"), 100 if "environments" in asked else 50)})

    def _deployment(self, one: Deployment) -> dict[str, Any]:
        begun = [("IN_PROGRESS", merged_at(one) + timedelta(seconds=20)), ("SUCCESS", one.at)]
        statuses = [{"state": state, "createdAt": stamp(at)} for state, at in reversed(begun) if at <= self.clock()]
        return {
            "databaseId": number(one), "createdAt": stamp(merged_at(one)), "commitOid": sha(one.tag),
            "statuses": {"pageInfo": {"hasNextPage": False}, "nodes": statuses},
        }  # fmt: skip

    def _commits(self, request: Request) -> Answer:
        """The main branch between two moments, newest first, a page of it with a link to the next."""
        team, merged = request.found[0], self._merged(request.found[0])
        parents = {one.tag: before.tag for (_, one), (_, before) in pairwise(merged)}
        first, last = request.one("since", ""), request.one("until", "9")
        listed = [
            _commit(place, one, parents.get(one.tag))
            for place, one in merged
            if str(first) <= stamp(merged_at(one)) <= str(last)
        ]
        size, page = int(request.one("per_page", "30") or 30), int(request.one("page", "1") or 1)
        asked = "&".join(f"{name}={value}" for name in ("sha", "since", "until") if (value := request.one(name)))
        link = f"http://{request.headers['Host']}/repos/{ORGANISATION}/{team}/commits?{asked}"
        headers = {"Link": f'<{link}&per_page={size}&page={page + 1}>; rel="next"'} if page * size < len(listed) else {}
        return Answer(200, json.dumps(listed[(page - 1) * size : page * size]).encode(), headers)

    def _alerts(self, request: Request) -> list[dict[str, Any]]:
        """Dependabot's alerts of a repository, the last changed (or opened) first; all are one page."""
        field = "updated_at" if request.one("sort") == "updated" else "created_at"
        now, state = self.clock(), request.one("state")
        own = [_alert(one, now) for one in self.world.security if one.team == request.found[0] and one.opened <= now]
        asked = [one for one in own if state in (None, one["state"])]
        return sorted(asked, key=lambda one: (one[field], one["number"]), reverse=True)


def merged_at(one: Deployment) -> datetime:
    return one.at - _ROLLOUT


def stamp(moment: datetime) -> str:
    """A time as GitHub writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sha(tag: str) -> str:
    """The commit's id."""
    return hashlib.sha1(tag.encode(), usedforsecurity=False).hexdigest()


def _told(repository: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"rateLimit": {"cost": 1, "remaining": 4999, "resetAt": "2099-01-01T00:00:00Z"},
                     "repository": repository}}  # fmt: skip


def _about(team: str) -> dict[str, Any]:
    owners = {"text": f"# Who is asked for a review\n* @{ORGANISATION}/{team}\n"}
    return {"url": f"https://github.com/{ORGANISATION}/{team}", "defaultBranchRef": {"name": "main"}, "first": owners,
            "second": None, "third": None}  # fmt: skip


def _page(nodes: list[dict[str, Any]], after: str | None, size: int) -> dict[str, Any]:
    """The nodes behind a cursor, which is the last one's own number: what is new shifts nothing."""
    keys = [str(node.get("databaseId") or node.get("number")) for node in nodes]
    start = keys.index(after) + 1 if after else 0
    end = start + size
    info = {"hasNextPage": end < len(nodes), "endCursor": keys[min(end, len(keys)) - 1] if keys else None}
    return {"nodes": nodes[start:end], "pageInfo": info}


def _pull(place: int, one: Deployment, merged: list[tuple[int, Deployment]]) -> dict[str, Any]:
    back = next((other for other, before in merged if before.tag == one.reverts), None)
    return {
        "number": place, "title": one.title, "url": f"https://github.com/{ORGANISATION}/{one.team}/pull/{place}",
        "body": f"Reverts {ORGANISATION}/{one.team}#{back}" if back else "", "mergedAt": stamp(merged_at(one)),
        "updatedAt": stamp(merged_at(one)), "additions": 5 + place % 90, "deletions": place % 40,
        "mergeCommit": {"oid": sha(one.tag)}, "labels": {"nodes": []},
        "files": {"nodes": [{"path": f"models/{one.team}.sql"}]},
    }  # fmt: skip


def _alert(one: Alert, now: datetime) -> dict[str, Any]:
    closed = stamp(one.closed) if one.closed and one.closed <= now else None
    dismissed = closed is not None and one.reason is not None
    return {
        "number": one.number, "state": "dismissed" if dismissed else "fixed" if closed else "open",
        "created_at": stamp(one.opened), "updated_at": closed or stamp(one.opened),
        "fixed_at": None if dismissed else closed, "dismissed_at": closed if dismissed else None,
        "dismissed_reason": one.reason if dismissed else None, "auto_dismissed_at": None,
        "html_url": f"https://github.com/{ORGANISATION}/{one.team}/security/dependabot/{one.number}",
        "security_advisory": {"summary": one.title, "severity": one.severity},
    }  # fmt: skip


def _commit(place: int, one: Deployment, parent: str | None) -> dict[str, Any]:
    message = f"{one.title} (#{place})"
    if one.reverts:
        message += f"\n\nThis reverts commit {sha(one.reverts)}."
    who = {"name": "platform", "email": "platform@example.com", "date": stamp(merged_at(one))}
    return {"sha": sha(one.tag), "commit": {"message": message, "author": who, "committer": who},
            "parents": [{"sha": sha(parent)}] if parent else []}  # fmt: skip
