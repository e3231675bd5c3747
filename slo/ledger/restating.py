"""Restatements: where a reported line and what the engine gives now differ, and what made the difference.

Each step is kept with the evaluation at which it was first seen. Where nothing reached a closed period it costs next to
nothing: lines are worked out anew only where a change did, or where definitions or targets have changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slo.kpi import Kpi
from slo.ledger.lines import (
    Line,
    canonical,
    figures_of,
    is_provisional,
    judged_by,
    judged_by_all,
    line_of,
    same,
    verdicts_of,
)
from slo.ledger.tracing import causes_of
from slo.results import Results

RESTATED, SETTLED, AS_REPORTED = "restated", "settled", "as reported"
Step = tuple[int, str, str, dict[str, Any]]
"""Period, KPI, scope, what the line has become."""


@dataclass
class Looked:
    """Up to where a closed period has been compared."""

    cause: int = 0
    all: str = ""
    """By what everything was judged."""
    kpis: dict[str, str] = field(default_factory=dict)
    """KPI -> by what it was judged."""
    unsettled: list[str] = field(default_factory=list)
    """KPIs with lines that were published as provisional and have not settled; looked at once a day."""
    day: str = ""

    def text(self) -> str:
        return canonical(self.__dict__)


def _key(period: int) -> str:
    return f"ledger:{period}"


def look(results: Results, kpis: Mapping[str, Kpi]) -> int:
    """Compares every closed period that something may have moved with what holds now, and keeps what differs; the
    number of lines that moved."""
    store = results.view.store
    spans = store.ledger.spans()
    judged = judged_by_all(results, kpis.values()) if spans else ""
    return sum(_look_at(results, kpis, period, name, judged) for period, name in spans)


def _look_at(results: Results, kpis: Mapping[str, Kpi], period: int, name: str, judged: str) -> int:
    store = results.view.store
    told = store.meta(_key(period))
    looked = Looked() if told is None else Looked(**json.loads(told))
    pending, looked.cause = store.ledger.reached(period, looked.cause)
    pending |= _judged_anew(results, kpis, looked, name, judged, period) | _settling(results, looked)
    wanted = [kpis[kpi] for kpi in sorted(pending & kpis.keys())]
    steps = [step for kpi in wanted for step in _compared(results, kpi, period, name, looked)]
    if looked.text() == told:
        return 0
    with store.write() as tx:
        if tx.meta(_key(period)) != told:  # another process has looked meanwhile
            return 0
        tx.ledger.put_restatements(results.view.as_of, steps)
        tx.set_meta(_key(period), looked.text())
    return len(steps)


def _judged_anew(
    results: Results, kpis: Mapping[str, Kpi], looked: Looked, name: str, judged: str, period: int
) -> set[str]:
    """KPIs whose definition, settings or targets are others than at the last look (at first: than at closing)."""
    if looked.all == judged:
        return set()
    if not looked.all:
        head = next(json.loads(row.body) for row in results.view.store.ledger.periods() if row.id == period)
        looked.kpis, looked.unsettled = head["judged_by"], head["unsettled"]
        looked.day = results.view.day(results.view.as_of).isoformat()
    now = judged_by(results, kpis.values(), name)
    changed = {kpi for kpi, word in now.items() if looked.kpis.get(kpi) != word}
    looked.all, looked.kpis = judged, now
    return changed


def _settling(results: Results, looked: Looked) -> set[str]:
    """KPIs with lines that had not settled: looked at once a day."""
    today = results.view.day(results.view.as_of).isoformat()
    if not looked.unsettled or looked.day == today:
        return set()
    looked.day = today
    return set(looked.unsettled)


def _compared(results: Results, kpi: Kpi, period: int, name: str, looked: Looked) -> Iterable[Step]:
    """The lines of a KPI that are not what they were when last looked at."""
    ledger = results.view.store.ledger
    newest = {row.scope: row.body for row in ledger.restatements(period, kpi.id)}
    unsettled = False
    for _, scope, body in ledger.lines(period, kpi.id):
        reported, now = json.loads(body), line_of(results, kpi, scope, name)
        unsettled = unsettled or is_provisional(now)
        step = step_of(results, kpi, reported, now, period)
        last = newest.get(scope)
        if last is None and step["how"] == AS_REPORTED:
            continue
        if last is None or not _as_before(last, step):
            yield period, kpi.id, scope, step
    if not unsettled and kpi.id in looked.unsettled:
        looked.unsettled.remove(kpi.id)


def _as_before(last: dict[str, Any], step: dict[str, Any]) -> bool:
    return last["how"] == step["how"] and same(last["now"], step["now"]) and last["targets"] == step["targets"]


def step_of(results: Results, kpi: Kpi, reported: Line, now: Line, period: int) -> dict[str, Any]:
    """What a reported line has become: "how", "reported" and "now" (value, status, parts), "targets" (verdicts that
    changed), "causes"."""
    was, found = figures_of(reported), figures_of(now)
    targets = _verdicts(reported, now)
    told: dict[str, Any] = {"reported": was, "now": found, "targets": targets, "how": AS_REPORTED, "causes": []}
    if same(was, found) and not targets:
        return told
    told["causes"] = causes_of(results, kpi, reported, now, period, moved=was["value"] != found["value"])
    told["how"] = SETTLED if [one["what"] for one in told["causes"]] == ["settled"] else RESTATED
    return told


def _verdicts(reported: Line, now: Line) -> list[dict[str, Any]]:
    """Targets whose verdict is another: {"profile", "row", "text", "reported", "now"}, None where there was none."""
    before, after = verdicts_of(reported), verdicts_of(now)
    found = []
    for key in sorted({*before, *after}):
        was, found_now = before.get(key), after.get(key)
        status = [None if one is None else one["status"] for one in (was, found_now)]
        if status[0] != status[1]:
            one = found_now or was or {}
            found.append(
                {"profile": key[0], "row": key[1], "text": one["text"], "reported": status[0], "now": status[1]}
            )
    return found
