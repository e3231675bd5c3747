"""The oracle's facts: interchange dicts settled by identity, corrections, aliases and as-of; assets as they stood."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]
FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 1, 1, tzinfo=UTC)
MOMENTS = {
    "asset": ("valid_from",), "run": ("started_at", "due_at"), "dataset_update": ("at",), "check_result": ("at",),
    "incident": ("started_at", "detected_at"), "alert": ("fired_at",), "change": ("at",), "meter": ("at",),
    "distribution": ("at",), "coverage": ("start",), "work_item": ("opened_at",), "edge": ("seen_at",),
    "survey_answer": ("at",), "entry": ("at",),
}  # fmt: skip
WORDS = {"change": "kind", "work_item": "kind", "entry": "kind", "meter": "meter", "distribution": "metric"}
"""Kinds that hold several sorts of fact, and the field that says which."""
INSTANTS = {"valid_from", "first_seen", "data_through", "at", "start", "end", "until"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _read(key: str, value: Any) -> Any:
    if isinstance(value, str) and (key in INSTANTS or key.endswith("_at")):
        return moment(value)
    if key == "spans" and value is not None:
        return [[moment(start), None if end is None else moment(end)] for start, end in value]
    return value


def _settled(lines: list[Record]) -> list[Record]:
    """Of several tellings the one revised last, else the last to arrive."""
    best: dict[tuple[str, str, str], tuple[Any, Record]] = {}
    for number, line in enumerate(lines):
        fact = {key: _read(key, value) for key, value in line.items()}
        key = (fact["fact"], fact["source"], fact["id"])
        rank = (fact.get("revised_at") or FIRST, number)
        if key not in best or best[key][0] <= rank:
            best[key] = (rank, fact)
    return [fact for _, fact in best.values() if not fact.get("deleted")]


class World:
    """The facts as they read at an as-of."""

    def __init__(self, lines: list[Record], as_of: datetime, tz: ZoneInfo, order: tuple[str, ...] = ()) -> None:
        self.lines, self.as_of, self.tz, self.order = lines, as_of, tz, order
        facts = _settled(lines)
        self._correct(facts)
        self._rename(facts)
        self.told = facts
        self.facts = [self._as_of(fact) for fact in facts if self._moment(fact) <= as_of]
        self.kinds: dict[str, list[Record]] = {}
        for fact in self.facts:
            self.kinds.setdefault(fact["fact"], []).append(fact)

    def _correct(self, facts: list[Record]) -> None:
        corrections = [fact for fact in facts if fact["fact"] == "correction"]
        for correction in sorted(corrections, key=lambda one: one.get("at") or FIRST):
            for fact in facts:
                target = (correction["target_fact"], correction["target_source"], correction["target_id"])
                if (fact["fact"], fact["source"], fact["id"]) == target:
                    fact.update({key: _read(key, value) for key, value in correction["set"].items()})

    def _rename(self, facts: list[Record]) -> None:
        self.names = {fact["old"]: fact["new"] for fact in facts if fact["fact"] == "alias"}
        for fact in facts:
            if fact.get("asset") is not None:
                fact["asset"] = self.name(fact["asset"])
            if fact["fact"] == "incident" and fact.get("assets"):
                fact["assets"] = [self.name(asset) for asset in fact["assets"]]
            if fact["fact"] == "edge":
                fact |= {end: self.name(fact[end]) for end in ("upstream", "downstream")}

    def name(self, asset: str) -> str:
        seen = set()
        while asset in self.names and asset not in seen:
            seen.add(asset)
            asset = self.names[asset]
        return asset

    def _moment(self, fact: Record) -> datetime:
        values = [fact.get(field) for field in MOMENTS.get(fact["fact"], ())]
        return next((value for value in values if value is not None), FIRST)

    def _as_of(self, told: Record) -> Record:
        """The fact with what came after as-of taken away."""
        fact = dict(told)
        for key, value in told.items():
            later = isinstance(value, datetime) and value > self.as_of
            if later and key.endswith("_at") and key not in ("due_at", "planned_at", "revised_at"):
                fact[key] = None
                if fact["fact"] == "run" and key == "ended_at":
                    fact["state"] = "running"
                if fact["fact"] == "work_item" and key == "closed_at":
                    fact["outcome"] = None
        if fact.get("spans"):
            seen = [span for span in fact["spans"] if span[0] <= self.as_of]
            fact["spans"] = [[start, None if end is None or end > self.as_of else end] for start, end in seen]
        return fact

    def of(self, kind: str, word: str | None = None) -> list[Record]:
        """The facts of a kind, or of one sort of it."""
        return [fact for fact in self.kinds.get(kind, []) if word is None or fact[WORDS[kind]] == word]

    # --- assets -----------------------------------------------------------------------------------------------

    def versions(self, asset: str) -> list[Record]:
        return [fact for fact in self.of("asset") if fact["asset"] == asset]

    def begins(self, asset: str) -> datetime | None:
        """The first valid_from; None where the asset was never told."""
        starts = [version.get("valid_from") or FIRST for version in self.versions(asset)]
        return min(starts, default=None)

    def in_force(self, asset: str, at: datetime) -> list[Record]:
        """One version a source, the most trusted first. Before the first version, that one."""
        versions = self.versions(asset)
        first = self.begins(asset)
        if first is None:
            return []
        at = max(at, first)
        newest: dict[str, Record] = {}
        for version in versions:
            start = version.get("valid_from") or FIRST
            held = newest.get(version["source"])
            if start <= at and (held is None or (held.get("valid_from") or FIRST) <= start):
                newest[version["source"]] = version

        def rank(version: Record) -> Any:
            if version["source"] in self.order:
                return (1, self.order.index(version["source"]))
            return (0, -((version.get("valid_from") or FIRST) - FIRST).total_seconds(), version["source"])

        return sorted(newest.values(), key=rank)

    def teller(self, asset: str, field: str, at: datetime) -> Record | None:
        """The version that tells a field at an instant."""
        versions = self.in_force(asset, at)
        return next((version for version in versions if version.get(field) is not None), None)

    def field(self, asset: str | None, field: str, at: datetime) -> Any:
        """A field in force; tier, team and domain reach over gaps: back first, else forward."""
        if asset is None:
            return None
        version = self.teller(asset, field, at)
        if version is None and field in ("tier", "team", "domain"):
            told = [one for one in self.versions(asset) if one.get(field) is not None]
            told.sort(key=lambda one: one.get("valid_from") or FIRST)
            earlier = [one for one in told if (one.get("valid_from") or FIRST) <= at]
            version = earlier[-1] if earlier else next(iter(told), None)
        return None if version is None else version[field]

    def produced(self, asset: str | None, at: datetime, own: str | None = None) -> bool:
        """Whether it counts as production."""
        environment = own if own is not None else self.field(asset, "environment", at)
        return environment in (None, "prod", "production")

    def listed(self, asset: str, at: datetime) -> bool:
        """Whether things are expected of the asset at an instant."""
        first = self.begins(asset)
        return first is not None and at >= first and self.field(asset, "retired", at) is not True

    # --- coverage, exclusions, references ---------------------------------------------------------------------

    def seen_spans(self, source: str, kind: str) -> list[tuple[datetime, datetime]]:
        told = [fact for fact in self.told if fact["fact"] == "coverage" and fact["source"] == source]
        spoken = [fact for fact in told if fact.get("kinds") is None or kind in fact["kinds"]]
        if spoken:
            return [(fact["start"], fact["end"]) for fact in spoken]
        moments = [self._moment(fact) for fact in self.facts if fact["source"] == source and fact["fact"] in MOMENTS]
        moments = [one for one in moments if one != FIRST]
        return [(min(moments, default=FIRST), LAST)]

    def seen(self, source: str, kind: str, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.seen_spans(source, kind))

    def source_seen(self, source: str, kind: str, start: datetime, end: datetime) -> bool:
        """Whether a source was seen for all of [start, end)."""
        reach = start
        for first, last in sorted(self.seen_spans(source, kind)):
            if first <= reach:
                reach = max(reach, last)
        return start < end <= reach

    def seen_whole(self, kind: str, word: str | None, start: datetime, end: datetime, scope: Record) -> bool:
        """Whether a source that has told such facts by as-of, and of such a scope, was seen for all of [start, end)."""
        return any(
            self.source_seen(source, kind, start, end) and self.speaks_of(source, kind, word, scope)
            for source in {one["source"] for one in self.of(kind, word)}
        )

    def speaks_of(self, source: str, kind: str, word: str | None, scope: Record) -> bool:
        """Whether each dimension asked for stands in some fact of the source, itself or by its assets, and its value in
        one of them or in any asset."""
        facts = [one for one in self.of(kind, word) if one["source"] == source]
        named = {one.get("asset") for one in facts} | {name for one in facts for name in one.get("assets") or ()}
        for dimension in ("tier", "team", "domain", "asset"):
            asked = scope.get(dimension)
            if asked is None:
                continue
            own = {one.get(dimension) for one in facts} | {
                one.get(dimension) for one in self.of("asset") if one["asset"] in named
            }
            anywhere = {one.get(dimension) for one in self.of("asset")}
            if dimension == "asset":
                own, asked = named, self.name(asked)
            known = (own | anywhere) - {None}
            if not own - {None} or not set(asked if isinstance(asked, tuple) else (asked,)) & known:
                return False
        return True

    def begun(self, kind: str, at: datetime) -> bool:
        """Whether anybody who tells such facts was watched before an instant, or from it on."""
        sources = {one["source"] for one in self.of(kind)}
        return any(start <= at for source in sources for start, _ in self.seen_spans(source, kind))

    def excluded(self, kpi: str, at: datetime, asset: str | None, team: Any, tier: Any) -> bool:
        for one in self.of("exclusion"):
            fits = (
                (one.get("kpis") is None or kpi in one["kpis"])
                and one["start"] <= at < one["end"]
                and (one.get("team") is None or one["team"] == team)
                and (one.get("tier") is None or one["tier"] == tier)
                and (one.get("assets") is None or (asset is not None and fnmatchcase(asset, one["assets"])))
            )
            if fits:
                return True
        return False

    def refer(self, kind: str, source: str, text: str | None) -> tuple[str, str] | None:
        """The identity a reference names: source/id, else the own source's, else the only match."""
        if text is None:
            return None
        known = {(fact["source"], fact["id"]) for fact in self.of(kind)}
        for cut in re.finditer("/", text):
            if (text[: cut.start()], text[cut.end() :]) in known:
                return text[: cut.start()], text[cut.end() :]
        if (source, text) in known:
            return source, text
        matches = [key for key in known if key[1] == text]
        return matches[0] if len(matches) == 1 else None


def seconds(span: timedelta) -> float:
    return span / timedelta(seconds=1)
