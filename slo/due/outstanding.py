"""What is called for and not there: deliveries that are overdue or due within a day, slots that nobody has met."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slo.assets import Told
from slo.due.ahead import unseen
from slo.due.freshness import Arrival, Dataset, maximum, reach_of, stale_from
from slo.due.ready import INSTANT, Round, Why
from slo.due.slots import Slot, has_slots, slots
from slo.due.updates import landed
from slo.intervals import contains
from slo.view import View

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Due:
    """Something expected that is not there. ``told``: the rule; ``blind``: why nobody can know whether it came;
    ``since``: of deliveries overdue in a row the first one's deadline."""

    asset: str
    kind: str
    deadline: datetime
    needed: Round
    told: Told
    slot: Slot | None = None
    blind: Why | None = None
    since: datetime | None = None


def outstanding(view: View, names: list[str]) -> tuple[list[Due], int]:
    """What is not there, and how many datasets' deliveries of the next day are."""
    rules = {name: told for name in names if (told := view.history(name).told(view.as_of).get("freshness"))}
    view.read_updates_ahead(rules, view.as_of - timedelta(days=18), view.as_of + timedelta(days=60))
    found: list[Due] = []
    there = 0
    for name in names:
        if name in rules:
            aged = maximum(rules[name].value) is not None
            due, came = (_aged if aged else _delivered)(view, name, rules[name])
            found += [due] if due else []
            there += came
        elif has_slots(view.history(name)):
            found += filter(None, [_slot(view, name)])
    return found, there


def _delivered(view: View, name: str, told: Told) -> tuple[Due | None, int]:
    """The delivery that is overdue, else the next within a day, where it is not there; whether the next is."""
    dataset, now = Dataset(view, view.history(name)), view.as_of
    begin = max(told.since, view.history(name).begin or now)
    arrivals = dataset.deliveries(max(begin, now - reach_of(told.value)), now + DAY, told)
    past = [one for one in arrivals if one.delivery.deadline <= now]
    coming = [one for one in arrivals if one.delivery.deadline > now]
    came = int(bool(coming) and coming[0].there is not None)
    if past and past[-1].there is None and not came:
        return replace(_due_of(view, name, past[-1], told), since=_first_missed(view, name, past, told)), 0
    if coming and coming[0].there is None:
        return _due_of(view, name, coming[0], told), 0
    return None, came


def _first_missed(view: View, name: str, past: list[Arrival], told: Told) -> datetime:
    """Of the deadlines that passed in a row, and were seen to pass, the first."""
    watched, first = view.watched(told.source, "dataset_update", name), past[-1].delivery.deadline
    for one in reversed(past):
        if one.there is not None or not contains(watched, one.delivery.deadline):
            break
        first = one.delivery.deadline
    return first


def _due_of(view: View, name: str, arrival: Arrival, told: Told) -> Due:
    delivery, now = arrival.delivery, view.as_of
    zone = ZoneInfo(told.value["tz"]) if told.value.get("tz") else view.platform.timezone
    until = delivery.deadline if delivery.deadline > now else now + DAY
    blind = unseen(view, told.source, "dataset_update", name)
    if delivery.deadline <= now and not contains(view.watched(told.source, "dataset_update", name), delivery.deadline):
        blind = blind or Why("unseen", name)
    needed = Round(delivery.midnight, until, zone)
    return Due(name, "dataset", delivery.deadline, needed, told, blind=blind)


def _aged(view: View, name: str, told: Told) -> tuple[Due | None, int]:
    """The moment at which the data grows too old, where it lies within a day."""
    now = view.as_of
    newest, cause = Dataset(view, view.history(name)).newest_before(now + INSTANT)
    blind = unseen(view, told.source, "dataset_update", name)
    if newest is None or cause is None:
        never = Round(now, now + DAY)
        return Due(name, "dataset", now, never, told, blind=blind or Why("landing", name, 0)), 0
    turn = stale_from(view.platform, told.value, newest, now + DAY)
    if turn >= now + DAY:
        return None, 1
    needed = Round(landed(cause) + INSTANT, turn if turn > now else now + DAY)
    return Due(name, "dataset", turn, needed, told, blind=blind, since=turn), 0


def _slot(view: View, name: str) -> Due | None:
    """The slot that has come last, else the next within a day; who has started is sorted out by the runs."""
    history, now = view.history(name), view.as_of
    told = history.told(now).get("schedule")
    called = list(slots(history, now - DAY, now + DAY, view.platform.grace_seconds))
    if told is None or not called:
        return None
    past = [slot for slot in called if told.since <= slot.at <= now]
    slot = past[-1] if past else called[0]
    before = past[-2].at if len(past) > 1 else slot.at - DAY
    blind = unseen(view, slot.witness, "run", name)
    if not contains(view.watched(slot.witness, "run", name), min(slot.at, now - INSTANT)):
        blind = blind or Why("unseen", name)
    return Due(name, "pipeline", slot.falls_due, Round(before, slot.at + INSTANT), told, slot, blind)
