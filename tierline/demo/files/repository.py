"""The teams' git repositories, bare: a commit and a tag for each deployment, reverts that say what they take back.

Its objects are written as git writes them, without git: 700 commits take a second, and the ids are always the same.
"""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from pathlib import Path

from tierline.demo.model import Deployment
from tierline.demo.world import World

BRANCH = "refs/heads/main"
WHO = "platform <platform@example.com>"
DOCUMENTS = ("runbook-outage.md", "onboarding.md", "backfills.md", "on-call.md")
"""Each is called by its team, too: its name tells it from the other teams'."""
REWRITTEN = 15
"""Each so many deployments, the next document is brought up to date."""


class Objects:
    """The object folder of a repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "objects"

    def add(self, kind: str, body: bytes) -> str:
        """Writes a loose object, if it is new, and tells its id."""
        whole = f"{kind} {len(body)}\0".encode() + body
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        path = self.folder / name[:2] / name[2:]
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(zlib.compress(whole, 1))
        return name

    def tree(self, entries: dict[str, tuple[str, str]]) -> str:
        """A folder: name -> (mode, id)."""
        rows = sorted(entries.items(), key=lambda row: row[0] + ("/" if row[1][0] == "40000" else ""))
        return self.add("tree", b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(i) for name, (mode, i) in rows))

    def commit(self, tree: str, parent: str | None, at: datetime, message: str) -> str:
        lines = [f"tree {tree}", *([f"parent {parent}"] if parent else []), *_people(at), "", message, ""]
        return self.add("commit", "\n".join(lines).encode())


def _people(at: datetime) -> list[str]:
    stamp = f"{WHO} {int(at.timestamp())} +0000"
    return [f"author {stamp}", f"committer {stamp}"]


def write_repository(world: World, team: str, folder: Path, now: datetime) -> None:
    """Writes (or brings up to date) a team's repository as it is at ``now``: its main branch and a tag a deployment."""
    objects = Objects(folder)
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    refs: dict[str, str] = {}
    commits: dict[str, str] = {}
    documents = documents_of(team)
    versions = dict.fromkeys(documents, 0)
    head = None
    own = (one for one in world.deployments if one.team == team and one.at <= now)
    for number, deployment in enumerate(own, 1):
        if number % REWRITTEN == 1:
            versions[documents[number // REWRITTEN % len(documents)]] = number
        tree = _tree(objects, number, versions)
        head = objects.commit(tree, head, deployment.at, _message(deployment, number, commits))
        commits[deployment.tag] = refs[f"refs/tags/{deployment.tag}"] = head
    if head:
        refs[BRANCH] = head
    rows = [f"{name} {path}\n" for path, name in sorted(refs.items())]
    (folder / "packed-refs").write_text("# pack-refs with: peeled fully-peeled sorted \n" + "".join(rows))
    (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    (folder / "HEAD").write_text(f"ref: {BRANCH}\n")


def documents_of(team: str) -> tuple[str, ...]:
    """Paths of a team's documents."""
    return tuple(f"docs/{team}-{name}" for name in DOCUMENTS)


def _tree(objects: Objects, number: int, versions: dict[str, int]) -> str:
    """A file that each deployment changes, and the documents."""
    pages = {
        path.split("/")[1]: ("100644", objects.add("blob", f"# {path}\n\nAs of deployment {version}.\n".encode()))
        for path, version in versions.items()
        if version
    }
    entries = {"models.sql": ("100644", objects.add("blob", f"-- deployment {number}\n".encode()))}
    return objects.tree({**entries, "docs": ("40000", objects.tree(pages))})


def _message(deployment: Deployment, number: int, commits: dict[str, str]) -> str:
    """The subject names the merged change; a revert names the commit."""
    subject = f"{deployment.title} (#{number})"
    if deployment.reverts is None:
        return subject
    return f"{subject}\n\nThis reverts commit {commits[deployment.reverts]}."
