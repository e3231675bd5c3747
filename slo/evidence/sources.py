"""What is known of the sources behind a KPI: whether anyone tells its evidence and since when, whether they are up to
date, and for which part of a window they were watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from slo.assets import BEGINNING, FILLED, PEOPLE
from slo.evidence.health import TOLERANCE, Health, Reading, readings_of
from slo.facts import INFERRED
from slo.intervals import overlap_seconds, union
from slo.kpi import Kpi
from slo.platform import SourceInfo
from slo.view import View
from slo.windows import Window, is_provisional_by_clock

IMPORTED = "imported "
"""Evidence "imported schedule": an imported asset tells the field, so what it expects is taken at its word."""


def missing(kpi: Kpi, view: View) -> list[tuple[str, ...]]:
    """The groups of evidence that no source tells: with any, the KPI is not set up. What was imported is taken at
    its word: who told a kind of fact can tell its fields."""
    return [group for group in kpi.needs if not any(_told(evidence, view) for evidence in group)]


def _told(evidence: str, view: View) -> bool:
    if evidence.startswith(IMPORTED):
        return view.imports_tell(evidence.removeprefix(IMPORTED))
    kind, _, name = evidence.partition(".")
    configured = {source.name: source for source in view.sources}
    for source in configured.values():
        if kind in source.tells and (not name or name in source.tells[kind]):
            return True
    return any(source not in configured for source in (*view.sources_telling([kind]), *view.sources_watching(kind)))


def feeding(kpi: Kpi, view: View) -> Iterator[SourceInfo]:
    """Configured sources that have told facts of the KPI."""
    telling = set(view.sources_telling(kind for kind in kpi.facts if kind not in ("asset", "coverage")))
    return (source for source in view.platform.sources if source.name in telling)


def stale_sources(kpi: Kpi, view: View, window: Window | None = None) -> list[str]:
    """Feeding sources that were last observed longer ago than their settle time and interval allow. Of a window only
    those that fell silent before it had settled: what settled earlier stays so."""
    return [source.name for source in feeding(kpi, view) if _is_stale(kpi, view, source, window)]


def _is_stale(kpi: Kpi, view: View, source: SourceInfo, window: Window | None) -> bool:
    kinds = [kind for kind in kpi.facts if kind in source.tells and kind not in ("asset", "coverage")]
    ends = [stretches[-1][1] for kind in kinds if (stretches := view.observed(source.name, kind))]
    needed = view.as_of - (source.settle + source.interval + TOLERANCE)
    if window is not None:
        needed = min(needed, _settled(kpi, view, source, window))
    return bool(ends) and max(ends) < needed


def _settled(kpi: Kpi, view: View, source: SourceInfo, window: Window) -> datetime:
    """From when on nothing that the source tells changes what a KPI says of a window."""
    return window.end + source.settle + kpi.looks_ahead(view)


def readings(view: View) -> dict[str, Reading]:
    """How each source stands, as of now."""
    if "readings" not in view.kept:
        view.kept["readings"] = readings_of(view.store, view.platform.sources, view.as_of)
    found: dict[str, Reading] = view.kept["readings"]
    return found


def incomplete_sources(kpi: Kpi, view: View, window: Window | None = None) -> dict[str, Health]:
    """Feeding sources of whose own count a part did not come in the newest pass. Of a window only those that were not
    read completely once it had settled."""
    found = {}
    for source in feeding(kpi, view):
        read = readings(view)[source.name].health
        if read is not None and not read.complete:
            until = read.complete_until
            if window is None or until is None or until < _settled(kpi, view, source, window):
                found[source.name] = read
    return found


def unsettled(kpi: Kpi, view: View, window: Window) -> bool:
    """A calendar window whose end, or whose sources' settle time after it, lies after as-of."""
    if window.rolling:
        return False
    settle = max((source.settle for source in feeding(kpi, view)), default=timedelta(0))
    return is_provisional_by_clock(window, view.as_of) or window.end + settle > view.as_of


# Since when

_OWN = (*PEOPLE, INFERRED)
"""Sources that read no system."""
_WATCHED = ("edge", "check_result", "incident")
"""Kinds whose silence is one of the facts: before anybody watched for them it says nothing."""


def begun(needs: Iterable[tuple[str, ...]], view: View, at: datetime) -> bool:
    """Whether somebody had begun to tell each group of evidence by an instant: what nobody told yet was not missing."""
    return all(any(_begun(evidence, len(group) > 1, view, at) for evidence in group) for group in needs)


def _begun(evidence: str, one_of_several: bool, view: View, at: datetime) -> bool:
    """Imported assets are taken at their word: a field they do not tell is blank, unless something else would do."""
    kind, _, name = evidence.partition(".")
    if kind == "asset":
        first = _first_told(view, name)
        if any(source.name not in _OWN for source in view.platform.sources):
            return first is not None and first <= at
        return first is not None or not one_of_several
    return kind not in _WATCHED or any(first <= at for first in _first_watched(view, kind))


def _first_told(view: View, name: str) -> datetime | None:
    """When any asset told a field first; a dimension that is filled in later counts as known since the beginning."""
    key = f"first told:{name}"
    if key not in view.kept:
        versions = (version for asset in view.asset_names for version in view.history(asset).versions)
        told = (version.valid_from or BEGINNING for version in versions if getattr(version, name) is not None)
        first = min(told, default=None)
        view.kept[key] = BEGINNING if first is not None and name in FILLED else first
    found: datetime | None = view.kept[key]
    return found


def _first_watched(view: View, kind: str) -> list[datetime]:
    """When each source that tells a kind was first watched. Registers of a configured source are not watched by its
    coverage, which speaks of events: they begin with the first that was told."""
    key = f"first watched:{kind}"
    if key not in view.kept:
        configured = {source.name for source in view.platform.sources}
        view.kept[key] = []
        for source in view.sources_telling([kind]):
            if kind == "edge" and source in configured:
                told = view.read("edge", {"source": source, "placed_at": (None, None)}, limit=1)
                view.kept[key] += [edge.seen_at or BEGINNING for edge in told]
            else:
                view.kept[key] += [first for first, _ in view.observed(source, kind)[:1]]
    found: list[datetime] = view.kept[key]
    return found


def unwatched(kpi: Kpi, view: View, window: Window) -> float:
    """The share of the window, up to as-of, in which no source that tells the KPI's facts was watched; 0 where none of
    them ever says when it is watched."""
    kind = (kpi.witness or kpi.facts[0]).partition(".")[0]
    telling = view.sources_telling([kind])
    start, end = window.start, min(window.end, view.as_of)
    if kind in ("asset", "edge") or start >= end or not any(view.says_when(source, kind) for source in telling):
        return 0.0
    seen = overlap_seconds(union(*(view.observed(source, kind) for source in telling)), start, end)
    return 1 - seen / (end - start).total_seconds()
