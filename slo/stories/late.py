"""What will be late today: deliveries due within a day that have not come, with what each still waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from slo.due.ahead import Ahead
from slo.due.outstanding import DAY, Due, outstanding
from slo.due.ready import Ready, Step
from slo.due.slots import Slot, meets
from slo.facts import Run
from slo.folding import Scope
from slo.lineage.graph import Graph
from slo.results import Query, Results
from slo.view import View, in_production

TIERS = (0, 1)
"""Looked at where neither a tier nor an asset is asked for."""
EARLIEST = timedelta(days=8)
"""No run or update further back is read."""
VERDICTS = ("already late", "will be late", "may be late", "cannot be told", "on its way")


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
    missing, there = outstanding(view, names)
    ahead = _ahead(view, missing)
    found = [due for due in missing if due.slot is None or not _started(ahead.runs.get(due.asset, []), due.slot)]
    lines = [_line(view, due, _ready(ahead, due)) for due in found]
    lines.sort(key=lambda line: (VERDICTS.index(line["verdict"]), line["deadline"], line["asset"]))
    counts = {verdict: sum(line["verdict"] == verdict for line in lines) for verdict in VERDICTS}
    there += len(missing) - len(found)
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


def _started(runs: list[Run], slot: Slot) -> bool:
    """Whether a run has met a slot, or any has succeeded since."""
    for run in runs:
        began = run.started_at is not None and run.started_at >= slot.at
        if (run.due_at == slot.at and meets(run)) or (began and (run.due_at is None or run.state == "success")):
            return True
    return False


# When it will be there


def _ahead(view: View, missing: list[Due]) -> Ahead:
    since = min((due.needed.since for due in missing), default=view.as_of) - DAY
    return Ahead(view, Graph.of(view), (due.asset for due in missing), max(since, view.as_of - EARLIEST))


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
