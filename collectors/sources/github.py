"""GitHub: deployments, what was rolled back, merged pull requests, CODEOWNERS and security alerts.

Each pass reads the last ``look_back_days`` again: GitHub lists deployments and runs by when they were created, and a
revert, a re-run or a late status changes an older one. A repository, or a kind of its alerts, that is not to be seen
stops no other. Nobody's login, name or address is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from collectors import codeowners
from collectors.apart import PROBLEM, Parts, Told
from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.git.repo import fits
from collectors.github.api import About, GithubApi
from collectors.github.auth import session
from collectors.github.changes import (
    Pull,
    Release,
    Rules,
    judged,
    pull_of,
    release_of_deployment,
    release_of_pull,
    release_of_run,
    weight,
)
from collectors.github.checks import findings
from collectors.github.findings import alert_of, finding
from collectors.github.hooks import admit, event_of, told_by
from collectors.github.settings import GithubSettings, Repository
from slo.errors import FactError

Record = dict[str, Any]


class Github(Source):
    plugin = "github"
    title = "GitHub"
    family = "delivery"
    tells = {
        "change": ("deployment", "pull_request", "title", "kind", "asset", "team", "at", "state", "failure", "size"),
        "asset": ("asset", "owner", "team"),
        "work_item": ("finding", "title", "kind", "opened_at", "closed_at", "due_at", "outcome", "severity", "team",
                      "asset"),
    }  # fmt: skip
    settle = timedelta(minutes=10)
    interval = timedelta(minutes=15)
    chunk = timedelta(days=90)
    requests_per_second = 10
    tested = ("answers recorded of api.github.com (public repositories), GitHub's own OpenAPI description served by "
              "Prism, and the demo's server; not against a GitHub of our own")  # fmt: skip
    grants = (
        "A fine-grained token or GitHub App, on the repositories, all read-only: Metadata; Contents (commits, "
        "CODEOWNERS); Pull requests; Deployments (deployments: environment); Actions (deployments: workflow). For "
        "findings also: Dependabot alerts, Code scanning alerts, Secret scanning alerts. Classic token: repo (and "
        "security_events). Webhook at /hooks/<name>/events: Deployment statuses, Workflow runs, Pull requests."
    )
    Settings = GithubSettings
    settings: GithubSettings

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        """A repository's own page."""
        found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", place)
        return {"repositories": [found[1]]} if found else None

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        each = settings.each
        deploys, owned = any(one.deployments for one in each), any(one.owned for one in each)
        left_out = {"deployment", "failure"} if not deploys else set()
        left_out |= set() if settings.pull_requests else {"pull_request", "size"}
        wanted = {"change": deploys or settings.pull_requests, "asset": owned, "work_item": bool(settings.findings)}
        self._wanted = {
            kind: tuple(field for field in fields if field not in left_out)
            for kind, fields in self.tells.items()
            if wanted[kind]
        }
        self._speak_for(())

    def _speak_for(self, failed: Collection[str]) -> None:
        """What it tells by its settings; coverage must not speak for what could not be read."""
        unseen = any(one.name in failed for one in self.settings.each)
        alerts = {_part(one.name, kind) for one in self.settings.each for kind in self.settings.findings}
        lost = {"change": unseen, "work_item": unseen or not alerts.isdisjoint(failed)}
        self.__dict__["tells"] = {kind: fields for kind, fields in self._wanted.items() if not lost.get(kind)}

    def _api(self) -> GithubApi:
        return GithubApi(session(self.settings, self.now, self.rate), self.settings.url)

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        api, parts = self._api(), Parts(self.memory)
        for repository in self.settings.each:
            since = parts.start(repository.name, period.start)
            records = self._repository(api, repository, replace(period, start=since), parts)
            yield from parts.read(repository.name, since, period, records)
        parts.nothing_seen(one.name for one in self.settings.each)
        self._speak_for(parts.failed)

    def _repository(self, api: GithubApi, repository: Repository, period: Period, parts: Parts) -> Told:
        """All of one repository: its changes, then what may fail without them."""
        about = api.about(repository.name)
        context = {"repository": repository.name, "asset": repository.asset, "team": repository.team,
                   "rules": about.rules if self.settings.codeowners else []}  # fmt: skip
        yield from (Raw(raw.kind, raw.data, context) for raw in self._changes(api, repository, about, period))
        for kind in self.settings.findings:
            part = _part(repository.name, kind)
            since = parts.start(part, period.start)
            alerts = api.alerts(repository.name, kind, since, period.latest and not period.incremental)
            found = (Raw("alert", alert_of(alert, kind), context) for alert in alerts)
            yield from parts.read(part, since, period, found)
        if period.latest and self.settings.codeowners:
            self._remember(repository.name, about)
            owned = self._owned(api, repository, about)
            yield from parts.read(_part(repository.name, "owned"), period.start, period, owned)

    def _changes(self, api: GithubApi, repository: Repository, about: About, period: Period) -> Iterator[Raw]:
        """Deployments and merged pull requests that fall in the period, and of an incremental one in the days before
        it that are read again."""
        look = timedelta(days=self.settings.look_back_days)
        start = min(period.start, period.end - look) if period.incremental else period.start
        main, wanted = repository.branch or about.branch, repository.deployments
        since = start - look if wanted else period.start
        pulls = self._pulls(api, repository.name, main, since) if wanted or self.settings.pull_requests else []
        if wanted:
            line = wanted.merge or main
            deploying = pulls if line == main else self._pulls(api, repository.name, line, since)
            commits = api.commits(repository.name, line, since, min(period.end + look, self.now()))
            releases = self._releases(api, repository, about, deploying, since)
            told = judged(releases, commits, deploying, self._rules(look))
            yield from (Raw("deployment", one) for one in told if start <= one["at"] < period.end)
        if self.settings.pull_requests:
            yield from (Raw("pull", pull) for pull in pulls if start <= pull.merged_at < period.end)

    def _pulls(self, api: GithubApi, name: str, branch: str, since: datetime) -> list[Pull]:
        return [pull_of(node) for node in api.pulls(name, branch, since)]

    def _releases(
        self, api: GithubApi, repository: Repository, about: About, pulls: list[Pull], since: datetime
    ) -> list[Release]:
        """Every deployment from ``since`` to now that came to an end."""
        wanted, name = repository.deployments, repository.name
        if wanted is None:
            return []
        if wanted.environment:
            nodes = api.deployments(name, wanted.environment, since)
            found = (release_of_deployment(node, about.url) for node in nodes)
        elif wanted.workflow:
            runs = api.runs(name, wanted.workflow, wanted.branch, since, self.now())
            found = (release_of_run(run, name) for run in runs)
        else:
            found = (release_of_pull(pull) for pull in pulls)
        return [one for one in found if one is not None]

    def _rules(self, look: timedelta) -> Rules:
        ours = self.settings
        pattern = re.compile(ours.hotfix_pattern) if ours.hotfix_pattern else None
        return Rules(look, pattern, timedelta(hours=ours.hotfix_hours), ours.hotfix_label)

    def _remember(self, name: str, about: About) -> None:
        """Keeps CODEOWNERS for `tierline suggest owners`, reduced to teams."""
        teams = self.settings.teams
        rules = [[rule.pattern, codeowners.first_team(rule.owners, teams), rule.line] for rule in about.rules]
        configured = {one.name for one in self.settings.each}
        before = {other: told for other, told in self.memory.get("codeowners", {}).items() if other in configured}
        self.memory["codeowners"] = {**before, name: {"path": about.place, "rules": rules}}

    def _owned(self, api: GithubApi, repository: Repository, about: About) -> Iterator[Raw]:
        """The files that are assets, with their team; one that lost its owner is told once more, without."""
        if not repository.owned:
            return
        before = set(self.memory.get("owned", {}).get(repository.name, []))
        told = set()
        for path in api.files(repository.name, repository.branch or about.branch):
            asset = next((one.named(path) for one in repository.owned if fits(path, [one.files])), None)
            team = codeowners.team(about.rules, path, self.settings.teams)
            if asset and (team or asset in before):
                told.add(asset)
                yield Raw("owned", {"asset": asset, "team": team})
        self.memory["owned"] = {**self.memory.get("owned", {}), repository.name: sorted(told)}

    def parse(self, raw: Raw) -> Iterator[Record]:
        if raw.kind == PROBLEM:
            raise FactError(raw.data)
        if raw.kind == "deployment":
            yield self._deployment(raw.data, raw.context)
        elif raw.kind == "pull":
            yield self._pull(raw.data, raw.context)
        elif raw.kind == "alert":
            context = raw.context
            team = context["team"] or codeowners.team(context["rules"], "", self.settings.teams)
            yield finding(raw.data, context["repository"], self.settings.finding_days, team, context["asset"])
        else:
            yield {"fact": "asset", "asset": raw.data["asset"], "owner": raw.data["team"], "team": raw.data["team"]}

    def _deployment(self, told: Record, context: Mapping[str, Any]) -> Record:
        """A deployment is of the repository's team, else of the one that CODEOWNERS gives all of it."""
        team = context["team"] or codeowners.team(context["rules"], "", self.settings.teams)
        return {"fact": "change", "kind": "deployment", **told, "id": f"{context['repository']}/{told['id']}",
                "asset": context["asset"], "team": team}  # fmt: skip

    def _pull(self, pull: Pull, context: Mapping[str, Any]) -> Record:
        """A pull request is of the repository's team, else of the team that owns most of its files."""
        rules, teams = context["rules"], self.settings.teams
        owner = codeowners.team_of_all(rules, pull.paths, teams) or codeowners.team(rules, "", teams)
        return {
            "fact": "change", "kind": "pull_request", "id": f"{context['repository']}/pull/{pull.number}",
            "title": pull.title, "at": pull.merged_at, "state": "succeeded", "asset": context["asset"],
            "team": context["team"] or owner, "url": pull.url,
            "size": weight(pull, self.settings.size_labels, self.settings.size_lines),
        }  # fmt: skip

    def routes(self) -> Mapping[str, Callable[[bytes, Mapping[str, str]], list[Record]]]:
        return {"events": self.receive}

    def receive(self, body: bytes, headers: Mapping[str, str]) -> list[Record]:
        """What one delivery tells; nothing for a repository or an event that is not read."""
        secret = self.settings.webhook_secret
        admit(body, headers, secret.get_secret_value() if secret else None, self.name)
        kind, payload = event_of(body, headers)
        told = payload.get("repository") or {}
        each = (one for one in self.settings.each if one.name.casefold() == str(told.get("full_name")).casefold())
        repository = next(each, None)
        if repository is None:
            return []
        context: Record = {"repository": repository.name, "asset": repository.asset, "team": repository.team,
                           "rules": []}  # fmt: skip
        found = told_by(kind, payload, repository, repository.branch or str(told.get("default_branch")))
        facts = [self._told(one, context) for one in found]
        return [fact for fact in facts if fact is not None]

    def _told(self, one: Release | Pull, context: Mapping[str, Any]) -> Record | None:
        if isinstance(one, Pull):
            return self._pull(one, context) if self.settings.pull_requests else None
        return self._deployment(judged([one], {}, [], self._rules(timedelta(0)))[0], context)

    def check(self) -> list[Finding]:
        return findings(self.settings, self._api, self.now())


def _part(repository: str, what: str) -> str:
    """The name of what may fail by itself."""
    return f"{repository} {what}"
