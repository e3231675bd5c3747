"""What tierline.yaml and its critical.csv say of assets, told as facts of the source "config" like any other source's:
versioned when it changes, taken back when it no longer stands there."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slo.assets import CONFIG
from slo.facts import Asset, Fact
from tierline.assets.critical import Critical, Named, meant, warnings
from tierline.assets.naming import Known
from tierline.settings import Rule, Settings, Told
from tierline.settings.problems import Problem

if TYPE_CHECKING:
    from slo.store import Store

DECLARED = CONFIG
"""The source these facts are told by."""
EXPECTED = ("schedule", "schedule_tz", "grace_seconds", "freshness", "freshness_objective", "quality_objective")
"""What is expected of an asset. The past is not judged by it unless ``since`` says so."""
Version = tuple[datetime | None, dict[str, Any]]
"""From when (None: unless told otherwise), and what is said."""
_ENVELOPE = {"source", "id", "url", "revised_at", "deleted", "asset", "valid_from"}
_FIELDS = tuple(field.name for field in fields(Asset) if field.name not in _ENVELOPE)


def _said(told: Told) -> dict[str, Any]:
    """The fields that were written down, as the vocabulary holds them."""
    return told.model_dump(exclude_none=True, exclude={"since", "match", "of_kind"})


def fields_told(settings: Settings, critical: Critical | None = None) -> tuple[str, ...]:
    """The asset fields that the file, and the critical names beside it, tell of anything."""
    told: set[str] = set()
    for one in (*settings.assets.values(), *settings.rules, *(one.told for one in _names(critical))):
        told.update(_said(one))
    return tuple(name for name in _FIELDS if name in told)


def _names(critical: Critical | None) -> tuple[Named, ...]:
    return critical.names if critical else ()


def _matches(rule: Rule, name: str, kind: str | None) -> bool:
    return fnmatch.fnmatchcase(name, rule.match) and rule.of_kind in (None, kind)


def words(
    name: str, kind: str | None, settings: Settings, listed: Mapping[str, list[Named]] = {}
) -> list[tuple[tuple[str | int, ...] | Named, Told]]:
    """All that is said of an asset, the first to be heard first, and where: its own entry, the critical names, the
    rules by date. A place is that of tierline.yaml, or the line of the critical names."""
    own = [(("assets", name), settings.assets[name])] if name in settings.assets else []
    rules = [(("rules", at), rule) for at, rule in enumerate(settings.rules) if _matches(rule, name, kind)]
    rules.sort(key=lambda one: one[1].since or date.min, reverse=True)
    return [*own, *((one, one.told) for one in listed.get(name, ())), *rules]


def desired(
    settings: Settings, known: Mapping[str, str | None], listed: Mapping[str, list[Named]] = {}
) -> dict[str, list[Version]]:
    """Asset -> what is said of it, from when: (since, or None for "unless told otherwise", fields). ``known``: asset
    names and kinds that any source has told; ``listed``: those that the critical names speak of."""
    result = {}
    for name in {**known, **dict.fromkeys((*settings.assets, *listed))}:
        said = [told for _, told in words(name, known.get(name), settings, listed)]
        if said:
            result[name] = _versions(said, ZoneInfo(settings.timezone))
    return result


def _versions(tellings: Iterable[Told], zone: ZoneInfo) -> list[Version]:
    """Oldest first; each version holds what is in force then, the first telling that says a field winning."""
    dated = [(_start(one, zone), _said(one)) for one in tellings]
    starts = sorted({start for start, _ in dated if start is not None})
    versions = []
    for start in (None, *starts):
        content: dict[str, Any] = {}
        for since, said in dated:
            if since is None or (start is not None and since <= start):
                content = {**said, **content}
        if content:
            versions.append((start, content))
    return versions


def _start(told: Told, zone: ZoneInfo) -> datetime | None:
    return None if told.since is None else datetime.combine(told.since, time(0), zone)


def _fact(asset: str, valid_from: datetime | None, content: Mapping[str, Any]) -> Asset:
    moment = "always" if valid_from is None else valid_from.isoformat()
    return Asset(source=DECLARED, id=f"{asset}@{moment}", asset=asset, valid_from=valid_from, **content)


def _content(fact: Asset) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in _FIELDS if getattr(fact, name) is not None}


def tellings(wanted: Mapping[str, list[Version]], stored: Iterable[Asset], now: datetime) -> list[Fact]:
    """The facts that bring the stored versions to what is wanted; none where nothing changed."""
    by_asset: dict[str, list[Asset]] = {}
    for fact in stored:
        if not fact.deleted and fact.asset is not None:
            by_asset.setdefault(fact.asset, []).append(fact)
    facts: list[Fact] = []
    for asset, versions in wanted.items():
        facts += _bring(asset, versions, by_asset.pop(asset, []), now)
    for gone in by_asset.values():
        facts += map(_gone, gone)
    return facts


def _gone(fact: Asset) -> Asset:
    return Asset(source=DECLARED, id=fact.id, asset=fact.asset, deleted=True)


def _bring(asset: str, versions: list[Version], stored: list[Asset], now: datetime) -> list[Fact]:
    """Versions with a date of their own are told as they stand. What has none: at first its attributes hold for the
    whole past and its expectations from now; later a change counts from now."""
    facts: list[Fact] = [_fact(asset, start, content) for start, content in versions if start is not None]
    undated = next((content for start, content in versions if start is None), None)
    dated_ids = {fact.id for fact in facts}
    held = [fact for fact in stored if fact.id not in dated_ids]
    if undated is None:
        return [*facts, *map(_gone, held)]
    if not held:
        attributes = {name: value for name, value in undated.items() if name not in EXPECTED}
        facts.append(_fact(asset, None, attributes))
        return [*facts, _fact(asset, now, undated)] if attributes != undated else facts
    newest = max(held, key=lambda fact: (fact.valid_from is not None, fact.valid_from or now))
    return facts if _content(newest) == undated else [*facts, _fact(asset, now, undated)]


def tell(store: Store, settings: Settings, now: datetime, critical: Critical | None = None) -> int:
    """Stores what the files say of the assets known by now; the number of facts that changed."""
    assets = [fact for fact in store.read("asset", order_by="id") if isinstance(fact, Asset)]
    kinds = {**_unspoken(store, settings, assets), **kinds_of(assets)}
    stored = [fact for fact in assets if fact.source == DECLARED]
    listed = meant(critical.names, known(store, settings, assets)) if critical else {}
    counts = store.upsert(tellings(desired(settings, kinds, listed), stored, now))
    return counts.stored + counts.superseded


def kinds_of(assets: Iterable[Asset]) -> dict[str, str | None]:
    """Asset -> its kind, of those that any source has told."""
    kinds: dict[str, str | None] = {}
    for fact in assets:
        if fact.asset and fact.source != DECLARED and not fact.deleted:
            kinds[fact.asset] = fact.kind or kinds.get(fact.asset)
    return kinds


def _unspoken(store: Store, settings: Settings, assets: Iterable[Asset]) -> dict[str, None]:
    """Assets that facts name and nobody has spoken of. Where a rule asks for a kind one waits for somebody to say it:
    what was said before would be taken for a change."""
    asking = [rule for rule in settings.rules if rule.of_kind is not None]
    names = known(store, settings, assets).names
    return {name: None for name in names if not any(fnmatch.fnmatchcase(name, rule.match) for rule in asking)}


def known(store: Store, settings: Settings, assets: Iterable[Asset]) -> Known:
    """Every asset that a person may mean: what any fact names, but for what was told as gone, and the file's own."""
    collected = [fact for fact in assets if fact.asset and fact.source != DECLARED]
    there = {fact.asset for fact in collected if fact.asset and not fact.deleted}
    gone = {fact.asset for fact in collected} - there
    return Known([*settings.assets, *(name for name in store.assets() if name not in gone)], there)


def unclear(store: Store, settings: Settings, critical: Critical) -> list[Problem]:
    """What is unclear in the critical names, once there are assets to compare them with."""
    assets = [fact for fact in store.read("asset", order_by="id") if isinstance(fact, Asset)]
    names = known(store, settings, assets)
    return warnings(critical, names) if names.names else list(critical.warnings)
