"""Which scopes a source's facts can speak of. How many deployments tier 0 had nobody knows where none names a tier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from slo.kpi import WORDED

if TYPE_CHECKING:
    from slo.folding import Scope
    from slo.view import View

Named = dict[str, set[Any]]
"""Dimension (tier, team, domain, asset) -> its values."""
_OF_ASSETS = ("tier", "team", "domain")


def speaks_of(view: View, source: str, evidence: str, scope: Scope) -> bool:
    """Whether a source's facts of a kind ("entry.toil") name what a scope asks for, up to as-of: each dimension by some
    fact, its own or its assets', and the value by one of them or by any asset of the platform."""
    asked = {"tier": scope.tiers, "team": scope.team, "domain": scope.domain, "asset": scope.asset}
    wanted = {name: values for name, values in asked.items() if values not in ((), None)}
    if not wanted:
        return True
    told, there = _told(view, source, evidence), _platform(view)
    return all(told[name] and _any_of(values) & (told[name] | there[name]) for name, values in wanted.items())


def _any_of(values: Any) -> set[Any]:
    return set(values) if isinstance(values, tuple) else {values}


def _told(view: View, source: str, evidence: str) -> Named:
    """What the facts name; looked up once a view."""
    key = f"named:{source}:{evidence}"
    if key not in view.kept:
        kind, _, word = evidence.partition(".")
        where = {"source": source} | ({WORDED[kind]: word} if word else {})
        found = view.store.named(kind, where, view.as_of)
        named = _of_assets(view, found["asset"])
        view.kept[key] = {name: values | found.get(name, set()) for name, values in named.items()}
    kept: Named = view.kept[key]
    return kept


def _platform(view: View) -> Named:
    """What any asset is told to be."""
    if "named by assets" not in view.kept:
        view.kept["named by assets"] = _of_assets(view, view.asset_names)
    kept: Named = view.kept["named by assets"]
    return kept


def _of_assets(view: View, assets: Iterable[str]) -> Named:
    """Assets, and the dimensions that any version of them tells."""
    names = set(assets)
    versions = [version for name in names for version in view.history(name).versions]
    told = {name: {getattr(version, name) for version in versions} - {None} for name in _OF_ASSETS}
    return {**told, "asset": names}
