"""What is called for and not there: deliveries that are overdue or due within a day, slots that nobody has met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from slo.assets import Told
from slo.due.ahead import unseen
from slo.due.freshness import SEARCHED, Arrival, Dataset, maximum, stale_from
from slo.due.ready import Round, Why
from slo.due.slots import Slot, has_slots, slots
from slo.due.updates import landed
from slo.intervals import INSTANT, Interval, clip, contains
from slo.view import View

DAY = timedelta(hours=24)
DATA = "dataset_update"


@dataclass(frozen=True)
class Due:
    """Something expected that is not there. ``told``: the rule; ``blind``: why nobody can know whether it came (of what
    is overdue: it was not seen to be late; once it was, it stays so until something is seen to land); ``since``: of a
    late dataset when that was seen first, of deliveries overdue in a row the first one's deadline."""

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
    now, arrivals = view.as_of, _arrivals(view, name, told)
    past = [one for one in arrivals if one.delivery.deadline <= now]
    coming = [one for one in arrivals if one.delivery.deadline > now]
    came = int(bool(coming) and coming[0].there is not None)
    if past and past[-1].there is None and not came:
        return _overdue(view, name, past, told), 0
    if coming and coming[0].there is None:
        return replace(_due_of(view, name, coming[0], told), blind=unseen(view, told.source, DATA, name)), 0
    return None, came


def _arrivals(view: View, name: str, told: Told) -> list[Arrival]:
    """The deliveries due up to a day from now, back to one that is there: mostly it is days ago."""
    dataset, now = Dataset(view, view.history(name)), view.as_of
    begin = max(told.since, dataset.history.begin or now)
    for reach in SEARCHED:
        found = dataset.deliveries(max(begin, now - reach), now + DAY, told)
        if begin >= now - reach or any(one.there for one in found if one.delivery.deadline <= now):
            break
    return found


def _overdue(view: View, name: str, past: list[Arrival], told: Told) -> Due:
    """The last delivery that is overdue, late since the first in a row whose deadline was seen to pass."""
    watched, due = view.watched(told.source, DATA, name), _due_of(view, name, past[-1], told)
    row = takewhile(lambda one: one.there is None, reversed(past))
    seen = [one.delivery.deadline for one in row if contains(watched, one.delivery.deadline)]
    if not seen:
        return replace(due, blind=_not_seen(watched, name, due.deadline))
    return replace(due, since=min(seen))


def _not_seen(watched: list[Interval], name: str, moment: datetime) -> Why:
    """That nobody looked at a moment, and since when; since none, where somebody looked again after it."""
    last = max((end for _, end in watched), default=None)
    return Why("unseen", name, last if last is not None and last <= moment else None)


def _due_of(view: View, name: str, arrival: Arrival, told: Told) -> Due:
    delivery, now = arrival.delivery, view.as_of
    zone = ZoneInfo(told.value["tz"]) if told.value.get("tz") else view.platform.timezone
    until = delivery.deadline if delivery.deadline > now else now + DAY
    return Due(name, "dataset", delivery.deadline, Round(delivery.midnight, until, zone), told)


def _aged(view: View, name: str, told: Told) -> tuple[Due | None, int]:
    """The moment at which the data grows too old, where it lies within a day."""
    now = view.as_of
    blind: Why | None
    newest, cause = Dataset(view, view.history(name)).newest_before(now + INSTANT)
    if newest is None or cause is None:
        blind = unseen(view, told.source, DATA, name) or Why("landing", name, 0)
        return Due(name, "dataset", now, Round(now, now + DAY), told, blind=blind), 0
    turn = stale_from(view.platform, told.value, newest, now + DAY)
    if turn >= now + DAY:
        return None, 1
    if turn > now:
        needed, blind = Round(landed(cause) + INSTANT, turn), unseen(view, told.source, DATA, name)
        return Due(name, "dataset", turn, needed, told, blind=blind), 0
    watched = view.watched(told.source, DATA, name)
    seen = clip(watched, turn, now + INSTANT)
    needed, blind = Round(landed(cause) + INSTANT, now + DAY), None if seen else _not_seen(watched, name, turn)
    return Due(name, "dataset", turn, needed, told, blind=blind, since=seen[0][0] if seen else None), 0


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
    if slot.falls_due > now:
        blind = unseen(view, slot.witness, "run", name)
    else:  # missed, if somebody looked at the slot: as pipeline_success_rate judges it
        watched = view.watched(slot.witness, "run", name)
        blind = None if contains(watched, slot.at) else _not_seen(watched, name, slot.at)
    return Due(name, "pipeline", slot.falls_due, Round(before, slot.at + INSTANT), told, slot, blind)


def never_landed(view: View, names: list[str]) -> Iterator[tuple[str, datetime]]:
    """Of these datasets those with a maximum age of which no landing was ever told though somebody looked, and since
    when they would be too old, had they landed when the rule was told."""
    for name in names:
        told = view.history(name).told(view.as_of).get("freshness")
        if told is None or maximum(told.value) is None:
            continue
        if Dataset(view, view.history(name)).newest_before(view.as_of + INSTANT)[0] is not None:
            continue
        begin = max(told.since, view.history(name).begin or view.as_of)
        over = stale_from(view.platform, told.value, begin, view.as_of)
        looked = clip(view.watched(told.source, DATA, name), over, view.as_of)
        if looked:
            yield name, looked[0][0]
