"""Freshness in time: fresh, stale and unseen stretches of one dataset, integrated exactly (kpi_rules, section 4)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slo.assets import AssetHistory, Told
from slo.calendars import business_after
from slo.due.schedule import Delivery, deadlines
from slo.due.updates import landed
from slo.facts import DatasetUpdate
from slo.intervals import INSTANT, Interval, clip, contains, intersect, subtract, union
from slo.measure import Item
from slo.platform import Platform
from slo.view import View

SEARCHED = tuple(timedelta(days=days) for days in (10, 40, 160, 640, 3660))
"""How far back a rule's last deadline, or last delivery, is searched: mostly it is days ago, of "29 February" up to
eight years."""
AHEAD = timedelta(days=3)
"""How far before a stretch its updates are read along: mostly the one before it is among them."""


def read_ahead(view: View, assets: Collection[str], start: datetime, end: datetime) -> None:
    """Reads the updates that judging these datasets in [start, end) will mostly need, at once."""
    rules = [view.history(asset).get("freshness", end) or {} for asset in assets]
    daily = any(maximum(rule) is None for rule in rules if rule)
    before = timedelta(days=18) if daily else AHEAD
    view.read_updates_ahead(assets, start - before, end + timedelta(days=51 if daily else 0))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of time with one verdict: fresh, stale or unseen."""

    start: datetime
    end: datetime
    verdict: str
    update: DatasetUpdate | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery and the update that brought it (None: not there by as-of)."""

    delivery: Delivery
    there: DatasetUpdate | None
    witness: str

    @property
    def on_time(self) -> bool:
        return self.there is not None and landed(self.there) <= self.delivery.deadline


class Dataset:
    """One dataset's updates and thresholds, as a view sees them."""

    def __init__(self, view: View, history: AssetHistory) -> None:
        self.view, self.history = view, history

    def rules(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Told]]:
        """Stretches of [start, end) with the threshold in force, after the first version, up to as-of."""
        if self.history.begin is None:
            return
        for first, last in self.history.segments(max(start, self.history.begin), min(end, self.view.as_of)):
            told = self.history.told(first).get("freshness")
            if told is not None and self.history.exists(first):
                yield first, last, told

    def rule_versions(self, start: datetime, end: datetime) -> list[Told]:
        """The deadline rules in force somewhere around [start, end), each once."""
        around = self.history.segments(start - timedelta(days=2), end) if self.history.begin is not None else []
        told = [self.history.told(first).get("freshness") for first, _ in around]
        rules = [rule for rule in told if rule is not None and maximum(rule.value) is None]
        return list({id(rule): rule for rule in rules}.values())

    def stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        for first, last, told in self.rules(start, end):
            seen = clip(self._watched(told), first, last)
            judged = self._aged if maximum(told.value) is not None else self._delivered
            yield from judged(first, last, told, seen)

    def _watched(self, told: Told) -> list[Interval]:
        return self.view.watched(told.source, "dataset_update", self.history.name)

    # A maximum age

    def _aged(self, start: datetime, end: datetime, told: Told, seen: list[Interval]) -> Iterator[Stretch]:
        yield from (Stretch(*hole, "unseen") for hole in subtract([(start, end)], seen))
        newest, cause = self.newest_before(start)
        edges = [(update, through) for update in self._updates(start, end) if (through := through_of(update))]
        at = start
        for update, through in [*edges, (None, end)]:
            until = end if update is None else max(start, landed(update))
            turn = None if newest is None else stale_from(self.view.platform, told.value, newest, end)
            yield from _age(at, until, turn, cause, seen)
            if update is not None and (newest is None or through > newest):
                newest, cause = through, update
            at = until

    def _updates(self, start: datetime, end: datetime) -> list[DatasetUpdate]:
        return self.view.updates(self.history.name, start, end)

    def newest_before(self, start: datetime) -> tuple[datetime | None, DatasetUpdate | None]:
        """The newest data there was at an instant. Data is never newer than its landing, so only updates that landed
        after the last one's data can hold newer data: the look back is as long as the data's lag."""
        last = self._last_dated(start)
        if last is None:
            return None, None
        newest, cause = through_of(last), last
        for update in self._updates(newest or start, start):
            through = through_of(update)
            if through is not None and newest is not None and through > newest:
                newest, cause = through, update
        return newest, cause

    def _last_dated(self, start: datetime) -> DatasetUpdate | None:
        """The last update before an instant that tells how new its data is."""
        recent = [update for update in self._updates(start - AHEAD, start) if through_of(update) is not None]
        if recent:
            return recent[-1]
        limit = 4
        while True:
            where = {"asset": self.history.name, "placed_at": (None, start)}
            found = self.view.read("dataset_update", where, descending=True, limit=limit)
            dated = [update for update in found if through_of(update) is not None]
            if dated or len(found) < limit:
                return dated[0] if dated else None
            limit *= 8

    # A delivery deadline

    def deliveries(self, start: datetime, end: datetime, told: Told) -> list[Arrival]:
        """Deliveries with a deadline in [start, end), and what brought each."""
        due = self._due(start, end, told)
        if not due:
            return []
        lands = self._updates(due[0].midnight - timedelta(days=7), max(end, due[-1].deadline + timedelta(days=40)))
        return [Arrival(delivery, _first_there(delivery, lands, self._zone(told)), told.source) for delivery in due]

    def _due(self, start: datetime, end: datetime, told: Told) -> list[Delivery]:
        platform = self.view.platform
        return list(deadlines(told.value, platform.timezone, platform.holidays, start, end))

    def _last_deadline(self, begin: datetime, at: datetime, told: Told) -> datetime | None:
        """The rule's last deadline after ``begin`` and up to ``at``; None where there was none yet."""
        for reach in SEARCHED:
            first = max(begin + INSTANT, at - reach)
            due = self._due(first, at + INSTANT, told)
            if due or first > at - reach:
                return due[-1].deadline if due else None
        return None

    def _zone(self, told: Told) -> Any:
        from zoneinfo import ZoneInfo

        name = told.value.get("tz")
        return ZoneInfo(name) if name else self.view.platform.timezone

    def _delivered(self, start: datetime, end: datetime, told: Told, seen: list[Interval]) -> Iterator[Stretch]:
        begin = self.history.begin or start
        first = self._last_deadline(begin, start, told)
        arrivals = self.deliveries(max(start, begin + INSTANT) if first is None else first, end, told)
        if not arrivals:
            return
        stale, unsure = self._late(arrivals, told)
        counts = clip([(start, end)], arrivals[0].delivery.deadline, end)
        yield from (Stretch(*hole, "unseen") for hole in subtract(counts, seen))
        judged = clip(seen, max(start, arrivals[0].delivery.deadline), end)
        yield from (Stretch(*piece, "unseen") for piece in intersect(unsure, judged))
        bad = subtract(stale, unsure)
        yield from (Stretch(*piece, "stale") for piece in intersect(bad, judged))
        yield from (Stretch(*piece, "fresh") for piece in subtract(judged, union(stale, unsure)))

    def _late(self, arrivals: list[Arrival], told: Told) -> tuple[list[Interval], list[Interval]]:
        """Stale stretches from each deadline until the delivery is there, at most until the next deadline; those
        whose deadline itself was not seen are unsure."""
        stale: list[Interval] = []
        unsure: list[Interval] = []
        ends = [arrival.delivery.deadline for arrival in arrivals[1:]]
        for arrival, limit in zip(arrivals, [*ends, self.view.as_of], strict=True):
            deadline = arrival.delivery.deadline
            until = limit if arrival.there is None else min(landed(arrival.there), limit)
            if until > deadline:
                watched = contains(self._watched(told), deadline)
                (stale if watched else unsure).append((deadline, until))
        return stale, unsure


