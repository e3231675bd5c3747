"""Deployments and merged pull requests out of GitHub's answers. Pure; the rules for reverts and hotfixes are those of
collectors/git/changes.py, fed with what only GitHub knows: pull requests' labels and "Reverts owner/name#12".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collectors.git.changes import Deployment, mark_hotfixes, mark_rollbacks, merged_change, title_of
from collectors.git.repo import Commit
from collectors.github.api import instant

Record = dict[str, Any]
_REVERTS = re.compile(r"^Reverts (?:[\w.-]+/[\w.-]+)?#(\d+)\b", re.MULTILINE)
_REVERTED_COMMIT = re.compile(r"This reverts commit [0-9a-f]{7,64}")
_REVERT_OF = re.compile(r'Revert "(.+)"')
_ENDED = {"success": "succeeded", "failure": "failed", "timed_out": "failed", "startup_failure": "failed"}
"""Conclusion of a run -> state. A cancelled, skipped or neutral run deployed nothing and broke nothing."""


@dataclass(frozen=True)
class Pull:
    """A merged pull request, without its people. ``reverts``: what its text says it takes back, in git's words."""

    number: int
    title: str
    url: str
    merged_at: datetime
    updated_at: datetime
    commit: str | None
    lines: int
    labels: tuple[str, ...]
    paths: tuple[str, ...]
    reverts: tuple[str, ...]


@dataclass(frozen=True)
class Release:
    """A deployment as GitHub tells it. ``id``: unique within the repository."""

    id: str
    commit: str
    at: datetime
    state: str
    url: str
    title: str | None = None


@dataclass(frozen=True)
class Rules:
    """What makes a deployment a failure after the fact."""

    within: timedelta
    hotfix_pattern: re.Pattern[str] | None
    hotfix_within: timedelta
    hotfix_label: str | None


def pull_of(node: Record) -> Pull:
    """A pull request of GraphQL's listing."""
    body = node.get("body") or ""
    told = [f"Reverts #{number}" for number in _REVERTS.findall(body)] + _REVERTED_COMMIT.findall(body)
    return Pull(
        node["number"], node["title"], node["url"], instant(node["mergedAt"]), instant(node["updatedAt"]),
        (node.get("mergeCommit") or {}).get("oid"), (node.get("additions") or 0) + (node.get("deletions") or 0),
        tuple(one["name"] for one in _nodes(node.get("labels"))),
        tuple(one["path"] for one in _nodes(node.get("files"))), tuple(told),
    )  # fmt: skip


def pull_of_rest(record: Record) -> Pull | None:
    """A pull request as REST and webhooks show it; None for one that was closed without being merged."""
    if not record.get("merged_at"):
        return None
    node = {
        "number": record["number"], "title": record["title"], "url": record["html_url"], "body": record.get("body"),
        "mergedAt": record["merged_at"], "updatedAt": record["updated_at"], "additions": record.get("additions"),
        "deletions": record.get("deletions"), "labels": {"nodes": record.get("labels") or []},
        "mergeCommit": {"oid": record.get("merge_commit_sha")},
    }  # fmt: skip
    return pull_of(node)


def release_of_deployment(node: Record, web: str) -> Release | None:
    """A deployment by its statuses: it is made at the first success, whatever comes after (``inactive`` only says that
    a newer one took its place). Without a success it failed when the last word is a failure; else it is not yet
    made."""
    told = sorted((instant(one["createdAt"]), one["state"]) for one in _nodes(node.get("statuses")))
    told = [(at, state) for at, state in told if state != "INACTIVE"]
    succeeded = [at for at, state in told if state == "SUCCESS"]
    name, sha = f"deployments/{node['databaseId']}", node["commitOid"]
    if succeeded:
        return Release(name, sha, succeeded[0], "succeeded", f"{web}/commit/{sha}")
    if told and told[-1][1] in ("FAILURE", "ERROR"):
        return Release(name, sha, told[-1][0], "failed", f"{web}/commit/{sha}")
    return None


