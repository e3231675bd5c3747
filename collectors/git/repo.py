"""Reading a git repository through the ``git`` command: never a shell, never a hook, never a prompt.

Only times, ids, messages and paths are read: no author, no committer, no e-mail address.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from slo.errors import RetriableError, SourceError

_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false")
_ELSEWHERE = frozenset({
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
})  # fmt: skip
_TIMEOUT = 900
"""Seconds for one git command; a first fetch of a large repository is the longest."""
_COMMIT = "%H%x1f%P%x1f%ct%x1f%s%x1f%b%x1e"
_TAG = "%(refname:lstrip=2)%1f%(*objectname)%1f%(objectname)%1f%(creatordate:unix)%1f%(*objecttype)%(objecttype)"


@dataclass(frozen=True)
class Commit:
    """One commit. ``at`` is the committer's date: when it came to be as it is."""

    sha: str
    parents: tuple[str, ...]
    at: datetime
    subject: str
    body: str


@dataclass(frozen=True)
class Tag:
    """A tag on a commit. ``at`` is the tagger's date, or the commit's where the tag is a mere name."""

    name: str
    commit: str
    at: datetime


class Repository:
    """A clone or a bare repository. Every call raises SourceError with git's own words and what to do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *arguments: str) -> str:
        """The output of one git command."""
        program = shutil.which("git")
        if program is None:
            raise SourceError("git: the command is not installed; install git on the machine that collects")
        if not self.path.is_dir():
            raise SourceError(f"{self.path}: no such folder; set path to a clone or a bare repository")
        command = [program, "-C", str(self.path), *_SAFE, "--no-pager", *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, stdin=subprocess.DEVNULL, env=_environment(self.path), check=False,
                timeout=_TIMEOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RetriableError(f"{self.path}: git {arguments[0]} took longer than {_TIMEOUT} s") from None
        if done.returncode != 0:
            raise SourceError(f"{self.path}: git {arguments[0]}: {_said(done.stderr)}")
        return done.stdout.decode("utf-8", "replace")

    def fetch(self) -> None:
        """Brings the clone up to date with where it came from."""
        self.run("fetch", "--quiet", "--tags", "--prune", "--all")

    @property
    def shallow(self) -> bool:
        """Whether old history was left out when it was cloned."""
        return self.run("rev-parse", "--is-shallow-repository").strip() == "true"

    def commit(self, ref: str) -> str:
        """The commit a branch, tag or id names."""
        try:
            return self.run("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}").strip()
        except SourceError as error:
            if "single revision" in str(error):
                raise SourceError(f"{self.path}: {ref!r} names no commit there; set branch to one of its") from None
            raise

    def commits(self, refs: Sequence[str]) -> dict[str, Commit]:
        """Every commit that can be reached from the given commits, newest first."""
        if not refs:
            return {}
        output = self.run("log", f"--format={_COMMIT}", *refs)
        return {commit.sha: commit for commit in map(_commit, filter(str.strip, output.split("\x1e")))}

    def main_line(self, ref: str) -> list[str]:
        """The commits a branch was at, oldest first (first parents)."""
        return self.run("rev-list", "--first-parent", "--reverse", ref).split()

    def tags(self, pattern: str) -> list[Tag]:
        """Tags on commits whose name fits the glob, oldest first."""
        output = self.run("for-each-ref", f"--format={_TAG}", "--sort=creatordate", "refs/tags")
        tags = [tag for tag in map(_tag, output.splitlines()) if tag is not None]
        return [tag for tag in tags if fnmatchcase(tag.name, pattern)]

    def files(self, ref: str) -> set[str]:
        """Paths that exist at ``ref``."""
        output = self.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", ref)
        return {name for name in output.split("\0") if name}

    def touches(self, ref: str, patterns: Sequence[str]) -> Iterator[tuple[str, datetime, list[str]]]:
        """(commit, its time, paths it touched) of every commit that touched a file fitting one of the globs, newest
        first. ``**`` is any number of folders."""
        globs = [f":(top,glob){pattern}" for pattern in patterns]
        output = self.run("log", "--format=%x1e%H%x1f%ct%x1f", "--name-only", "--no-renames", ref, "--", *globs)
        for record in filter(str.strip, output.split("\x1e")):
            sha, seconds, names = record.split("\x1f", 2)
            yield sha, _utc(seconds), [name for name in names.splitlines() if name]

    def sizes(self, ref: str) -> Mapping[str, int]:
        """Lines added plus removed by each commit of the main line, against the commit before it."""
        output = self.run("log", "--first-parent", "-m", "--numstat", "--format=%x1e%H", ref)
        return {record.split("\n", 1)[0]: _lines(record) for record in output.split("\x1e") if record.strip()}


def _environment(path: Path) -> dict[str, str]:
    """This process's environment, without what would point git elsewhere, and with nothing that could ask a person.
    ``path`` is the repository itself, never one it lies in."""
    kept = {key: value for key, value in os.environ.items() if key not in _ELSEWHERE}
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    ssh = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes"} if "GIT_SSH_COMMAND" not in kept else {}
    return {**kept, **quiet, **ssh, "GIT_CEILING_DIRECTORIES": str(path.resolve().parent)}


def fits(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path fits one of the globs, read as git reads them."""
    return any(re.fullmatch(as_regex(pattern), path) for pattern in patterns)


def as_regex(pattern: str) -> str:
    """A glob as a regular expression of whole paths: ``*`` and ``?`` stay within a folder, ``**`` does not."""
    words = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(word, re.escape(word)) for word in words)


def _commit(record: str) -> Commit:
    sha, parents, seconds, subject, body = record.lstrip("\n").split("\x1f", 4)
    return Commit(sha, tuple(parents.split()), _utc(seconds), subject, body.strip())


def _tag(line: str) -> Tag | None:
    """None for a tag on something else than a commit."""
    name, peeled, plain, seconds, kinds = line.split("\x1f")
    return Tag(name, peeled or plain, _utc(seconds)) if kinds.startswith("commit") and seconds else None


def _utc(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _lines(record: str) -> int:
    """Added plus removed lines of a numstat; a binary file ("-") has none."""
    columns = (line.split("\t") for line in record.splitlines() if line.count("\t") == 2)
    return sum(int(count) for row in columns for count in row[:2] if count.isdigit())


def _said(stderr: bytes) -> str:
    """git's own words, without its hints' indentation; they name what to do for unsafe owners and missing
    folders. A password in a remote's address is starred."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return re.sub(r"//[^/@\s]+@", "//***@", " ".join(lines[:4])) or "failed without a word"
