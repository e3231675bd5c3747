"""What a change of an asset, an exclusion or a coverage reaches: shared by every KPI that rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from slo.blame import ASSET_FIELDS
from slo.due.reach import decides_until, next_dated
from slo.due.updates import landed
from slo.facts import Alias, Asset, Coverage, DatasetUpdate, Exclusion, Fact
from slo.measure import Ratio
from slo.store import ChangeRow, Mark
from slo.view import View

if TYPE_CHECKING:
    from slo.kpi import Kpi

FIRST = date.min
DIMENSIONS = ("tier", "team", "domain")
Span = tuple[datetime | None, datetime | None]


def asset_marks(kpi: Kpi, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """An asset's new version reaches from the moment it says something else; one that fills an empty tier, team or
    domain, or the asset's very first, reaches its whole past."""
    for change in changes:
        for fact in _said_of(change):
            if isinstance(fact, Asset):
                first = _from_when(kpi, change, fact, view)
                if first is not None:
                    yield Mark(fact.asset if kpi.by_asset else None, first, None)


def _said_of(change: ChangeRow) -> tuple[Fact, ...]:
    """What is told now; what was told before, too, where it was of another asset."""
    new, old = change.new, change.old
    if new is None or old is None:
        return tuple(fact for fact in (new, old) if fact is not None)
    return (new,) if getattr(new, "asset", None) == getattr(old, "asset", None) else (new, old)


def _from_when(kpi: Kpi, change: ChangeRow, fact: Asset, view: View) -> date | None:
    """The first day that looks different, or None where nothing that the KPI uses changed."""
    if change.old is not None or fact.deleted or fact.valid_from is None:
        return FIRST
    history = view.history(fact.asset)
    before = history.just_before(fact)
    if before is None:
        return FIRST
    fields = (*DIMENSIONS, "environment", *kpi.asset_fields, *(ASSET_FIELDS if kpi.measure is Ratio else ()))
    differing = [name for name in fields if getattr(fact, name) != getattr(before, name)]
    if not differing:  # of imports the latest told speaks: said again, the same word may now win over another's
        imported = fact.source not in view.platform.source_names
        others = imported and any(version.source != fact.source for version in history.versions)
        return view.day(fact.valid_from) if others else None
    filled = any(getattr(before, name) is None for name in differing if name in DIMENSIONS)
    return FIRST if filled else view.day(fact.valid_from)


def span_marks(kpi: Kpi, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """Exclusions reach the days of their span, coverage those in which it changed and those that it decides, an alias
    both names' history."""
    for change in changes:
        fact = change.new or change.old
        if isinstance(fact, Coverage) and "coverage" in kpi.facts:
            yield from _seen(_watched_anew(change), kpi, view)
        elif isinstance(fact, Exclusion):
            for side in (change.old, change.new):
                if isinstance(side, Exclusion):
                    yield from _days((side.start, side.end), kpi, view)
                    if side.start is not None and side.end is not None:
                        yield from kpi.excluded_in(view, side.start, side.end)
        elif isinstance(fact, Alias):
            for name in (fact.old, fact.new):
                yield Mark(name if kpi.by_asset else None, FIRST, None)


def _watched_anew(change: ChangeRow) -> Span:
    """Where a stretch was only extended, the extension alone."""
    old, new = change.old, change.new
    if isinstance(old, Coverage) and isinstance(new, Coverage) and old.start == new.start and old.kinds == new.kinds:
        ends = [end for end in (old.end, new.end) if end is not None]
        return min(ends), max(ends)
    spans = [fact for fact in (old, new) if isinstance(fact, Coverage) and fact.start and fact.end]
    starts, ends = [fact.start for fact in spans if fact.start], [fact.end for fact in spans if fact.end]
    return (min(starts), max(ends)) if starts else (None, None)


def _days(span: Span, kpi: Kpi, view: View) -> Iterator[Mark]:
    start, end = span
    if start is not None and end is not None:
        yield from (Mark(name, view.day(start), view.day(end)) for name in _units(kpi, view))


def _seen(span: Span, kpi: Kpi, view: View) -> Iterator[Mark]:
    start, end = span
    if start is not None and end is not None:
        for name in _units(kpi, view):
            until = end if name is None else kpi.seen_until(view, name, start, end)
            yield Mark(name, view.day(start), view.day(until))


def _units(kpi: Kpi, view: View) -> list[str | None]:
    return [None, *view.store.assets()] if kpi.by_asset else [None]


def update_marks(changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """An update reaches from its landing until the next one, or as long as it decides whether the dataset is fresh."""
    told: dict[str, list[DatasetUpdate]] = {}
    for change in changes:
        for fact in (change.old, change.new):
            if isinstance(fact, DatasetUpdate) and fact.asset is not None and fact.at is not None:
                told.setdefault(fact.asset, []).append(fact)
    lasts = {asset: max(map(landed, updates)) for asset, updates in told.items()}
    following = next_dated(view, lasts)
    for asset, updates in told.items():
        until, last = following[asset], lasts[asset]
        if until is not None:
            through = max(update.data_through or landed(update) for update in updates)
            until = max(until, decides_until(view, asset, last, through))
        yield Mark(asset, view.day(min(map(landed, updates))), None if until is None else view.day(until))


def platform_marks(kpi: Kpi, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """An asset's dimensions decide in which scopes an incident, an alert or a deployment counts."""
    first = min((mark.first for mark in asset_marks(kpi, changes, view)), default=None)
    if first is not None:
        yield Mark(None, first, None)


def otherwise_from(kpi: Kpi, changes: Iterable[ChangeRow], view: View) -> dict[str, date]:
    """Asset -> the first day on which a new version says something else, where its past stays as it was."""
    found: dict[str, date] = {}
    for change in changes:
        if isinstance(change.new, Asset) and change.new.asset is not None and change.old is None:
            for mark in asset_marks(kpi, [change], view):
                if mark.first != FIRST:
                    found[change.new.asset] = min(mark.first, found.get(change.new.asset, mark.first))
    return found
