"""What happened to one asset on one local day: its runs, slots, deliveries and updates, each as it was judged."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from slo.calendars import DAY
from slo.facts import DatasetUpdate, Run
from slo.intervals import seconds_between
from slo.measure import Item
from slo.shelf import get_kpi
from slo.view import View

MOST = 300
"""Lines of one day at most, in order of time."""


def happened(view: View, asset: str, day: date) -> dict[str, Any]:
    """``runs`` and ``updates`` of the day in order of time, ``deliveries`` due on it, ``stale`` stretches; ``more``:
    how many runs and updates are not listed."""
    start, end = view.start_of(day), view.start_of(day + DAY)
    runs = [told for item in _judged(view, "pipeline_success_rate", asset, start, end) if (told := _run(item))]
    runs.sort(key=lambda one: one["at"])
    where = {"asset": asset, "placed_at": (start, end)}
    updates: list[DatasetUpdate] = view.read("dataset_update", where, limit=MOST + 1)
    return {
        "runs": runs[:MOST], "deliveries": deliveries(view, asset, day),
        "updates": [_update(one) for one in updates[:MOST]],
        "stale": [
            (item.at, item.since) for item in _judged(view, "freshness_slo_attainment", asset, start, end)
            if item.bad and item.excluded is None
        ],
        "more": max(len(runs) - MOST, 0) + max(len(updates) - MOST, 0),
    }  # fmt: skip


def _judged(view: View, kpi_id: str, asset: str, start: datetime, end: datetime) -> list[Item]:
    kpi = get_kpi(kpi_id)
    return [item for item in kpi.items(view, [asset], start, end, kpi.defaults) if start <= item.at < end]


def _run(item: Item) -> dict[str, Any] | None:
    """A run, or a slot that no run met; None where an item counts nothing."""
    fact = item.facts[0] if item.facts else None
    if not isinstance(fact, Run):
        known = item.bad or item.unseen or item.note == "within its grace"
        return _slot(item) if known else None
    return {
        "at": item.at, "due": fact.due_at, "started": fact.started_at, "ended": fact.ended_at, "tries": fact.tries,
        "state": fact.state, "trigger": fact.trigger, "late": seconds_between(fact.due_at, fact.started_at),
        "seconds": seconds_between(fact.started_at, fact.ended_at),
        "verdict": _verdict(item), "left_out": item.excluded, "source": fact.source, "id": fact.id, "url": fact.url,
    }  # fmt: skip


def _slot(item: Item) -> dict[str, Any]:
    verdict = "unseen" if item.unseen else "due" if item.note == "within its grace" else _verdict(item)
    return {
        "at": item.at, "due": item.at, "started": None, "ended": None, "tries": None, "state": "missed",
        "trigger": "schedule", "late": None, "seconds": None, "verdict": verdict, "left_out": item.excluded,
        "source": None, "id": None, "url": None,
    }  # fmt: skip


def _verdict(item: Item) -> str:
    if item.excluded is not None:
        return "running" if item.excluded == "running" else "skipped" if item.excluded == "skipped" else "left out"
    if item.bad:
        return "missed" if (item.beside or {}).get("missed") or item.note == "missed" else "failed"
    return "kept" if item.good else "unseen"


def missed_slots(view: View, asset: str, day: date) -> int:
    """Slots of the day that count as bad and that no run met."""
    start, end = view.start_of(day), view.start_of(day + DAY)
    items = _judged(view, "pipeline_success_rate", asset, start, end)
    return sum(bool(item.bad and item.excluded is None and not item.facts) for item in items)


def deliveries(view: View, asset: str, day: date) -> list[dict[str, Any]]:
    """Deliveries whose deadline lies in the day: when due, when there (None: not yet), how late in seconds."""
    start, end = view.start_of(day), view.start_of(day + DAY)
    found = []
    for item in _judged(view, "dataset_sla_attainment", asset, start, end):
        if (item.key or "").startswith("deadline:") and item.note != "" and (item.good or item.bad or item.unseen):
            fact = item.facts[0] if item.facts else None
            there = fact.at if isinstance(fact, DatasetUpdate) else None
            found.append(
                {"due": item.at, "there": there, "late": None if there is None else (there - item.at).total_seconds(),
                 "verdict": _arrived(item, there), "left_out": item.excluded}
            )  # fmt: skip
    return found


def _arrived(item: Item, there: datetime | None) -> str:
    if item.excluded is not None:
        return "left out"
    if item.unseen:
        return "unseen"
    if item.good:
        return "kept"
    return "missed" if there is None else "late"


def _update(one: DatasetUpdate) -> dict[str, Any]:
    return {
        "at": one.at, "through": one.data_through, "backfill": bool(one.backfill), "source": one.source, "id": one.id,
        "url": one.url,
    }  # fmt: skip
