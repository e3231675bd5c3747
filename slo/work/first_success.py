"""When an asset first worked in production: the end of its first successful run, or the landing of its first update
(kpi_rules, section 6, onboarding_lead_time)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from slo.facts import DatasetUpdate, Fact, Run, WorkItem
from slo.intervals import INSTANT
from slo.kpi import tellings
from slo.store import ChangeRow, Mark
from slo.view import View, in_production

Identity = tuple[str, str, str]


def first_success(view: View, asset: str) -> datetime | None:
    """The first success up to as-of; None where there was none."""
    kept: dict[str, datetime | None] = view.kept.setdefault("first_success", {})
    if asset not in kept:
        kept[asset] = _first(view, asset, frozenset())
    return kept[asset]


def success_marks(changes: Iterable[ChangeRow], awaited: Collection[WorkItem], view: View) -> Iterator[Mark]:
    """The days on which work items of these assets end, or ended, because runs or updates have changed."""
    changed = _changed(tellings(changes), {fact.asset for fact in awaited if fact.asset is not None})
    days: set[date] = set()
    for asset, found in changed.items():
        unchanged = _first(view, asset, frozenset(found))
        moments = set().union(*found.values())
        if unchanged is not None and unchanged < min(moments):
            continue  # another one came first, before and now
        closed = {fact.closed_at for fact in awaited if fact.asset == asset}
        days |= {view.day(moment) for moment in moments | closed | {unchanged} if moment is not None}
    yield from (Mark(None, day, day) for day in sorted(days))


def _changed(facts: Iterable[Fact], assets: Collection[str]) -> dict[str, dict[Identity, set[datetime]]]:
    """Asset -> successes that are told now or were before: identity -> their moments."""
    found: dict[str, dict[Identity, set[datetime]]] = {}
    for fact in facts:
        moment = _success(fact)
        if moment is not None and isinstance(fact, (Run, DatasetUpdate)) and fact.asset in assets:
            identity = (fact.kind_of_fact, fact.source, fact.id)
            found.setdefault(str(fact.asset), {}).setdefault(identity, set()).add(moment)
    return found


def _success(fact: Fact) -> datetime | None:
    if isinstance(fact, DatasetUpdate):
        return fact.at
    return fact.ended_at if isinstance(fact, Run) and fact.state == "success" else None


def _first(view: View, asset: str, without: Collection[Identity]) -> datetime | None:
    until = (None, view.as_of + INSTANT)
    runs = _first_of(view, "run", {"asset": asset, "state": "success", "ended_at": until}, "ended_at", without)
    updates = _first_of(view, "dataset_update", {"asset": asset, "placed_at": until}, "placed_at", without)
    return min((moment for moment in (runs, updates) if moment is not None), default=None)


def _first_of(
    view: View, kind: str, where: dict[str, object], order: str, without: Collection[Identity]
) -> datetime | None:
    """The first success of a kind in production: nearly always the very first that is read."""
    for limit in (len(without) + 1, None):
        found = view.read(kind, where, order_by=order, limit=limit)
        for fact in found:
            moment = _success(fact)
            if moment is None or (kind, fact.source, fact.id) in without:
                continue
            if in_production(view.dims(fact.asset, moment).environment):
                return moment
        if limit is not None and len(found) < limit:
            return None
    return None
