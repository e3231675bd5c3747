"""Registers: what a source shows as it is now. Its tellings become versions that are known from the pass's moment on.

A version is written only when its content changed, so a quiet pass writes nothing. ``first_seen`` is told only for
assets that appear after the first complete listing. What a complete listing no longer holds is told as gone: an asset
by a version that says ``retired`` (its past stays judged as it was), an edge by ``gone_at``, anything else as deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from slo import interchange
from slo.errors import SourceError
from slo.facts import KINDS, Asset, Edge, Fact

_VERSION = re.compile(r"@\d{4}-\d\d-\d\dT[^@]*$")
_NOT_CONTENT = ("fact", "source", "id", "valid_from", "revised_at", "deleted")
_FEW = 5
"""So few may vanish at once without a question, as long as something is left."""


class Reads(Protocol):
    """The part of the store that registers need."""

    def read(self, kind: str, where: Any = ...) -> list[Any]: ...

    def fact_original(self, fact: Fact) -> dict[str, Any]: ...


def told_name(version: Fact) -> str:
    """The asset's name as the source told it: the version's id without its instant (aliases rename the field)."""
    return _VERSION.sub("", version.id)


class Register:
    """The assets and edges of one source in one pass."""

    def __init__(self, store: Reads, source: str, at: datetime, *, listed_before: bool) -> None:
        self.store = store
        self.source = source
        self.at = at
        self.listed_before = listed_before
        """A complete listing of this source's assets was stored in an earlier pass."""
        self.told: dict[str, dict[str, Any]] = {}
        self._seen: dict[str, datetime | None] | None = None
        self._overlaid: set[str] | None = None

    def tell(self, record: dict[str, Any]) -> None:
        """Takes one telling of an asset; several of one pass complete each other, the later wins."""
        known = self.told.setdefault(str(record.get("asset")), {})
        known.update({key: value for key, value in record.items() if value is not None})

    def edge(self, record: dict[str, Any]) -> dict[str, Any]:
        """An edge's telling with ``seen_at``: when it was first seen, or now."""
        if record.get("seen_at"):
            return record
        if self._seen is None:
            stored = self.store.read("edge", {"source": self.source})
            self._seen = {edge.id: edge.seen_at for edge in stored if edge.gone_at is None}
        return {**record, "seen_at": self._seen.get(str(record.get("id"))) or self.at}

    def versions(self, *, latest: bool) -> list[Fact]:
        """New versions of what was told, where content changed. A history period only adds assets nobody knew."""
        if not self.told:
            return []
        current = self.current()
        made = []
        for name, record in self.told.items():
            before = current.get(name)
            if before is None or latest:
                version = self._version(name, record, before)
                made.extend([version] if version else [])
        self.told = {}
        return made

    def current(self) -> dict[str, dict[str, Any]]:
        """The newest stored version of every asset of this source, as it was collected (corrections taken off)."""
        newest: dict[str, Asset] = {}
        for version in self.store.read("asset", {"source": self.source}):
            name = told_name(version)
            if name not in newest or _start(version) >= _start(newest[name]):
                newest[name] = version
        return {name: self._collected(name, version) for name, version in newest.items() if not version.deleted}

    def _collected(self, name: str, version: Asset) -> dict[str, Any]:
        record = interchange.to_record(version)
        if version.id in self._corrected():
            original = {interchange.wire_name(key): value for key, value in self.store.fact_original(version).items()}
            collected = {key: value for key, value in {**record, **original}.items() if value is not None}
            record = interchange.to_record(interchange.parse(collected))
        return {**record, "asset": name}

    def _corrected(self) -> set[str]:
        """Ids of versions that corrections are laid over."""
        if self._overlaid is None:
            self._overlaid = {one.target_id for one in self.store.read("correction", {"target_fact": "asset"})}
        return self._overlaid

    def _version(self, name: str, record: dict[str, Any], before: dict[str, Any] | None) -> Fact | None:
        seen = (before or {}).get("first_seen") or (self.at if before is None and self.listed_before else None)
        told = {"first_seen": seen, **record, "valid_from": self.at, "id": f"{name}@{_text(self.at)}"}
        version = interchange.parse({**told, "fact": "asset", "source": self.source})
        same = before is not None and _content(interchange.to_record(version)) == _content(before)
        return None if same else version

    def gone(self, kind: str, ids: Collection[str], *, guarded: bool) -> list[Fact]:
        """What is stored of ``kind`` and missing from a complete listing, told as gone. ``guarded``: raises
        SourceError where so much is missing that the listing is likelier wrong than the world."""
        alive = self._alive(kind)
        missing = sorted(set(alive) - set(ids))
        if guarded:
            self._guard(kind, len(missing), len(alive))
        return [self._ended(kind, name, alive[name]) for name in missing]

    def _alive(self, kind: str) -> dict[str, dict[str, Any]]:
        if kind == "asset":
            return {name: record for name, record in self.current().items() if not record.get("retired")}
        stored: Iterable[Fact] = self.store.read(kind, {"source": self.source})
        known = (fact for fact in stored if not (isinstance(fact, Edge) and fact.gone_at))
        return {fact.id: interchange.to_record(fact) for fact in known}

    def _guard(self, kind: str, missing: int, known: int) -> None:
        suspicious = missing == known or missing > _FEW
        if missing and suspicious and 2 * missing > known:
            raise SourceError(
                f"{self.source}: its listing lacks {missing} of {known} known {kind} entries. That looks like a fault "
                "or a lost right, so nothing was marked as gone. If they are really gone: "
                f"tierline collect {self.source} --full"
            )

    def _ended(self, kind: str, name: str, record: dict[str, Any]) -> Fact:
        if kind == "asset":
            ended = {**record, "retired": True, "valid_from": self.at, "id": f"{name}@{_text(self.at)}"}
        elif kind == "edge":
            ended = {**record, "gone_at": self.at}
        else:
            ended = {"id": name, "deleted": True, "revised_at": self.at if record.get("revised_at") else None}
        return interchange.parse({**ended, "fact": kind, "source": self.source})


def as_collected(store: Reads, source: str, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """The stored fact of a record's identity as the source told it, corrections taken off; None where there is none."""
    kind = str(record.get("fact"))
    if kind not in KINDS or not record.get("id"):
        return None
    for fact in store.read(kind, {"source": source, "id": str(record["id"])}):
        told = {interchange.wire_name(key): value for key, value in store.fact_original(fact).items()}
        collected = {**interchange.to_record(fact), **told}
        return interchange.to_record(interchange.parse({key: v for key, v in collected.items() if v is not None}))
    return None


def _start(version: Asset) -> datetime:
    return version.valid_from or datetime.min.replace(tzinfo=UTC)


def _content(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in _NOT_CONTENT}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
