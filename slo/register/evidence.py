"""Since when a register's evidence is told at all: what nobody had begun to tell by an instant was not blank then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from slo.assets import BEGINNING, FILLED, PEOPLE
from slo.facts import INFERRED
from slo.view import View

OWN = (*PEOPLE, INFERRED)
"""Sources that read no system."""


def watched(view: View, needs: Iterable[tuple[str, ...]], at: datetime) -> bool:
    """Whether each group of evidence was told of anything by an instant. What was imported is taken at its word: where
    no system is read, nothing is asked."""
    reading = any(source.name not in OWN for source in view.platform.sources)
    return not reading or all(_begun(view, group, at) for group in needs)


def _begun(view: View, group: tuple[str, ...], at: datetime) -> bool:
    firsts = [_first_told(view, evidence) for evidence in group]
    return any(first is not None and first <= at for first in firsts)


def _first_told(view: View, evidence: str) -> datetime | None:
    """When evidence was told first. Entries and checks have their own time, and speak for no other."""
    kind, _, name = evidence.partition(".")
    if kind not in ("asset", "edge"):
        return BEGINNING
    key = f"first told:{evidence}"
    if key not in view.kept:
        view.kept[key] = _first_of_assets(view, name) if kind == "asset" else _first_edge(view)
    found: datetime | None = view.kept[key]
    return found


def _first_of_assets(view: View, name: str) -> datetime | None:
    """A dimension that is filled in later counts as known since the beginning."""
    versions = (version for asset in view.asset_names for version in view.history(asset).versions)
    told = (version.valid_from or BEGINNING for version in versions if getattr(version, name) is not None)
    first = min(told, default=None)
    return BEGINNING if first is not None and name in FILLED else first


def _first_edge(view: View) -> datetime | None:
    found = view.read("edge", {"placed_at": (None, None)}, limit=1)
    return (found[0].seen_at or BEGINNING) if found else None
