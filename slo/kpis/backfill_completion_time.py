"""Backfill completion time: from a backfill's first start to its last success."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from slo.facts import Run
from slo.kpi import Figures, Kpi, Params, Reading, tellings
from slo.marks import platform_marks
from slo.measure import Item, Samples
from slo.measure.item import Dims
from slo.store import ChangeRow, Mark
from slo.view import View, in_production, own

ANY = (None, None)
"""Any text: not null."""


class BackfillCompletionTime(Kpi):
    id = "backfill_completion_time"
    title = "Backfill completion time"
    family = "reliability"
    measure = Samples
    unit = "seconds"
    better = "down"
    definition = "Median time from a backfill's first run start to the success of its last run."
    formula = "median of (last end - first start), over backfills completed"
    not_counted = "backfills still in flight, and those whose last run did not succeed"
    example = "Three backfills took 2, 3 and 10 hours from the first start to the last success: the median is 3 hours."
    sentence = "{whose_cap} median backfill took {value} {when}"
    shown_beside = {
        "seconds_per_day_of_data": ("for each day of data", "seconds"),
        "share_within_threshold": ("within the runbook's threshold", "ratio"),
    }
    facts = ("run", "asset")
    needs = (("run.backfill",),)
    by_asset = False
    pick = "median"
    defaults = {"threshold": None}
    """Seconds within which the runbook wants a backfill done."""

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for runs in _backfills(view, start, end):
            item = _completed(view, runs)
            if item is not None and start <= item.at < end:
                yield item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        if any(not isinstance(fact, Run) for fact in tellings(changes)):
            yield from platform_marks(self, changes, view)
        runs = [fact for fact in tellings(changes) if isinstance(fact, Run) and fact.backfill is not None]
        keys = sorted({run.backfill for run in runs if run.backfill is not None})
        kin: list[Run] = view.store.read("run", {"backfill": keys}) if keys else []  # type: ignore[assignment]
        for run in (*runs, *kin):
            if run.ended_at is not None:
                yield Mark(None, view.day(run.ended_at), view.day(run.ended_at))

    def figures(self, reading: Reading) -> Figures:
        """Beside the median stand the time a day of data backfilled took, and the share within the threshold."""
        figures = super().figures(reading)
        beside = reading.state.beside
        days = Fraction(beside.get("millidays", 0), 1000)
        per_day = float(Fraction(beside["microseconds"], 1_000_000) / days) if days else None
        within = _within(reading.state, reading.params["threshold"])
        return replace(
            figures, parts={**figures.parts, "seconds_per_day_of_data": per_day, "share_within_threshold": within}
        )


def _within(state: Samples, threshold: float | None) -> float | None:
    """The share of backfills done within the runbook's threshold; None where none was set, or nothing was done."""
    if threshold is None or not state.values:
        return None
    return sum(value <= threshold for value in state.values) / len(state.values)


def _backfills(view: View, start: datetime, end: datetime) -> list[list[Run]]:
    """All runs of every (source, backfill) of which a run ended in [start, end)."""
    ended = [run for run in view.read("run", {"ended_at": (start, end), "backfill": ANY}) if run.backfill]
    keys = {(run.source, run.backfill) for run in ended}
    kin = view.read("run", {"backfill": sorted({key for _, key in keys})}) if keys else []
    grouped: dict[tuple[str, str], list[Run]] = {}
    for run in kin:
        if (run.source, run.backfill) in keys:
            grouped.setdefault((run.source, run.backfill), []).append(run)
    return list(grouped.values())


def _completed(view: View, runs: list[Run]) -> Item | None:
    """The backfill as one span; None while it is in flight or where its last run did not succeed."""
    ended = [run for run in runs if run.ended_at is not None]
    if not ended or any(run.state == "running" for run in runs):
        return None
    last = max(ended, key=lambda run: (run.ended_at, run.id))
    starts = [run.started_at for run in runs if run.started_at is not None]
    if last.state != "success" or last.ended_at is None or not starts:
        return None
    seconds = (last.ended_at - min(starts)).total_seconds()
    dims = {run.asset: view.dims(run.asset, last.ended_at) for run in runs}
    inside = {name: dim for name, dim in dims.items() if in_production(dim.environment)}
    if not inside:
        return None
    tier = min((dim.tier for dim in inside.values() if dim.tier is not None), default=None)
    covered = [Fraction(str(run.days_covered)) for run in runs if run.days_covered is not None]
    return Item(
        at=last.ended_at, dims=Dims(tier), member=f"{last.source}/{last.backfill}", value=seconds,
        matches=[[name, dim.team, dim.domain] for name, dim in inside.items()], since=own(runs, view.as_of),
        facts=tuple(runs), excluded="negative" if seconds < 0 else _exclusion(view, inside, last.ended_at),
        beside=_beside(seconds, covered),
    )  # fmt: skip


def _exclusion(view: View, inside: dict[str | None, Dims], at: datetime) -> str | None:
    """Why it is left out: only where that holds of every pipeline it ran."""
    reasons = [view.exclusion(BackfillCompletionTime.id, name, dims, at) for name, dims in inside.items()]
    return reasons[0] if all(reasons) else None


def _beside(seconds: float, covered: list[Fraction]) -> dict[str, int] | None:
    """What the time a day of data took is worked out from, where the runs tell how many days they covered."""
    if not covered:
        return None
    return {"microseconds": round(seconds * 1_000_000), "millidays": round(sum(covered) * 1000)}
