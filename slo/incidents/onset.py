"""When trouble began on an asset: the first failed or missed run, the first failed check, the start of staleness, of
the trouble that was on at an instant. What had already been good again by then is another trouble.

The look back is bounded (``BACK``): what had been failing for longer than that is not taken for the start of something
that was noticed now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo.assets import AssetHistory
from slo.due.freshness import Dataset
from slo.due.slots import met_by, slots
from slo.facts import CheckResult, Run
from slo.intervals import INSTANT, contains
from slo.view import View

BACK = timedelta(hours=24)
"""A day: a daily load is seen, and what has been broken since yesterday morning is old news."""


@dataclass(frozen=True, order=True)
class Onset:
    """Since when an asset is in trouble, and how that shows."""

    at: datetime
    asset: str
    what: str


@dataclass(frozen=True)
class Sign:
    """One good or bad sign of one thread of an asset (its runs, one of its checks)."""

    at: datetime
    asset: str
    thread: str
    bad: str | None
    """What is bad about it; None: it is well."""


def onsets(view: View, assets: Collection[str], at: datetime) -> list[Onset]:
    """The troubles of these assets that were on at an instant and began within ``BACK`` before it, by start."""
    signs = sorted(signs_of(view, assets, at - BACK, at + INSTANT), key=lambda sign: (sign.at, sign.bad is None))
    found = [Onset(sign.at, sign.asset, sign.bad) for sign in standing(signs) if sign.bad is not None]
    return sorted([*found, *_stale(view, assets, at)])


def standing(signs: list[Sign]) -> list[Sign]:
    """The first bad sign of every thread whose last one is bad; the signs come in order of time."""
    first: dict[tuple[str, str], Sign] = {}
    for sign in signs:
        key = (sign.asset, sign.thread)
        if sign.bad is None:
            first.pop(key, None)
        else:
            first.setdefault(key, sign)
    return list(first.values())


def signs_of(view: View, assets: Collection[str], start: datetime, end: datetime) -> Iterator[Sign]:
    """Signs of runs and checks in [start, end)."""
    names = sorted(assets)
    # A run that began long before may end now.
    runs = view.read("run", {"asset": names, "placed_at": (start - BACK, end)}) if names else []
    for name in names:
        mine = [run for run in runs if run.asset == name]
        told = [*filter(None, map(run_sign, mine)), *_missed(view, view.history(name), mine, start, end)]
        yield from (sign for sign in told if start <= sign.at < end)
    checks = view.read("check_result", {"asset": names, "placed_at": (start, end)}) if names else []
    yield from filter(None, map(check_sign, checks))


def run_sign(run: Run) -> Sign | None:
    """What a run says: that it failed is known when it has ended, that it was missed from its slot on."""
    at = (run.due_at or run.started_at) if run.state == "missed" else run.ended_at
    if at is None or run.asset is None or run.trigger == "backfill" or run.state not in ("success", "failed", "missed"):
        return None
    bad = None if run.state == "success" else f"{run.state} run"
    return Sign(at, run.asset, "runs", bad)


def check_sign(check: CheckResult) -> Sign | None:
    """What a check says; one that merely informs, or was skipped, says nothing."""
    if check.at is None or check.asset is None or check.severity == "info" or check.outcome == "skip":
        return None
    bad = None if check.outcome == "pass" else f"failed check {check.check}"
    return Sign(check.at, check.asset, f"check {check.check}", bad)


def _missed(view: View, history: AssetHistory, runs: list[Run], start: datetime, end: datetime) -> Iterator[Sign]:
    """Slots that no run met, where the source was watching."""
    called = [slot for slot in slots(history, start, end, view.platform.grace_seconds) if slot.falls_due < end]
    met = {run.due_at for run in runs if run.due_at is not None} | set(met_by(runs, called).values())
    for slot in called:
        if slot.at not in met and contains(view.watched(slot.witness, "run", history.name), slot.falls_due):
            yield Sign(slot.at, history.name, "runs", "missed run")


def _stale(view: View, assets: Collection[str], at: datetime) -> Iterator[Onset]:
    """The stale stretch that holds an instant. One that began before the look back is old."""
    for name in sorted(assets):
        history = view.history(name)
        if history.get("freshness", at) is None:
            continue
        start = None
        for stretch in Dataset(view, history).stretches(at - BACK - INSTANT, at + INSTANT):
            start = (start or stretch.start) if stretch.verdict == "stale" else None
        if start is not None and start >= at - BACK:
            yield Onset(start, name, "stale since then")
