"""Causes: what a change was (late, retold, deleted, corrected, ...), told in groups with the first few named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from slo.facts import ENVELOPE, KINDS, Alias, Correction, Exclusion, Fact, place
from slo.interchange import choices, field_name, field_types, wire_name
from slo.store import ChangeRow
from slo.view import View

Cause = dict[str, Any]
LATE, RETOLD, DELETED, CORRECTED, DUE = "late fact", "retold", "deletion", "correction", "came due"
OF_KIND = {"exclusion": "exclusion", "alias": "rename", "asset": "asset", "coverage": "coverage"}
NAMED = 10
"""Facts named in a group; the others are counted."""
BAD = ("failed", "missed", "fail", "error", "rolled_back", "noise")
WORDS = ("tier", "team", "domain", "environment", "schedule", "schedule_tz", "freshness", "old", "new", "assets")
"""Told of a fact beside instants, figures and words of fixed lists. Free text is not: it may name people."""
_LEFT_OUT = {*ENVELOPE, "asset", "owner", "by"}


class Telling:
    """What each change of a batch was."""

    def __init__(self, view: View, changes: Iterable[ChangeRow]) -> None:
        self._view = view
        self._corrections: dict[tuple[str, str], Correction] = {}
        for change in changes:
            fact = change.new or change.old
            if isinstance(fact, Correction) and fact.target_fact and fact.target_id:
                self._corrections[fact.target_fact, fact.target_id] = fact
        self._any = view.store.counts().get("correction", 0) > 0
        self._kept: dict[tuple[int, str, str], Cause] = {}

    def of(self, change: ChangeRow) -> Cause:
        """{"what", "kind", "source", "assets", "team", "named"} of one change."""
        fact = change.new or change.old
        assert fact is not None  # one of the two is there
        key = (change.seq, fact.source, fact.id)
        if key not in self._kept:
            self._kept[key] = self._told(change, fact)
        return self._kept[key]

    def _told(self, change: ChangeRow, fact: Fact) -> Cause:
        changed = differing(change.old, change.new)
        correction = self._correction(change, set(changed))
        named = {
            "id": fact.id, "asset": getattr(fact, "asset", None), "url": fact.url, "at": _iso(place(fact)),
            "changed": changed, "correction": None if correction is None else _of(correction),
        }  # fmt: skip
        return {
            "what": CORRECTED if correction is not None else what(change), "kind": fact.kind_of_fact,
            "source": fact.source, "assets": self._assets(change), "team": getattr(fact, "team", None), "named": named,
        }  # fmt: skip

    def _assets(self, change: ChangeRow) -> list[str]:
        """Assets that the fact is of, by their present names, as it is and as it was."""
        names: list[str | None] = []
        for fact in (change.old, change.new):
            if isinstance(fact, Alias):
                names += [fact.old, fact.new]
            elif isinstance(fact, Exclusion):
                names += [name for name in self._view.asset_names if fact.assets and fnmatchcase(name, fact.assets)]
            elif fact is not None:
                names += [getattr(fact, "asset", None), *(getattr(fact, "assets", None) or ())]
        return sorted({self._view.canonical(name) or name for name in names if name is not None})

    def _correction(self, change: ChangeRow, changed: set[str]) -> Correction | None:
        """The correction that made all of the difference, or None: told now, or standing over the fact."""
        new = change.new
        if new is None or change.old is None or not self._any:
            return None
        told = self._corrections.get((new.kind_of_fact, new.id))
        standing = [told] if told is not None else self._view.store.read(
            "correction", {"target_fact": new.kind_of_fact, "target_id": new.id}
        )  # fmt: skip
        for one in standing:
            assert isinstance(one, Correction)
            right = {wire_name(field_name(new.kind_of_fact, key) or key) for key in one.set or {}}
            if one.target_source in (None, new.source) and changed and changed <= right:
                return one
        return None


def what(change: ChangeRow) -> str:
    """The word for a change."""
    fact = change.new or change.old
    if fact is not None and fact.kind_of_fact in OF_KIND:
        return OF_KIND[fact.kind_of_fact]
    if change.old is None:
        return LATE
    if change.old == change.new:
        return DUE
    return DELETED if change.new is None else RETOLD


def differing(old: Fact | None, new: Fact | None) -> dict[str, list[Any]]:
    """Field -> [before, now] of what differs, as plain values; of a fact that came or went what it said."""
    fact = new or old
    if fact is None:
        return {}
    found = {}
    for name in _told_fields(fact.kind_of_fact):
        before, now = getattr(old, name, None), getattr(new, name, None)
        if before != now:
            found[wire_name(name)] = [_plain(before), _plain(now)]
    return found


@cache
def _told_fields(kind: str) -> tuple[str, ...]:
    types = field_types(KINDS[kind])
    names = [one.name for one in fields(KINDS[kind]) if one.name not in _LEFT_OUT]
    return tuple(name for name in names if _is_told(name, types[name]))


def _is_told(name: str, plain_type: Any) -> bool:
    return name in WORDS or plain_type in (datetime, int, float, bool) or bool(choices(plain_type))


def _of(correction: Correction) -> dict[str, Any]:
    return {
        "id": correction.id, "source": correction.source, "reason": correction.reason, "ref": correction.ref,
        "withdrawn": correction.deleted,
    }  # fmt: skip


class Heard:
    """Changes gathered into groups: of one kind, source, asset and sort."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Any, ...], list[Cause]] = {}

    def add(self, period: int, direct: bool, told: Cause, arrived: datetime | None) -> None:
        key = (period, told["what"], told["kind"], told["source"], tuple(told["assets"]), told["team"], not direct)
        self._groups.setdefault(key, []).append({**told["named"], "arrived": _iso(arrived)})

    def bodies(self) -> Iterator[tuple[int, Cause]]:
        for (period, word, kind, source, assets, team, compared), named in self._groups.items():
            yield period, {
                "what": word, "kind": kind, "source": source, "assets": list(assets), "team": team,
                "compared": compared, **summed([{"facts": 1, "named": [one], **_spans([one])} for one in named]),
            }  # fmt: skip


def _spans(named: list[dict[str, Any]]) -> dict[str, str | None]:
    happened = [one["at"] for one in named if one["at"] is not None]
    arrived = [one["arrived"] for one in named if one["arrived"] is not None]
    return {
        "first_at": min(happened, default=None), "last_at": max(happened, default=None),
        "first_arrived": min(arrived, default=None), "last_arrived": max(arrived, default=None),
    }  # fmt: skip


def summed(groups: list[Cause]) -> Cause:
    """Several groups as one: how many, since when until when, and the worst named, then the earliest."""
    found: Cause = {"facts": sum(group["facts"] for group in groups)}
    for name, best in (("first_at", min), ("last_at", max), ("first_arrived", min), ("last_arrived", max)):
        told = [group[name] for group in groups if group[name] is not None]
        found[name] = best(told) if told else None
    named = [one for group in groups for one in group["named"]]
    found["named"] = sorted(named, key=lambda one: (not _is_bad(one), one["at"] or "", one["id"]))[:NAMED]
    return found


def _is_bad(named: dict[str, Any]) -> bool:
    return any(pair[1] in BAD for pair in named["changed"].values() if isinstance(pair[1], str))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
