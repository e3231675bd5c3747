"""Deployments, merged changes and what failed, worked out from a repository's own history.

A deployment holds the commits that no earlier deployment held. One of them reverted later, in another deployment: the
deployment was rolled back. Reverted before it was deployed: nothing failed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from collectors.git.repo import Commit

_REVERTED = re.compile(r"This reverts commit ([0-9a-f]{7,64})")
_REVERTED_PR = re.compile(r"^Reverts (?:\S+?)?[#!](\d+)\b", re.MULTILINE)
_MERGED = re.compile(
    r"Merge pull request #(\d+) from|Merged in .* \(pull request #(\d+)\)"  # GitHub, Bitbucket
)
_GITLAB = re.compile(r"See merge request \S*!(\d+)")
_SQUASHED = re.compile(r"(.*?)\s*\((?:#|!)(\d+)\)")
_TRAILER = re.compile(r"[\w-]+-by:|# ?Conflicts|Conflicts:", re.IGNORECASE)
_PULLED = re.compile(r"Merge (?:remote-tracking )?branch '[^']*' (?:of |into (?!'))|Merge remote-tracking ")
"""A merge that only brought a clone up to date; no change was merged by it."""


@dataclass
class Deployment:
    """What went out at ``at``: the commits that no earlier one held."""

    id: str
    title: str
    commit: str
    at: datetime
    holds: list[Commit] = field(default_factory=list)
    failure: str | None = None


@dataclass(frozen=True)
class Merged:
    """A change that was merged: its number where the message tells one."""

    id: str
    title: str
    commit: Commit


def assign(deployments: Sequence[Deployment], commits: Mapping[str, Commit]) -> dict[str, Deployment]:
    """Gives every commit to the first deployment that holds it. ``deployments`` go oldest first."""
    owner: dict[str, Deployment] = {}
    for deployment in deployments:
        waiting = [deployment.commit]
        while waiting:
            commit = commits.get(waiting.pop())
            if commit is not None and commit.sha not in owner:
                owner[commit.sha] = deployment
                deployment.holds.append(commit)
                waiting.extend(commit.parents)
    return owner


def mark_rollbacks(
    deployments: Sequence[Deployment], commits: Mapping[str, Commit], within: timedelta = timedelta.max
) -> None:
    """``failure`` "rollback" for the deployment whose commit a later one reverts, so long (``within``) after it. To
    revert a revert brings the change back: that is no failure of the deployment with the revert."""
    owner = assign(deployments, commits)
    numbers = {merged.id: merged.commit.sha for merged in map(merged_change, commits.values()) if merged}
    for commit in commits.values():
        for sha in _reverted(commit, commits, numbers):
            failed, fixed = owner.get(sha), owner.get(commit.sha)
            if failed and fixed and failed is not fixed and not _is_revert(commits[sha]):
                failed.failure = "rollback" if fixed.at - failed.at <= within else failed.failure


def mark_hotfixes(
    deployments: Sequence[Deployment], pattern: re.Pattern[str] | None, within: timedelta,
    labelled: Collection[str] = (),
) -> None:  # fmt: skip
    """``failure`` "hotfix" for the deployment directly before one that is a hotfix and came within this time.
    ``labelled``: commits that are known to be hotfixes."""
    for before, deployment in pairwise(deployments):
        words = [deployment.title, *(commit.subject for commit in deployment.holds)]
        is_hotfix = pattern is not None and any(pattern.search(word) for word in words)
        is_hotfix = is_hotfix or any(commit.sha in labelled for commit in deployment.holds)
        if is_hotfix and deployment.at - before.at <= within and before.failure is None:
            before.failure = "hotfix"


def merged_change(commit: Commit) -> Merged | None:
    """The change a commit of the main line merged; None for a commit made there directly, and for a mere update of a
    clone. The title never holds the branch's name: it often begins with a person's."""
    first = _first_line(commit.body)
    found = _MERGED.match(commit.subject)
    gitlab = _GITLAB.search(commit.body)
    if found or gitlab:
        number = next(filter(None, found.groups())) if found else gitlab[1]  # type: ignore[index]
        return Merged(f"pull/{number}", first or f"#{number}", commit)
    squashed = _SQUASHED.fullmatch(commit.subject)
    if squashed and len(commit.parents) < 2:
        return Merged(f"pull/{squashed[2]}", squashed[1], commit)
    if len(commit.parents) < 2 or _PULLED.match(commit.subject):
        return None
    return Merged(f"merge/{commit.sha}", first or "a merged branch", commit)


def _first_line(body: str) -> str:
    """A merge's own title; nothing where the body begins with a trailer (Signed-off-by: a person)."""
    first = body.split("\n", 1)[0].strip()
    return "" if _TRAILER.match(first) else first


def title_of(commit: Commit) -> str:
    """What a commit is called: the merged change's title, else its subject."""
    merged = merged_change(commit)
    return merged.title if merged else commit.subject


def _is_revert(commit: Commit) -> bool:
    return bool(_REVERTED.search(commit.body) or _REVERTED_PR.search(commit.body))


def _reverted(commit: Commit, commits: Mapping[str, Commit], numbers: Mapping[str, str]) -> Iterator[str]:
    """Ids of the commits that this one says it reverts, where the history holds them."""
    for short in _REVERTED.findall(commit.body):
        known = [short] if short in commits else [sha for sha in commits if sha.startswith(short)]
        yield from known[:1]
    for number in _REVERTED_PR.findall(commit.body):
        if (sha := numbers.get(f"pull/{number}")) is not None:
            yield sha