def release_of_run(run: Record, repository: str) -> Release | None:
    """A run of the deploying workflow that ended; its newest attempt counts, under the one id that all attempts share.
    A run for somebody's fork is none, though its branch may be called like ours."""
    home = (run.get("head_repository") or {}).get("full_name")
    state = _ENDED.get(str(run.get("conclusion"))) if run.get("status") == "completed" else None
    if state is None or str(home).casefold() != repository.casefold():
        return None
    return Release(f"runs/{run['id']}", run["head_sha"], instant(run["updated_at"]), state, run["html_url"])


def release_of_pull(pull: Pull) -> Release | None:
    """A merge that deploys; its id is the commit's, which an incident would name."""
    if pull.commit is None:
        return None
    return Release(f"commit/{pull.commit}", pull.commit, pull.merged_at, "succeeded", pull.url, pull.title)


def judged(
    releases: Iterable[Release], commits: Mapping[str, Commit], pulls: Sequence[Pull], rules: Rules
) -> list[Record]:
    """The deployments, oldest first, each with its ``failure``. One that failed by itself held nothing."""
    known = explained(commits, pulls)
    ordered = sorted(releases, key=lambda one: (one.at, one.id))
    reached = [
        Deployment(one.id, one.title or _title(one, known), one.commit, one.at)
        for one in ordered
        if one.state == "succeeded"
    ]
    mark_rollbacks(reached, known, rules.within)
    labelled = {pull.commit for pull in pulls if rules.hotfix_label in pull.labels and pull.commit}
    mark_hotfixes(reached, rules.hotfix_pattern, rules.hotfix_within, labelled)
    failures = {one.id: one.failure for one in reached}
    return [_record(one, one.title or _title(one, known), failures.get(one.id)) for one in ordered]


def explained(commits: Mapping[str, Commit], pulls: Sequence[Pull]) -> dict[str, Commit]:
    """The commits, those that merged a pull request with its number in the subject and what it reverts in the body:
    a rebase leaves out the one, a squash often the other. A title alone ('Revert "X"') names the newest earlier X."""
    known = dict(commits)
    for pull in pulls:
        commit = known.get(pull.commit or "")
        if commit is not None:
            named = _numbered(commit, pull)
            reverts = pull.reverts or _by_title(pull, pulls)
            known[commit.sha] = replace(named, body="\n".join([named.body, *reverts]))
    return known


def _numbered(commit: Commit, pull: Pull) -> Commit:
    """The commit with its pull request's number where git looks for it."""
    merged = merged_change(commit)
    if merged is not None and merged.id == f"pull/{pull.number}":
        return commit
    if len(commit.parents) > 1:
        subject = f"Merge pull request #{pull.number} from a branch"
        return replace(commit, subject=subject, body=f"{commit.subject}\n{commit.body}")
    return replace(commit, subject=f"{commit.subject} (#{pull.number})")


def _by_title(pull: Pull, pulls: Sequence[Pull]) -> tuple[str, ...]:
    """The pull request whose title this one's says it reverts."""
    found = _REVERT_OF.fullmatch(pull.title)
    earlier = [one for one in pulls if found and one.title == found[1] and one.merged_at < pull.merged_at]
    newest = max(earlier, key=lambda one: one.merged_at, default=None)
    return (f"Reverts #{newest.number}",) if newest else ()


def _title(release: Release, commits: Mapping[str, Commit]) -> str:
    commit = commits.get(release.commit)
    return title_of(commit) if commit else release.commit[:12]


def _record(release: Release, title: str, failure: str | None) -> Record:
    state = "rolled_back" if failure == "rollback" else release.state
    return {"id": release.id, "title": title, "at": release.at, "state": state, "failure": failure, "url": release.url}


def weight(pull: Pull, labels: Mapping[str, float], lines: Mapping[int, float]) -> float | None:
    """What a pull request weighs: by its label (the heaviest), else by its lines; None (1) where neither says."""
    told = [labels[name] for name in pull.labels if name in labels]
    if told:
        return max(told)
    steps = sorted(lines)
    return lines[next((most for most in steps if pull.lines <= most), steps[-1])] if steps else None


def _nodes(connection: Record | None) -> list[Record]:
    """The nodes of a GraphQL connection; it and single nodes may be null."""
    return [node for node in (connection or {}).get("nodes") or [] if node]
