"""What works with a GitHub token, capability by capability, and which right is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from collectors.base import Finding
from collectors.github.api import GithubApi
from collectors.github.auth import REMEDY
from collectors.github.settings import Deployed, GithubSettings, Repository
from slo.errors import SourceError, TierlineError

SEEN = "the repository and its CODEOWNERS"
Asked = tuple[str, str, Callable[[], Any]]
"""What is asked for, the right it needs, and the request."""


def findings(settings: GithubSettings, make: Callable[[], GithubApi], now: datetime) -> list[Finding]:
    """One line a repository and capability."""
    try:
        api = make()
    except TierlineError as error:
        return [Finding(False, str(error), REMEDY)]
    return [found for repository in settings.each for found in _of_repository(api, repository, settings, now)]


def _of_repository(
    api: GithubApi, repository: Repository, settings: GithubSettings, now: datetime
) -> Iterator[Finding]:
    """What works of a repository; of one that is not to be seen only that."""
    for what, right, call in _asked(api, repository, settings, now):
        found = _finding(f"{repository.name}: {what}", right, call)
        yield found
        if not found.ok and what == SEEN:
            return


def _asked(api: GithubApi, repository: Repository, settings: GithubSettings, now: datetime) -> Iterator[Asked]:
    name, since = repository.name, now - timedelta(days=1)
    yield SEEN, "Metadata, Contents", lambda: api.about(name)
    yield "commits", "Contents", lambda: api.commits(name, _line(api, repository), since, now)
    yield "pull requests", "Pull requests", lambda: next(api.pulls(name, _line(api, repository), since), None)
    if repository.deployments:
        yield from _deployments(api, name, repository.deployments, since, now)
    for kind in settings.findings:
        words = kind.replace("_", " ")
        yield f"{words} alerts", f"{words.capitalize()} alerts", partial(_first, api, name, kind, since)


def _line(api: GithubApi, repository: Repository) -> str:
    """The main line's branch."""
    return repository.branch or api.about(repository.name).branch


def _first(api: GithubApi, name: str, kind: str, since: datetime) -> Any:
    return next(api.alerts(name, kind, since), None)


def _deployments(api: GithubApi, name: str, wanted: Deployed, since: datetime, now: datetime) -> Iterator[Asked]:
    if wanted.environment is not None:
        environment = wanted.environment
        yield "deployments", "Deployments", lambda: next(api.deployments(name, environment, since), None)
    if wanted.workflow is not None:
        workflow = wanted.workflow
        yield f"runs of {workflow}", "Actions", lambda: next(api.runs(name, workflow, wanted.branch, since, now), None)


def _finding(what: str, right: str, call: Callable[[], Any]) -> Finding:
    try:
        call()
    except SourceError as error:
        said = str(error).removeprefix(what.split(": ", 1)[0] + ": ")
        return Finding(False, f"{what}: {said}", f"Grant `{right}: read-only` on this repository")
    return Finding(True, what)
