"""The slots a schedule calls for, and which run met which (kpi_rules, section 4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo.assets import AssetHistory, Told
from slo.due.schedule import gives_slots, ticks
from slo.facts import Run

AHEAD = timedelta(days=400)
"""How far to look for the next slot: a yearly schedule is found."""
COUNTED = (None, "schedule", "event")
"""What triggers a run that counts, and that may meet a slot."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An instant at which a run was called for, until when it may start, and who told the schedule."""

    at: datetime
    grace: timedelta
    witness: str

    @property
    def falls_due(self) -> datetime:
        return self.at + self.grace


def slots(history: AssetHistory, start: datetime, end: datetime, grace_seconds: float) -> Iterator[Slot]:
    """Slots in [start, end): ticks of the schedule in force then, while the pipeline existed and was not paused."""
    if history.begin is None:
        return
    for first, last in history.segments(max(start, history.begin), end):
        told = history.told(first)
        if "schedule" not in told or not history.exists(first) or _flag(told.get("paused")):
            continue
        grace = told["grace_seconds"].value if "grace_seconds" in told else grace_seconds
        zone = told["schedule_tz"].value if "schedule_tz" in told else None
        schedule = told["schedule"]
        for tick in ticks(schedule.value, zone, first, last, schedule.since):
            yield Slot(tick, timedelta(seconds=grace), schedule.source)


def _flag(told: Told | None) -> bool:
    return told is not None and bool(told.value)


def has_slots(history: AssetHistory) -> bool:
    """Whether any version of the asset told a schedule that calls for runs."""
    return any(gives_slots(history.get("schedule", moment)) for moment in history.breaks)


def next_slot(history: AssetHistory, after: datetime, grace_seconds: float) -> Slot | None:
    """The first slot at or after an instant."""
    return next(slots(history, after, after + AHEAD, grace_seconds), None)


def meets(run: Run) -> bool:
    """Only schedule and event runs meet a slot, and only once they have started or are final."""
    return run.trigger in COUNTED and run.state != "missed" and (run.started_at is not None or run.state != "running")


@dataclass(frozen=True, slots=True)
class Held:
    """What a run without a due time holds: its slot (None: all were taken), and since when, where a run that started
    after it took a slot that it held before."""

    slot: datetime | None
    since: datetime | None


def met_by(runs: Iterable[Run], called: Iterable[Slot]) -> dict[tuple[str, str], datetime]:
    """(source, id) of a run without a due time -> the slot it met: the latest unmet one up to its start."""
    return {key: held.slot for key, held in held_by(runs, called).items() if held.slot is not None}


def held_by(runs: Iterable[Run], called: Iterable[Slot]) -> dict[tuple[str, str], Held]:
    """(source, id) of every run without a due time that may meet a slot -> what it holds."""
    meeting = [run for run in runs if meets(run)]
    waiting = [(run.started_at, run) for run in meeting if run.due_at is None and run.started_at is not None]
    waiting.sort(key=lambda one: (one[0], one[1].source, one[1].id))
    taken = _taken(meeting)
    unmet = [slot.at for slot in called if slot.at not in taken]
    starts = [start for start, _ in waiting]
    moved = {slot: at for slot, at in taken.items() if bisect_left(starts, slot) < bisect_left(starts, at)}
    found: dict[tuple[str, str], Held] = {}
    for start, run in waiting:
        place = bisect_right(unmet, start)
        slot = unmet.pop(place - 1) if place else None
        later = [at for lost, at in moved.items() if lost <= start < at and (slot is None or slot < lost)]
        found[(run.source, run.id)] = Held(slot, max(later, default=None))
        if slot is not None and later:
            moved[slot] = max(later)
    return found


def _taken(runs: Iterable[Run]) -> dict[datetime, datetime]:
    """Slot -> when the first run that tells it as its own began."""
    taken: dict[datetime, datetime] = {}
    for run in runs:
        if run.due_at is not None:
            began = run.started_at or run.ended_at or run.due_at
            taken[run.due_at] = min(began, taken.get(run.due_at, began))
    return taken
