"""The slots a schedule calls for, and which run met which (kpi_rules, section 4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo.assets import AssetHistory, Told
from slo.due.schedule import gives_slots, ticks
from slo.facts import Run

AHEAD = timedelta(days=400)
"""How far to look for the next slot: a yearly schedule is found."""


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
    return (
        run.trigger in (None, "schedule", "event")
        and run.state != "missed"
        and (run.started_at is not None or run.state != "running")
    )


def met_by(runs: Iterable[Run], called: Iterable[Slot]) -> dict[tuple[str, str], datetime]:
    """(source, id) of a run without a due time -> the slot it met: the latest unmet one up to its start."""
    dated = list(runs)
    taken = {run.due_at for run in dated if run.due_at is not None and meets(run)}
    unmet = [slot.at for slot in called if slot.at not in taken]
    found: dict[tuple[str, str], datetime] = {}
    waiting = (run for run in dated if run.due_at is None and run.started_at is not None and meets(run))
    for run in sorted(waiting, key=lambda run: (run.started_at, run.source, run.id)):
        assert run.started_at is not None
        place = bisect_right(unmet, run.started_at)
        if place:
            found[(run.source, run.id)] = unmet.pop(place - 1)
    return found
