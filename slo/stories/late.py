"""What will be late today: deliveries due within a day that have not come, with what each still waits for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slo.assets import Told
from slo.due.ahead import Ahead, unseen
from slo.due.freshness import Arrival, Dataset, maximum, reach_of, stale_from
from slo.due.ready import INSTANT, Ready, Round, Step, Why
from slo.due.slots import Slot, has_slots, meets, slots
from slo.due.updates import landed
from slo.facts import Run
from slo.folding import Scope
from slo.intervals import contains
from slo.lineage.graph import Graph
from slo.results import Query, Results
from slo.view import View, in_production

DAY = timedelta(hours=24)
TIERS = (0, 1)
"""Looked at where neither a tier nor an asset is asked for."""
EARLIEST = timedelta(days=8)
"""No run or update further back is read."""
VERDICTS = ("already late", "will be late", "may be late", "cannot be told", "on its way")


@dataclass(frozen=True)
class Due:
    """Something expected that is not there. ``told``: the rule; ``blind``: why nobody can know whether it came."""

    asset: str
    kind: str
    deadline: datetime
    needed: Round
    told: Told
    slot: Slot | None = None
    blind: Why | None = None


def late(results: Results, query: Query) -> dict[str, Any]:
    """Every delivery of tier 0 and 1 (or of the asked tier or asset) due within 24 hours, or overdue, and not there:
    ``as_of``, ``until``, ``due`` (how many), ``there`` (due within 24 hours and already delivered), ``counts`` by
    verdict, ``lines``, the worst first.

    A line: asset, kind, tier, team, domain, rule, ``deadline``, ``verdict``, ``expected`` (every step at its median),
    ``late_case`` (every step at its 90th percentile), ``slack`` in seconds (deadline less expected), ``restart_by``
    (where somebody has to start a run anew), ``waits_for`` (the first step), ``steps``, ``why``.
    """
    view = results.view
    names = list(_in_scope(view, query))
    outstanding, there = _outstanding(view, names)
    ahead = _ahead(view, outstanding)
    found = [due for due in outstanding if due.slot is None or not _started(ahead.runs.get(due.asset, []), due.slot)]
    lines = [_line(view, due, _ready(ahead, due)) for due in found]
    lines.sort(key=lambda line: (VERDICTS.index(line["verdict"]), line["deadline"], line["asset"]))
    counts = {verdict: sum(line["verdict"] == verdict for line in lines) for verdict in VERDICTS}
    there += len(outstanding) - len(found)
    return {
        "as_of": view.as_of, "until": view.as_of + DAY, "due": len(lines) + there, "there": there, "counts": counts,
        "lines": lines, "unwatched": sorted(ahead.unwatched),
    }  # fmt: skip


def _in_scope(view: View, query: Query) -> Iterator[str]:
    usual = TIERS if query.asset is None else ()
    scope = Scope(usual if query.tier is None else (query.tier,), query.team, query.domain, view.canonical(query.asset))
    for name in view.asset_names:
        if scope.asset in (None, name) and view.history(name).exists(view.as_of):
            dims = view.dims(name, view.as_of)
            if in_production(dims.environment) and scope.matches([[name, dims.team, dims.domain]], dims.tier):
                yield name


# What is due


def _outstanding(view: View, names: list[str]) -> tuple[list[Due], int]:
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
        return _due_of(view, name, past[-1], told), 0
    if coming and coming[0].there is None:
        return _due_of(view, name, coming[0], told), 0
    return None, came


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
    return Due(name, "dataset", turn, needed, told, blind=blind), 0


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


def _started(runs: list[Run], slot: Slot) -> bool:
    """Whether a run has met a slot, or any has succeeded since."""
    for run in runs:
        began = run.started_at is not None and run.started_at >= slot.at
        if (run.due_at == slot.at and meets(run)) or (began and (run.due_at is None or run.state == "success")):
            return True
    return False


# When it will be there


def _ahead(view: View, outstanding: list[Due]) -> Ahead:
    since = min((due.needed.since for due in outstanding), default=view.as_of) - DAY
    return Ahead(view, Graph.of(view), (due.asset for due in outstanding), max(since, view.as_of - EARLIEST))


def _ready(ahead: Ahead, due: Due) -> Ready:
    if due.slot is None:
        return ahead.delivery(due.asset, due.needed)
    now, own = ahead.view.as_of, due.slot
    start = max(now, own.at)
    inputs = ahead.start(due.asset, own, due.needed.since)
    if inputs is None:
        return Ready(start, start)
    return Ready(
        max(start, inputs.expected), max(start, inputs.late), inputs.steps, inputs.unknown, inputs.doubts
    )  # fmt: skip


def _verdict(view: View, due: Due, ready: Ready) -> str:
    """What is sure first: a lower bound beyond the deadline is late, whatever else is not known."""
    if due.blind is not None:
        return "cannot be told"
    if due.deadline <= view.as_of:
        return "already late"
    if ready.expected > due.deadline:
        return "will be late"
    if ready.unknown:
        return "cannot be told"
    return "may be late" if ready.late > due.deadline or ready.doubts else "on its way"


def _line(view: View, due: Due, ready: Ready) -> dict[str, Any]:
    dims, verdict = view.dims(due.asset, view.as_of), _verdict(view, due, ready)
    slack = (due.deadline - ready.expected).total_seconds()
    anew = any(why.what in ("failed", "not started") for why in ready.doubts) and slack > 0
    why = [due.blind] if due.blind else [*ready.unknown, *ready.doubts]
    dated = not any(why.what in ("overdue", "skipped") for why in ready.doubts)
    told = verdict != "cannot be told" and not ready.unknown and dated
    steps = [_step(step) for step in ready.steps]
    return {
        "asset": due.asset, "kind": due.kind, "tier": dims.tier, "team": dims.team, "domain": dims.domain,
        "rule": due.told.value if due.slot is None else {"schedule": due.told.value}, "deadline": due.deadline,
        "verdict": verdict, "expected": ready.expected if told else None, "late_case": ready.late if told else None,
        "slack": slack if told else None, "restart_by": view.as_of + timedelta(seconds=slack) if anew else None,
        "waits_for": steps[0] if steps else None, "steps": steps,
        "why": [{"what": one.what, "asset": one.asset, "about": one.about} for one in why],
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    run = step.run
    return {
        "asset": step.asset, "state": step.state, "since": step.since, "expected": step.expected,
        "p50": step.usual.p50, "p90": step.usual.p90, "n": step.usual.n,
        "source": run and run.source, "id": run and run.id, "url": run and run.url,
    }  # fmt: skip
