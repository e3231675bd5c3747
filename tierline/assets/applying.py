"""What was filled in becomes facts of the source "applied": one version of an asset from each moment on at which
something else was said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slo.assets import APPLIED, BEGINNING, CONFIG, FIELDS, FILLED, AssetHistory, Told
from slo.facts import Asset
from slo.lineage.kin import own_tellings
from slo.view import View


@dataclass(frozen=True)
class Change:
    """One field of one asset that will be another, and what holds it now."""

    asset: str
    field: str
    value: Any
    before: Told | None
    since: datetime | None
    """From when; None: it always was."""

    @property
    def idle(self) -> bool:
        """Whether tierline.yaml says it, and so goes before."""
        return self.before is not None and self.before.source == CONFIG


def versions(view: View, filled: Mapping[str, Mapping[str, Any]], since: datetime | None) -> list[Asset]:
    """The facts that bring what was applied to what was filled in, from ``since`` on (None: the beginning)."""
    facts: list[Asset] = []
    for asset, fields in filled.items():
        held = [one for one in view.history(asset).versions if one.source == APPLIED and not one.deleted]
        facts += _restated(asset, held, fields, since)
    return facts


def _restated(asset: str, held: Iterable[Asset], fields: Mapping[str, Any], since: datetime | None) -> Iterator[Asset]:
    """A new version from ``since`` on, and the later ones saying the same of these fields. What is taken back leaves
    every version."""
    before = {one.valid_from or BEGINNING: _content(one) for one in held}
    after = {start: dict(content) for start, content in before.items()}
    begins, said = since or BEGINNING, {name: value for name, value in fields.items() if value is not None}
    if said and any(_in_force(after, start).get(name) != said[name] for name in said for start in _from(after, begins)):
        after[begins] = {**_in_force(after, begins), **said}
        for start in after:
            if start > begins:
                after[start] |= said
    for content in after.values():
        for name in fields.keys() - said.keys():
            content.pop(name, None)
    for start, content in after.items():
        if content != before.get(start):
            yield _version(asset, start, content)


def _from(held: Mapping[datetime, Mapping[str, Any]], begins: datetime) -> list[datetime]:
    return [begins, *(start for start in held if start > begins)]


def _in_force(held: Mapping[datetime, dict[str, Any]], t: datetime) -> dict[str, Any]:
    starts = [start for start in held if start <= t]
    return held[max(starts)] if starts else {}


def _version(asset: str, start: datetime, content: Mapping[str, Any]) -> Asset:
    """A version; one that says nothing any more is gone as though it had never been told."""
    always = start == BEGINNING
    name = f"{asset}@{'always' if always else start.isoformat()}"
    if not content:
        return Asset(source=APPLIED, id=name, asset=asset, deleted=True)
    return Asset(source=APPLIED, id=name, asset=asset, valid_from=None if always else start, **content)


def _content(fact: Asset) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in FIELDS if getattr(fact, name) is not None}


def changes(
    view: View, filled: Mapping[str, Mapping[str, Any]], facts: Iterable[Asset], since: datetime | None
) -> list[Change]:
    """What the facts change, field by field, in order of asset."""
    found = []
    for asset in sorted({fact.asset for fact in facts if fact.asset}):
        history = view.history(asset)
        told = history.told(view.as_of)
        for name, value in filled[asset].items():
            before = told.get(name)
            if not _stands(before, value, since):
                found.append(Change(asset, name, value, before, _counts_from(history, name, since, view)))
    return found


def _counts_from(history: AssetHistory, name: str, since: datetime | None, view: View) -> datetime | None:
    """From when it counts, in the platform's zone: a dimension that nobody ever told is filled for the whole past."""
    filled = name in FILLED and not own_tellings(history, name)
    return None if since is None or filled else since.astimezone(view.platform.timezone)


def _stands(before: Told | None, value: Any, since: datetime | None) -> bool:
    """Whether it was applied already, from then on or earlier."""
    applied = before is not None and before.source == APPLIED and before.value == value
    return applied and before is not None and before.since <= (since or BEGINNING)