def next_deadline(view: View, name: str) -> datetime | None:
    """The next deadline of the delivery rule in force at as-of: what is due then changes without a fact. Right at a
    deadline it is the next step, when the first second of delay has gone by."""
    history = view.history(name)
    told = history.told(view.as_of).get("freshness")
    if told is None or maximum(told.value) is not None or not history.exists(view.as_of):
        return None
    platform, first = view.platform, view.as_of
    due = deadlines(told.value, platform.timezone, platform.holidays, first, first + timedelta(days=400))
    found = next((delivery.deadline for delivery in due), None)
    return first + platform.step if found == first else found


def awaiting(view: View, name: str, start: datetime, end: datetime, key: str | None = None) -> Iterator[Item]:
    """Counts nothing, and has its unit worked out again at the next deadline. In [start, end) that holds as-of."""
    due = next_deadline(view, name) if start <= view.as_of < end else None
    if due is not None:
        yield Item(at=view.as_of, asset=name, dims=view.dims(name, view.as_of), key=key, until=due)


def maximum(freshness: dict[str, Any]) -> float | None:
    """The maximum age in seconds, where the threshold is one."""
    value = freshness.get("max_age_seconds")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def stale_from(platform: Platform, freshness: dict[str, Any], newest: datetime, limit: datetime) -> datetime:
    """When data is older than the maximum age, at most the limit. Where the rule counts business days only, its age
    stands still over weekends and holidays."""
    allowed = maximum(freshness) or 0.0
    if freshness.get("calendar") == "business":
        return business_after(newest, allowed, max(newest, limit), platform.timezone, platform.holidays)
    return min(newest + timedelta(seconds=allowed), max(newest, limit))


def through_of(update: DatasetUpdate) -> datetime | None:
    """How new an update's data is: never newer than its landing; a backfill must say so itself."""
    if update.data_through is not None:
        return min(update.data_through, landed(update))
    return None if update.backfill else update.at


def _age(start: datetime, end: datetime, turn: datetime | None, cause: Any, seen: list[Interval]) -> Iterator[Stretch]:
    """Fresh until the data turns stale; before the first update nobody knows."""
    if turn is None:
        yield from (Stretch(*piece, "unseen") for piece in clip(seen, start, end))
        return
    turn = min(max(turn, start), end)
    yield from (Stretch(*piece, "fresh", cause) for piece in clip(seen, start, turn))
    yield from (Stretch(*piece, "stale", cause) for piece in clip(seen, turn, end))


def _first_there(delivery: Delivery, lands: list[DatasetUpdate], zone: Any) -> DatasetUpdate | None:
    """The first update whose data reaches the day; one that doesn't tell must have landed on that local day."""
    place = bisect_left([landed(update) for update in lands], delivery.midnight - timedelta(days=7))
    for update in lands[place:]:
        if update.data_through is not None:
            if update.data_through >= delivery.midnight:
                return update
        elif not update.backfill and landed(update).astimezone(zone).date() == delivery.day:
            return update
    return None
