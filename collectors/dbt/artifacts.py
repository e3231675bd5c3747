"""Finding dbt's artifacts, and reading them without trusting their schema version.

dbt overwrites ``target/*.json`` with every command, so people keep copies: a folder a run, or names with a prefix
(``nightly.run_results.json``). What a file is, and when, is read from its own head, not from its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from collectors.dbt.places import WORDS, Entry, Place

_SCHEMA = re.compile(r"schemas\.getdbt\.com/dbt/(run-results|sources|manifest)/v\d+")
_GENERATED = re.compile(r'"generated_at"\s*:\s*"([^"]+)"')
_INVOCATION = re.compile(r'"invocation_id"\s*:\s*"([^"]+)"')
_HEAD = 4096
"""Bytes in which dbt has always written ``metadata``, the first key of every artifact."""


@dataclass(frozen=True)
class Artifact:
    """One artifact file. ``changed`` is when the file last arrived or changed where it is kept."""

    path: PurePosixPath
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


def describe(entry: Entry, head: bytes) -> Artifact | None:
    """What an artifact's head says; None for a file that is no dbt artifact. Raises ValueError on a broken one."""
    text = head[:_HEAD].decode("utf-8", "replace")
    schema, generated = _SCHEMA.search(text), _GENERATED.search(text)
    when = moment(generated[1]) if generated else None
    if schema is None:
        if entry.path.name.removesuffix(".gz") in {f"{word}.json" for word in WORDS}:
            raise ValueError("does not begin with the metadata of a dbt artifact")
        return None
    if when is None:
        raise ValueError("metadata.generated_at is missing")
    invocation = _INVOCATION.search(text)
    kind = schema[1].replace("-", "_")
    return Artifact(entry.path, kind, invocation[1] if invocation else None, when, entry.changed)


class Shelf:
    """The artifacts of one place. A head is read once for as long as its file stays as it is: a bucket with a year of
    copies costs a listing, not a year of requests."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._known: dict[Entry, Artifact | None] = {}

    def scan(self, since: datetime | None = None) -> tuple[list[Artifact], list[tuple[PurePosixPath, Exception]]]:
        """Artifacts, and files that are broken. ``since``: results that were there before are left out (a result
        cannot be made after its file was last changed); manifests are always looked at."""
        found: list[Artifact] = []
        broken: list[tuple[PurePosixPath, Exception]] = []
        for entry in self.place.entries():
            if since and "manifest" not in entry.path.name and entry.changed < since:
                continue
            try:
                if (artifact := self._described(entry)) is not None:
                    found.append(artifact)
            except FileNotFoundError:
                continue  # dbt replaces files while it runs; the next pass sees the new one
            except (OSError, ValueError) as error:
                broken.append((entry.path, error))
        return found, broken

    def _described(self, entry: Entry) -> Artifact | None:
        if entry not in self._known:
            self._known[entry] = describe(entry, self.place.read(entry.path, _HEAD))
        return self._known[entry]

    def load(self, path: PurePosixPath) -> dict[str, Any]:
        """The artifact. Raises OSError or ValueError where it is not a JSON object (half written, cut off)."""
        return decoded(self.place.read(path))


def decoded(content: bytes) -> dict[str, Any]:
    """An artifact's JSON. Raises ValueError where it is no object."""
    data = json.loads(content)
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
            folder == artifact.path.parent and manifest.path.name.startswith(f"{prefix}manifest.json"),
            folder == artifact.path.parent,
            folder in artifact.path.parents,
            manifest.generated_at,
        )

    return max(manifests, key=closeness, default=None)
