"""When something will be there: what of the chain above it has still to run, each step with its usual duration.

A run is taken to wait for everything upstream that is called for no later than itself; what had started waits no more.
A chain's moment is that of the latest input plus the own duration, at the median of every step and at its 90th
percentile. Where any step of it is not watched, not scheduled or too new to say what is usual, that is said instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from slo.due.ready import Ready, Round, Step, Why, latest, unscheduled
from slo.due.slots import Slot, has_slots, slots
from slo.due.updates import landed
from slo.due.usual import Habits, Usual, on_clock
from slo.evidence.health import TOLERANCE
from slo.facts import DatasetUpdate, Run, place
from slo.intervals import INSTANT
from slo.lineage.ancestors import DEEPEST
from slo.lineage.graph import Graph
from slo.view import View

DONE = ("success", "skipped")
"""Nothing waits for such a run any longer."""


class Ahead:
    """Looks ahead from a view's as-of along its lineage. ``since``: from when on runs and updates are read."""

    def __init__(self, view: View, graph: Graph, assets: Iterable[str], since: datetime) -> None:
        self.view, self.graph, self.habits = view, graph, Habits(view)
        self._read(self._above(assets), since)
        self._kept: dict[tuple[str, Round], Ready | None] = {}
        self.unwatched: set[str] = set()
        """Datasets that feed others and of which nobody tells updates."""

    def _above(self, assets: Iterable[str]) -> set[str]:
        found = set(assets)
        waiting = list(found)
        while waiting:
            above = self.graph.parents(waiting.pop()) - found
            found |= above
            waiting += above
        return found

    def _read(self, names: set[str], since: datetime) -> None:
        where = {"asset": sorted(names), "placed_at": (since, None)}
        self.runs: dict[str, list[Run]] = {}
        for run in self.view.read("run", where):
            if run.trigger != "backfill":
                self.runs.setdefault(run.asset or "", []).append(run)
        self.updates: dict[str, list[DatasetUpdate]] = {}
        for update in self.view.read("dataset_update", where):
            if not update.backfill:
                self.updates.setdefault(update.asset or "", []).append(update)

    def delivery(self, dataset: str, needed: Round) -> Ready:
        """When a dataset that has not come yet will be there: when all above it is done; where nothing is left to do
        above it, when it usually lands."""
        return self._inputs(dataset, needed, frozenset({dataset})) or self._landing(dataset, needed)

    def start(self, pipeline: str, slot: Slot, before: datetime) -> Ready | None:
        """When what a slot waits for is done; None: it waits for nothing."""
        return self._all(self.graph.parents(pipeline), Round(before, slot.at + INSTANT), frozenset({pipeline}))

    # Who waits for whom

    def _inputs(self, dataset: str, needed: Round, path: frozenset[str]) -> Ready | None:
        """A dataset comes with the pipelines that make it, which read its other inputs; without any after those."""
        parents = self.graph.parents(dataset)
        makers = {name for name in parents if self._kind(name) == "pipeline"}
        if not makers:
            return self._all(parents, needed, path)
        made = [self._pipeline(name, needed, path, parents - makers) for name in sorted(makers - path)]
        return latest([self._landing(dataset, needed) if unscheduled(one) else one for one in made])

    def _all(self, names: Iterable[str], needed: Round, path: frozenset[str]) -> Ready | None:
        if len(path) > DEEPEST:
            return self._cannot(min(path), "not seen", Why("deep", min(path)))
        return latest([self._one(name, needed, path) for name in sorted(names) if name not in path])

    def _one(self, name: str, needed: Round, path: frozenset[str]) -> Ready | None:
        """When an input is done; None: it is. What goes round in a circle is looked at once."""
        key = (name, needed)
        if key not in self._kept:
            kind = self._kind(name)
            found = self._pipeline(name, needed, path, frozenset()) if kind == "pipeline" else None
            self._kept[key] = self._dataset(name, needed, path) if kind == "dataset" else found
        return self._kept[key]

    def _kind(self, name: str) -> str | None:
        history = self.view.history(name)
        return history.get("kind", self.view.as_of) if history.exists(self.view.as_of) else None

    def _dataset(self, name: str, needed: Round, path: frozenset[str]) -> Ready | None:
        if any(landed(update) >= needed.since for update in self.updates.get(name, ())):
            return None
        if self.graph.parents(name) - path:
            return self._inputs(name, needed, path | {name})
        if name not in self.updates and not self.habits.updates(name):
            self.unwatched.add(name)
            return None
        return self._landing(name, needed)

    def _landing(self, dataset: str, needed: Round) -> Ready:
        """When a dataset above which nothing is left to do usually lands; not by itself if its own run was skipped."""
        makers = sorted(self.graph.parents(dataset))
        skipped = next(filter(None, (self._skipped(name, needed) for name in makers)), None)
        if skipped is not None:
            return skipped
        now, told = self.view.as_of, self.habits.updates(dataset)
        usual = self.habits.time_of_day(dataset, needed.since, needed.zone) if needed.zone else self.habits.gap(dataset)
        if usual.p50 is None or usual.p90 is None:
            step = Step(dataset, "awaited", None, usual, now)
            return Ready(now, now, (step,), (Why("landing", dataset, usual.n),))
        begin = landed(told[0])
        p50, p90 = (
            on_clock(needed.since, seconds, needed.zone) if needed.zone else begin + timedelta(seconds=seconds)
            for seconds in (usual.p50, usual.p90)
        )
        step = Step(dataset, "awaited", p50, usual, max(now, p50))
        doubts = (Why("overdue", dataset),) if p90 < now else ()
        return Ready(max(now, p50), max(now, p90), (step,), (), doubts)

    # Pipelines

    def _pipeline(self, name: str, needed: Round, path: frozenset[str], more: frozenset[str]) -> Ready | None:
        """When a pipeline's run of this round is done; ``more``: inputs of it that only its dataset tells of."""
        own = [run for run in self.runs.get(name, ()) if _of(run) >= needed.since]
        if any(run.state in DONE for run in own):
            return None
        now, scheduled = self.view.as_of, has_slots(self.view.history(name))
        every = self.runs.get(name, ())
        if not scheduled and any(run.state == "success" and _ended(run) >= needed.since for run in every):
            return None
        running = next((run for run in reversed(own) if run.state == "running" and run.started_at), None)
        called = self._called(name, needed)
        failed = next((run for run in reversed(own) if run.state == "failed"), None)
        if running is None and failed is None and scheduled and not called:
            return self._paused(name, now)
        unseen = self._unseen(name)
        if unseen is not None:
            return self._cannot(name, "not seen", unseen)
        if running is not None and running.started_at is not None:
            return self._run(name, "running", running.started_at, running.started_at, running)
        ahead = next((slot for slot in called if slot.falls_due > now), None)
        if failed is not None:
            return self._again(name, "failed", _ended(failed), ahead, failed)
        inputs = self._waits(name, called, needed, path, more)
        if called and called[0].falls_due <= now and inputs is None:
            return self._again(name, "not started", called[0].at, ahead, None)
        return self._coming(name, called, inputs)

    def _skipped(self, name: str, needed: Round) -> Ready | None:
        """What follows of a run that was skipped: the next slot's landing, or nothing that anybody can date."""
        own = [run for run in self.runs.get(name, ()) if _of(run) >= needed.since and run.state in DONE]
        if not own or own[-1].state != "skipped":
            return None
        ahead = next((slot for slot in self._called(name, needed) if slot.at > self.view.as_of), None)
        return self._again(name, "skipped", _ended(own[-1]), ahead, own[-1])

    def _called(self, name: str, needed: Round) -> list[Slot]:
        history = self.view.history(name)
        return list(slots(history, needed.since, needed.until, self.view.platform.grace_seconds))

    def _paused(self, name: str, now: datetime) -> Ready | None:
        """Nothing is called for: by its schedule, or since somebody paused it."""
        if not self.view.history(name).get("paused", now):
            return None
        return self._cannot(name, "paused", Why("paused", name))

    def _waits(
        self, name: str, called: list[Slot], needed: Round, path: frozenset[str], more: frozenset[str]
    ) -> Ready | None:
        """What a run that has not started waits for: what is called for no later than itself."""
        own = replace(needed, until=called[0].at + INSTANT) if called else needed
        return self._all(self.graph.parents(name) | more, own, path | {name})

    def _coming(self, name: str, called: list[Slot], inputs: Ready | None) -> Ready:
        """A run that is still to start: at its slot, once what it waits for is done."""
        if called:
            return self._run(name, "due", called[0].at, called[0].at, None, inputs)
        if inputs is None:
            return self._cannot(name, "awaited", Why("unscheduled", name))
        return self._run(name, "due", None, self.view.as_of, None, inputs)

    def _again(self, name: str, state: str, since: datetime, ahead: Slot | None, run: Run | None) -> Ready:
        """A run that did not get there: its next slot, else a new start now, which somebody has to make."""
        start = self.view.as_of if ahead is None else max(ahead.at, self.view.as_of)
        found = self._run(name, state, since, start, run)
        return found if ahead else replace(found, doubts=(Why(state, name),))

    def _cannot(self, name: str, state: str, why: Why) -> Ready:
        now = self.view.as_of
        return Ready(now, now, (Step(name, state, None, Usual(None, None, 0), now),), (why,))

    def _run(
        self, name: str, state: str, since: datetime | None, start: datetime, run: Run | None,
        inputs: Ready | None = None,
    ) -> Ready:  # fmt: skip
        """A run that starts (or did) at an instant, after its inputs. What runs past its 90th percentile is given that
        long once more."""
        now, usual = self.view.as_of, self.habits.duration(name)
        p50, p90 = timedelta(seconds=usual.p50 or 0), timedelta(seconds=usual.p90 or 0)
        first = start if run is not None and state == "running" else max(start, now)
        earliest, latest = (first, first) if inputs is None else (max(first, inputs.expected), max(first, inputs.late))
        expected = max(now, earliest + p50)
        late = latest + p90 if latest + p90 >= now else now + p90
        step = Step(name, state, since, usual, expected, run)
        unknown = () if usual.p50 is not None else (Why("duration", name, usual.n),)
        if inputs is None:
            return Ready(expected, late, (step,), unknown)
        return Ready(expected, late, (*inputs.steps, step), (*inputs.unknown, *unknown), inputs.doubts)

    def _unseen(self, name: str) -> Why | None:
        """Since when nobody has looked at a pipeline's runs, where that is longer than its source's interval."""
        told = self.view.history(name).told(self.view.as_of)
        last = self.runs.get(name, ())
        witness = told["schedule"].source if "schedule" in told else last[-1].source if last else None
        return None if witness is None else unseen(self.view, witness, "run", name)


def unseen(view: View, witness: str, kind: str, asset: str) -> Why | None:
    """Since when an asset was not observed; None where it is, as far as the interval of a source that watches it
    allows."""
    infos, ends = {one.name: one for one in view.platform.sources}, []
    for name in view.watches(witness, kind, asset):
        info, seen = infos.get(name), [end for start, end in view.observed(name, kind) if start <= view.as_of]
        allowed = TOLERANCE + (info.settle + info.interval if info else timedelta(0))
        if seen and seen[-1] >= view.as_of - allowed:
            return None
        ends += seen
    return Why("unseen", asset, max(ends, default=None))


def _of(run: Run) -> datetime:
    moment = place(run)
    assert moment is not None
    return moment


def _ended(run: Run) -> datetime:
    return run.ended_at or _of(run)
