"""Truth of freshness, in whole microseconds: how long data was fresh, and which datasets kept their promise."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tierline.demo.chance import local, local_day
from tierline.demo.model import Dataset, Update
from tierline.demo.truth.question import Question, ratio

ZERO = timedelta(0)
LOOK_BACK = timedelta(days=45)
"""Updates from so long before the window may still decide it (a weekly dataset, a long pause)."""


@dataclass(frozen=True)
class Piece:
    """A stretch of time in which a dataset was fresh, or was not."""

    start: datetime
    end: datetime
    fresh: bool


def _landings(question: Question) -> dict[str, list[Update]]:
    """Updates by dataset in order of landing, as known at as-of."""
    found: dict[str, list[Update]] = defaultdict(list)
    for update in question.world.updates(question.first - LOOK_BACK, question.last + timedelta(days=2)):
        if update.at <= question.as_of:
            found[update.dataset.name].append(update)
    for updates in found.values():
        updates.sort(key=lambda update: update.at)
    return found


def _alive_until(dataset: Dataset, moment: datetime) -> datetime:
    """The moment, or the dataset's retirement where that is earlier."""
    return min([moment, *(version.since for version in dataset.versions if version.retired)])


def _aged(dataset: Dataset, updates: list[Update], start: datetime, end: datetime) -> Iterator[Piece]:
    """By a maximum age: fresh while now minus the newest data is at most that."""
    limit = timedelta(seconds=dataset.max_age or 0)
    newest: datetime | None = None
    marks = [*((update.at, min(update.through, update.at)) for update in updates), (end, end)]
    since = start
    for at, through in marks:
        until = min(max(at, start), end)
        if newest is not None and since < until:
            turns = min(max(newest + limit, since), until)
            yield Piece(since, turns, True)
            yield Piece(turns, until, False)
        newest = through if newest is None else max(newest, through)
        since = until


@dataclass(frozen=True)
class Delivery:
    """A day's delivery: when it had to be there, and when it was (None: not yet)."""

    midnight: datetime
    deadline: datetime
    there: datetime | None


def _due_days(dataset: Dataset, first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        if dataset.days == "daily" or day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def _deliveries(dataset: Dataset, updates: list[Update], first: date, last: date) -> list[Delivery]:
    """Deliveries of local days first to last whose deadline came after the dataset was first known."""
    hour, minute = (int(part) for part in (dataset.deadline or "0:0").split(":"))
    found = []
    for day in _due_days(dataset, first, last):
        midnight, deadline = local(day), local(day, hour, minute)
        if deadline >= dataset.born:
            there = next((update.at for update in updates if update.through >= midnight), None)
            found.append(Delivery(midnight, deadline, there))
    return found


def _delivered(dataset: Dataset, updates: list[Update], start: datetime, end: datetime) -> Iterator[Piece]:
    """By a deadline: stale from it until the delivery is there, at most until the next one's deadline; else fresh."""
    first, last = local_day(start) - timedelta(days=7), local_day(end) + timedelta(days=7)
    deliveries = _deliveries(dataset, updates, first, last)
    if not deliveries:
        return
    at = max(start, deliveries[0].deadline)
    for delivery, following in itertools.pairwise(deliveries):
        stop = min(following.deadline, end)
        bad_until = max(delivery.deadline, min(delivery.there or stop, stop))
        bad_from, bad_until = max(at, delivery.deadline), max(at, bad_until)
        if bad_from >= stop or stop <= at:
            continue
        if at < bad_from:
            yield Piece(at, bad_from, True)
        if bad_from < bad_until:
            yield Piece(bad_from, bad_until, False)
        if bad_until < stop:
            yield Piece(bad_until, stop, True)
        at = stop


def _pieces(question: Question, dataset: Dataset, updates: list[Update]) -> Iterator[Piece]:
    """Everything known of a dataset's freshness in the window, cut where its tier or team changes."""
    start = max(question.start, dataset.born)
    end = _alive_until(dataset, question.stop)
    if start >= end or (dataset.max_age is None and dataset.deadline is None):
        return
    judged = _aged if dataset.max_age is not None else _delivered
    for piece in judged(dataset, updates, start, end):
        cuts = [v.since for v in dataset.versions if piece.start < v.since < piece.end]
        edges = [piece.start, *cuts, piece.end]
        for left, right in itertools.pairwise(edges):
            if left < right and question.fits(dataset, left):
                yield Piece(left, right, piece.fresh)


def freshness_slo_attainment(question: Question) -> dict[str, Any]:
    """Seconds fresh of the seconds known, over all datasets in scope."""
    landings = _landings(question)
    spent = {True: ZERO, False: ZERO}
    for dataset in question.world.catalog.datasets:
        for piece in _pieces(question, dataset, landings[dataset.name]):
            spent[piece.fresh] += piece.end - piece.start
    return ratio(spent[True].total_seconds(), spent[False].total_seconds())


def dataset_sla_attainment(question: Question) -> dict[str, Any]:
    """Datasets that kept their own objective of those judged."""
    landings = _landings(question)
    counted = {True: 0, False: 0}
    for dataset in question.world.catalog.datasets:
        kept = _kept(question, dataset, landings[dataset.name])
        if kept is not None:
            counted[kept] += 1
    return ratio(counted[True], counted[False])


def _kept(question: Question, dataset: Dataset, updates: list[Update]) -> bool | None:
    """Whether the dataset met its objective; None where there is nothing to judge, or under half of it is known."""
    if dataset.deadline is not None:
        due = [
            delivery
            for delivery in _deliveries(dataset, updates, question.first - timedelta(days=1), question.last)
            if question.holds(delivery.deadline)
            and delivery.deadline < _alive_until(dataset, question.end)
            and question.fits(dataset, delivery.midnight)
        ]
        on_time = sum(delivery.there is not None and delivery.there <= delivery.deadline for delivery in due)
        return on_time >= (dataset.objective or 1) * len(due) - 1e-9 if due else None
    spent = {True: ZERO, False: ZERO}
    for piece in _pieces(question, dataset, updates):
        spent[piece.fresh] += piece.end - piece.start
    known = spent[True] + spent[False]
    return spent[True] >= known * (dataset.objective or 0.99) if known and _half(question, dataset, known) else None


def _half(question: Question, dataset: Dataset, known: timedelta) -> bool:
    """At least half of the dataset's time in scope is known; unknown is what lies before its first update."""
    start, end = max(question.start, dataset.born), _alive_until(dataset, question.stop)
    cuts = [v.since for v in dataset.versions if start < v.since < end]
    edges = [start, *cuts, end]
    whole = sum((right - left for left, right in itertools.pairwise(edges) if question.fits(dataset, left)), ZERO)
    return known * 2 >= whole
