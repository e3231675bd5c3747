"""A git repository: deployments, what was rolled back, merged changes, and how old documents are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.git.changes import Deployment, Merged, mark_hotfixes, mark_rollbacks, merged_change, title_of
from collectors.git.repo import Commit, Repository, fits
from collectors.patterns import Pattern
from slo.errors import SourceError


class GitSettings(SourceSettings):
    path: Path = Field(description="A clone or a bare repository on this machine.")
    url: str | None = Field(None, description="The repository's web address, for links (https://github.com/acme/dbt).")
    fetch: bool = Field(False, description="Run `git fetch` first; otherwise somebody else keeps the clone current.")
    branch: str = Field("HEAD", description="The branch that is deployed, and whose merges count.")
    deployments: Literal["tags", "merges", "commits", "none"] = Field(
        "tags", description="What a deployment is: a tag, a merge to the branch, each commit of it, or nothing here."
    )
    tag_pattern: str = Field("*", description="Glob of the tags that are deployments (v*).")
    pull_requests: bool = Field(True, description="Tell merged pull and merge requests.")
    sizes: bool = Field(False, description="Weigh a merged change by the lines it changed (else each weighs 1).")
    hotfix_pattern: Pattern | None = Field(
        r"(?i)\bhotfix\b", description="A deployment with this in its name or commits fixes the one before it."
    )
    hotfix_hours: float = Field(24, description="How long after a deployment a hotfix is held against it.")
    documents: list[str] = Field(default_factory=list, description="Globs of documents (docs/**/*.md).")
    key_documents: list[str] = Field(
        default_factory=lambda: ["**"], description="Globs of the documents that must stay fresh; all of them."
    )
    asset: str | None = Field(None, description="The asset that is deployed from here, by its full name.")
    team: str | None = Field(None, description="The team whose changes these are.")

    @field_validator("branch")
    @classmethod
    def _no_option(cls, value: str) -> str:
        if value.startswith("-") or not value:
            raise ValueError("a branch's name does not begin with '-'")
        return value


class GitSource(Source):
    plugin = "git"
    title = "Git repository"
    family = "delivery"
    tells = {
        "change": ("deployment", "pull_request", "title", "kind", "asset", "team", "at", "state", "failure", "size"),
        "entry": ("document", "kind", "at", "subject", "team", "updated_at", "key"),
    }
    interval = timedelta(minutes=15)
    chunk = timedelta(days=366)
    tested = "git 2.39, repositories made in the tests; merge messages of GitHub, GitLab and Bitbucket"
    grants = "Read access to the folder (owned by, or marked safe for, the collecting user)."
    Settings = GitSettings

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        folder = Path(place)
        bare = (folder / "HEAD").is_file() and (folder / "objects").is_dir()
        return {"path": place} if bare or (folder / ".git").exists() else None

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        self.repository = Repository(settings.path)
        changes = settings.deployments != "none" or settings.pull_requests
        wanted = {"change": changes, "entry": bool(settings.documents)}
        left_out = {"deployment", "failure"} if settings.deployments == "none" else set()
        left_out |= set() if settings.pull_requests else {"pull_request"}
        self.__dict__["tells"] = {
            kind: tuple(field for field in fields if field not in left_out)
            for kind, fields in self.tells.items()
            if wanted[kind]
        }

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """What falls in the period. An incremental pass tells ``history_days`` again: a revert changes an older
        deployment, and a push may bring commits that are days old."""
        start = period.end - timedelta(days=self.settings.history_days) if period.incremental else period.start
        start = min(start, period.start)
        if self.settings.fetch and period.latest:
            self.repository.fetch()
        head = self.repository.commit(self.settings.branch)
        changes = self._changes(head)
        yield from (raw for raw in changes if start <= _at(raw) < period.end)
        documents = self._documents(head)
        newest = {raw.data["path"]: raw for raw in reversed(documents)}
        for raw in documents:
            if start <= raw.data["at"] < period.end or (period.latest and newest[raw.data["path"]] is raw):
                yield raw
        if period.latest and not self.repository.shallow:
            yield Enumerated("change", frozenset(_id(raw) for raw in changes))
            yield Enumerated("entry", frozenset(_id(raw) for raw in documents))

    def _changes(self, head: str) -> list[Raw]:
        line = self.repository.main_line(head)
        tags = self.repository.tags(self.settings.tag_pattern) if self.settings.deployments == "tags" else []
        commits = self.repository.commits([head, *sorted({tag.commit for tag in tags})])
        deployments = [Deployment(tag.name, tag.name, tag.commit, tag.at) for tag in tags]
        deployments += self._from_line([commits[sha] for sha in line])
        mark_rollbacks(deployments, commits)
        if self.settings.hotfix_pattern:
            within = timedelta(hours=self.settings.hotfix_hours)
            mark_hotfixes(deployments, re.compile(self.settings.hotfix_pattern), within)
        merged = [merged_change(commits[sha]) for sha in line] if self.settings.pull_requests else []
        sizes = self.repository.sizes(head) if self.settings.sizes and any(merged) else {}
        context = {"sizes": sizes}
        changes = [Raw("deployment", deployment) for deployment in deployments]
        return changes + [Raw("merged", change, context) for change in merged if change]

    def _from_line(self, line: list[Commit]) -> list[Deployment]:
        """Deployments of the branch: its commits, or only those that merge something."""
        chosen = {"commits": line, "merges": [commit for commit in line if merged_change(commit)]}
        found = chosen.get(self.settings.deployments, [])
        return [Deployment(commit.sha, title_of(commit), commit.sha, commit.at) for commit in found]

    def _documents(self, head: str) -> list[Raw]:
        """Every update of every document that still exists, newest first."""
        if not self.settings.documents:
            return []
        existing = self.repository.files(head)
        return [
            Raw("document", {"path": path, "sha": sha, "at": at})
            for sha, at, paths in self.repository.touches(head, self.settings.documents)
            for path in paths
            if path in existing
        ]

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        if raw.kind == "deployment":
            yield self._deployment(raw.data)
        elif raw.kind == "merged":
            yield self._merged(raw.data, raw.context["sizes"])
        else:
            yield self._document(raw)

    def _deployment(self, deployment: Deployment) -> dict[str, Any]:
        return {
            "fact": "change", "kind": "deployment", "id": deployment.id, "title": deployment.title,
            "at": deployment.at, "failure": deployment.failure, "asset": self.settings.asset,
            "state": "rolled_back" if deployment.failure == "rollback" else "succeeded",
            "team": self.settings.team, "url": self._url("commit", deployment.commit),
        }  # fmt: skip

    def _merged(self, merged: Merged, sizes: dict[str, int]) -> dict[str, Any]:
        return {
            "fact": "change", "kind": "pull_request", "id": merged.id, "title": merged.title, "at": merged.commit.at,
            "state": "succeeded", "asset": self.settings.asset, "team": self.settings.team,
            "size": sizes.get(merged.commit.sha), "url": self._url("commit", merged.commit.sha),
        }  # fmt: skip

    def _document(self, raw: Raw) -> dict[str, Any]:
        """One update of one document; told by update, so that a past day still sees the update of its time."""
        path, at = raw.data["path"], raw.data["at"]
        return {
            "fact": "entry", "kind": "document", "id": _id(raw), "subject": path, "at": at, "updated_at": at,
            "key": fits(path, self.settings.key_documents), "team": self.settings.team,
            "url": self._url("blob", f"{raw.data['sha']}/{path}"),
        }  # fmt: skip

    def _url(self, kind: str, name: str) -> str | None:
        return f"{self.settings.url.rstrip('/')}/{kind}/{name}" if self.settings.url else None

    def check(self) -> list[Finding]:
        try:
            head = self.repository.commit(self.settings.branch)
            changes = self._changes(head)
            shallow = self.repository.shallow
        except SourceError as error:
            return [Finding(False, str(error), "path is a clone that this user may read; branch exists in it")]
        findings = [
            _found(len([raw for raw in changes if raw.kind == "deployment"]), "deployments", _NO_DEPLOYMENTS),
            _found(len([raw for raw in changes if raw.kind == "merged"]), "merged changes", _NO_MERGES),
        ]
        if self.settings.documents:
            findings.append(_found(len(self._documents(head)), "updates of documents", "documents fits no file"))
        if shallow:
            findings.append(Finding(False, "the clone is shallow", "git fetch --unshallow, to see older deployments"))
        return findings


_NO_DEPLOYMENTS = "set deployments (tags, merges, commits) and tag_pattern to how you deploy"
_NO_MERGES = "merge with a merge commit or squash with the number in the subject, or set pull_requests: false"


def _found(number: int, what: str, remedy: str) -> Finding:
    return Finding(number > 0, f"{number} {what}", "" if number else remedy)


def _at(raw: Raw) -> datetime:
    at: datetime = raw.data.at if raw.kind == "deployment" else raw.data.commit.at
    return at


def _id(raw: Raw) -> str:
    return f"{raw.data['path']}@{raw.data['sha'][:12]}" if raw.kind == "document" else str(raw.data.id)
