"""Runs that came without their slot: each finds its own among all that were called for, so a run or a slot that is told
late moves others from one day to another (kpi_rules, section 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from slo.assets import AssetHistory
from slo.due.slots import Slot, has_slots, meets, met_by, slots
from slo.facts import Asset, Run, place
from slo.kpi import AT_MOST, tellings
from slo.store import ChangeRow, Mark
from slo.view import View

BEFORE = timedelta(days=400)
"""How far before the first run a slot is still called for."""
CALLING = ("schedule", "schedule_tz", "paused", "retired")
"""Fields of an asset that say which slots there are."""


def without_due(view: View, names: Collection[str]) -> list[Run]:
    """Runs of scheduled pipelines that came without their slot: to be matched over the whole history."""
    scheduled = [name for name in names if has_slots(view.history(name))]
    if not scheduled:
        return []
    where = {"asset": scheduled, "due_at": None}
    found = view.read("run", where, order_by=None)  # an order would have all runs of an asset read to find these
    return [run for run in found if meets(run)]


def called(view: View, history: AssetHistory, runs: Collection[Run], start: datetime) -> list[Slot]:
    """All slots since the schedule was first told, where a run without a due time must find its own."""
    first = min((run.started_at or run.due_at or start for run in runs), default=start)
    begins = max(history.begin or start, min(first, start) - BEFORE)
    return list(slots(history, begins, view.as_of, view.platform.grace_seconds))


def displaced(changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """The days between which changed runs and schedules move runs without a due time. Whoever loses a slot, or may have
    it again, moves to or from an earlier one, that one's run likewise, and so on; who finds none stands on the day of
    its start. So nothing moves where no such run started later that has its slot, or none, by then."""
    told: dict[str, list[Run]] = {}
    anew: dict[str, list[datetime]] = {}
    for fact in tellings(changes):
        if isinstance(fact, Run) and fact.asset is not None and meets(fact) and place(fact) is not None:
            told.setdefault(fact.asset, []).append(fact)
        elif isinstance(fact, Asset) and fact.asset is not None and _calls_anew(view, fact):
            anew.setdefault(fact.asset, []).append(fact.valid_from or view.as_of)
    names = list(dict.fromkeys([*told, *anew]))
    floating: dict[str, list[Run]] = {}
    for run in without_due(view, names) if names else ():
        if run.started_at is not None:
            floating.setdefault(run.asset or "", []).append(run)
    for name in names:
        if has_slots(view.history(name)):
            yield from _by_runs(view, name, told.get(name, []), floating.get(name, []))
            yield from _by_slots(view, name, anew.get(name, []), floating.get(name, []))


def _by_runs(view: View, name: str, told: list[Run], floating: list[Run]) -> Iterator[Mark]:
    moments = [moment for run in told if (moment := place(run)) is not None]
    if not moments:
        return
    first, last = min(moments), max(moments)
    moved = _standing_by(view, name, last, [run for run in floating if _start(run) >= first])
    if moved or any(run.due_at is None for run in told):
        yield _since_it_began(view, name, first, last)
    yield from (Mark(name, day, day) for day in sorted({view.day(_start(run)) for run in moved}))


def _by_slots(view: View, name: str, anew: list[datetime], floating: list[Run]) -> Iterator[Mark]:
    """Other slots from a moment on: their own days are marked as the asset's."""
    if anew and any(_start(run) >= min(anew) for run in floating):
        yield _since_it_began(view, name, min(anew), max(anew))


def _since_it_began(view: View, name: str, first: datetime, last: datetime) -> Mark:
    begins = view.history(name).begin or first
    since = max(begins, first - AT_MOST)
    return Mark(name, min(view.day(since), view.day(first)), view.day(last))


def _standing_by(view: View, name: str, moment: datetime, late: list[Run]) -> list[Run]:
    """Of these runs those that meet a slot up to a moment, or none."""
    if not late:
        return []
    runs = view.read("run", {"asset": name})
    met = met_by(runs, called(view, view.history(name), runs, moment))
    return [run for run in late if met.get((run.source, run.id), moment) <= moment]


def _start(run: Run) -> datetime:
    assert run.started_at is not None
    return run.started_at


def _calls_anew(view: View, version: Asset) -> bool:
    """Whether a version may call for other slots than the one before it. Where several tell the asset, a version that
    says the same may now win over another's."""
    history = view.history(version.asset)
    before = history.just_before(version)
    if before is None or any(told.source != version.source for told in history.versions):
        return True
    return any(getattr(version, name) != getattr(before, name) for name in CALLING)
