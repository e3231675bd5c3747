"""Pipeline success rate: scheduled runs that succeeded, of those that ended and those that never came."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

from slo.assets import AssetHistory
from slo.due.floating import called, displaced, without_due
from slo.due.slots import COUNTED, Held, Slot, has_slots, held_by, meets, next_slot, slots
from slo.facts import Run
from slo.intervals import INSTANT, contains
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import asset_marks
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View, later, own

NEVER = datetime(1, 1, 1, tzinfo=UTC)
NOTHING = Held(None, None)


class PipelineSuccessRate(Kpi):
    id = "pipeline_success_rate"
    title = "Pipeline success rate"
    family = "reliability"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Scheduled runs whose final state is success, of those that ended and those that never started."
    formula = "succeeded / (succeeded + failed + missed)"
    not_counted = "intentional skips, cancelled, manual and backfill runs, runs still in flight, slots while paused"
    example = "Of 100 scheduled runs 97 ended in success, 2 failed and 1 never started: 97 / 100 = 97 %."
    sentence = "{who} kept {value} of its scheduled runs {when}"
    nouns = ("run", "failure")
    shown_beside = {"first_try": ("succeeded at the first try", "ratio"), "missed": ("slots that no run met", "count")}
    singly = True
    facts = ("run", "asset", "coverage")
    needs = (("run", "imported schedule"),)
    expects = "schedule"
    version = 2
    asset_fields = ("schedule", "schedule_tz", "paused", "grace_seconds", "retired")

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"placed_at": (start, end)} | ({} if assets is None else {"asset": assets})
        runs = _by_asset(view.read("run", where))
        names = list(assets) if assets is not None else sorted({*view.asset_names, *runs})
        floating = _by_asset(without_due(view, names))
        for name in names:
            history = view.history(name)
            mine = runs.get(name, []) if name not in floating else view.read("run", {"asset": name})
            if mine or history.begin is not None:
                yield from _Pipeline(self, view, name, history, mine).items(start, end)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """A run's own day, now and before, and the days between which it moves runs that came without a due time."""
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from super().reach((change for change in changes if isinstance(change.new or change.old, Run)), view)
        yield from displaced(changes, view)

    def figures(self, reading: Reading) -> Figures:
        figures = super().figures(reading)
        tries = reading.state.beside
        figures.parts["missed"] = tries.get("missed", 0)
        figures.parts["first_try"] = tries.get("first_try", 0) / reading.state.total if reading.state.total else None
        return figures


class _Pipeline:
    """One pipeline's runs and slots, judged."""

    def __init__(self, kpi: Kpi, view: View, name: str, history: AssetHistory, runs: list[Run]) -> None:
        self.kpi, self.view, self.name, self.history, self.runs = kpi, view, name, history, runs

    def items(self, start: datetime, end: datetime) -> Iterator[Item]:
        slots_called = self._called(start)
        held = held_by(self.runs, slots_called) if slots_called is not None else {}
        placed = [(run, held.get((run.source, run.id), NOTHING)) for run in self.runs]
        runs = [(run, run.due_at or mine.slot, mine.since) for run, mine in placed]
        slotted = {slot for run, slot, _ in runs if meets(run)}
        told_missed = {run.due_at for run in self.runs if run.state == "missed"}
        winners = _winners((run, slot) for run, slot, _ in runs)
        for run, slot, since in runs:
            at = slot or run.started_at
            if at is not None and start <= at < end:
                yield self._run(run, at, since, winners)
        yield from self._slots(start, end, slotted | told_missed)

    def _called(self, start: datetime) -> list[Slot] | None:
        """All slots since the schedule was first told, where a run without a due time must find its own."""
        if not has_slots(self.history) or all(run.due_at is not None for run in self.runs):
            return None
        return called(self.view, self.history, self.runs, start)

    def _run(self, run: Run, at: datetime, held: datetime | None, winners: set[tuple[str, str]]) -> Item:
        good, bad = int(run.state == "success"), int(run.state in ("failed", "missed"))
        dims = self.view.dims(self.name, at)
        excluded = _left_out(run)
        if excluded is None and (run.source, run.id) not in winners:
            excluded = "superseded"
        excluded = excluded or self.view.exclusion(self.kpi.id, self.name, dims, at)
        beside = {"first_try": 1} if good and excluded is None and (run.tries or 1) <= 1 else None
        return Item(
            at=at, asset=self.name, dims=dims, good=good, bad=bad, other=int(not good and not bad), excluded=excluded,
            since=later(own([run], self.view.as_of), held), facts=(run,), note=run.state or "", beside=beside,
        )  # fmt: skip

    def _slots(self, start: datetime, end: datetime, met: set[datetime | None]) -> Iterator[Item]:
        view = self.view
        grace = view.platform.grace_seconds
        for slot in slots(self.history, start, min(end, view.as_of + INSTANT), grace):
            if slot.at not in met:
                yield self._unmet(slot)
        if start <= view.as_of < end:
            coming = next_slot(self.history, view.as_of, grace)
            if coming is not None:
                yield Item(
                    at=view.as_of, asset=self.name, dims=view.dims(self.name, view.as_of), until=coming.falls_due
                )

    def _unmet(self, slot: Slot) -> Item:
        """A slot that no run met: pending within its grace, then bad, or unknown where nobody watched."""
        view, dims = self.view, self.view.dims(self.name, slot.at)
        item = Item(at=slot.at, asset=self.name, dims=dims, note="missed")
        if slot.falls_due > view.as_of:
            item.until, item.note = slot.falls_due, "within its grace"
            return item
        item.since = slot.falls_due
        if not contains(view.watched(slot.witness, "run", self.name), slot.at):
            item.unseen, item.note = 1, f"{slot.witness} was not observed"
            return item
        item.bad, item.beside = 1, {"missed": 1}
        item.excluded = view.exclusion(self.kpi.id, self.name, dims, slot.at)
        return item


def _left_out(run: Run) -> str | None:
    if run.trigger not in COUNTED:
        return run.trigger
    return run.state if run.state in ("skipped", "cancelled", "running") else None


def _winners(runs: Iterable[tuple[Run, datetime | None]]) -> set[tuple[str, str]]:
    """Of the runs of one slot the last to end; runs without a slot stand for themselves."""
    best: dict[object, Run] = {}
    for run, slot in runs:
        if _left_out(run) is None:
            key: object = slot if slot is not None else (run.source, run.id)
            if key not in best or _ended(run) > _ended(best[key]):
                best[key] = run
    return {(run.source, run.id) for run in best.values()}


def _ended(run: Run) -> tuple[datetime, datetime, str, str]:
    return (run.ended_at or NEVER, run.started_at or NEVER, run.source, run.id)


def _by_asset(runs: Iterable[Run]) -> dict[str, list[Run]]:
    grouped: dict[str, list[Run]] = {}
    for run in runs:
        grouped.setdefault(run.asset or "", []).append(run)
    return grouped
