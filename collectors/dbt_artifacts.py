"""Finding dbt's artifacts on disk, and reading them without trusting their schema version.

dbt overwrites ``target/*.json`` with every command, so people keep copies: a folder a run, or names with a prefix
(``nightly.run_results.json``). What a file is, and when, is read from its own head, not from its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slo.errors import SourceError

WORDS = ("run_results", "sources", "manifest")
_SCHEMA = re.compile(r"schemas\.getdbt\.com/dbt/(run-results|sources|manifest)/v\d+")
_GENERATED = re.compile(r'"generated_at"\s*:\s*"([^"]+)"')
_INVOCATION = re.compile(r'"invocation_id"\s*:\s*"([^"]+)"')
_HEAD = 4096
"""Bytes in which dbt has always written ``metadata``, the first key of every artifact."""


@dataclass(frozen=True)
class Artifact:
    """One artifact file. ``changed`` is when the file last arrived or changed on this machine."""

    path: Path
    kind: str
    invocation: str | None
    generated_at: datetime
    changed: datetime


def moment(text: Any) -> datetime | None:
    """A dbt time as UTC; dbt's naive times (old versions) are UTC. None for null or what is no time."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def changed_at(path: Path) -> datetime:
    """The later of content and arrival: a copy that keeps its old time stamp still arrives now."""
    stat = path.stat()
    return datetime.fromtimestamp(max(stat.st_mtime, stat.st_ctime), UTC)


def find(root: Path) -> list[Path]:
    """Every file under ``root`` whose name says it is an artifact. Raises SourceError where there is no such place."""
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise SourceError(f"{root}: no such folder; set path to dbt's target folder, or to where its copies are")
    return sorted(path for path in root.rglob("*.json") if any(word in path.name for word in WORDS))


def describe(path: Path) -> Artifact | None:
    """What an artifact's head says; None for a file that is no dbt artifact. Raises ValueError on a broken one."""
    with path.open("rb") as file:
        head = file.read(_HEAD).decode("utf-8", "replace")
    schema, generated = _SCHEMA.search(head), _GENERATED.search(head)
    when = moment(generated[1]) if generated else None
    if schema is None:
        if path.name in {f"{word}.json" for word in WORDS}:
            raise ValueError("does not begin with the metadata of a dbt artifact")
        return None
    if when is None:
        raise ValueError("metadata.generated_at is missing")
    invocation = _INVOCATION.search(head)
    return Artifact(path, schema[1].replace("-", "_"), invocation[1] if invocation else None, when, changed_at(path))


def scan(root: Path, since: datetime | None = None) -> tuple[list[Artifact], list[tuple[Path, Exception]]]:
    """Artifacts under ``root``, and files that are broken. ``since``: results that were there before are left out (a
    result cannot be made after its file was last changed); manifests are always looked at."""
    found: list[Artifact] = []
    broken: list[tuple[Path, Exception]] = []
    for path in find(root):
        try:
            if since and "manifest" not in path.name and changed_at(path) < since:
                continue
            if (artifact := describe(path)) is not None:
                found.append(artifact)
        except FileNotFoundError:
            continue  # dbt replaces files while it runs; the next pass sees the new one
        except (OSError, ValueError) as error:
            broken.append((path, error))
    return found, broken


def load(path: Path) -> dict[str, Any]:
    """The artifact. Raises ValueError where it is not a JSON object (half written, cut off)."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("is not a JSON object")
    return data


def nearest_manifest(artifact: Artifact, manifests: Iterable[Artifact]) -> Artifact | None:
    """The manifest that describes a result file: of the same invocation, else same prefix, else same folder, else the
    newest one further up, else the newest of all."""
    prefix = artifact.path.name.split("run_results")[0].split("sources")[0]

    def closeness(manifest: Artifact) -> tuple[bool, bool, bool, bool, datetime]:
        folder = manifest.path.parent
        return (
            artifact.invocation is not None and manifest.invocation == artifact.invocation,
            folder == artifact.path.parent and manifest.path.name == f"{prefix}manifest.json",
            folder == artifact.path.parent,
            folder in artifact.path.parents,
            manifest.generated_at,
        )

    return max(manifests, key=closeness, default=None)
