"""The oracle's incidents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tests.oracle.oracle_facts import Record, World, seconds
from tests.oracle.oracle_scope import Asked, began, counted, ratio, samples


def mttd(asked: Asked) -> Record:
    values = []
    for case in asked.world.of("incident"):
        end = case.get("detected_at")
        if case.get("started_at") is None or not asked.inside(end) or not asked.incident_fits(case):
            continue
        span = seconds(end - case["started_at"])
        if span >= 0 and not asked.incident_excluded(case, end):
            values.append(span)
    return samples(values)


def active(case: Record, start: str) -> list[list[datetime | None]] | None:
    """The active spans of an incident; None where its clock never started."""
    told = case.get("spans") or [[case.get("started_at"), case.get("resolved_at")]]
    spans = [list(span) for span in sorted(told, key=lambda span: span[0] or began(case))]
    if start == "detected":
        spans[0][0] = case.get("detected_at")
    return None if spans[0][0] is None else spans


def length(spans: list[list[datetime | None]], end: datetime) -> float:
    """Seconds of the spans up to an instant."""
    return sum(seconds(min(stop or end, end) - begin) for begin, stop in spans if begin < end)


def _clean(spans: list[list[datetime | None]]) -> bool:
    return all(stop is None or stop >= begin for begin, stop in spans)


def mttr(asked: Asked) -> Record:
    start = asked.params.get("start", "started")
    restored = []
    for case in asked.world.of("incident"):
        spans = active(case, start)
        if spans is None or not asked.incident_fits(case) or not _clean(spans) or not asked.inside(spans[-1][1]):
            continue
        if not asked.incident_excluded(case, spans[-1][1]):
            restored.append(length(spans, spans[-1][1]))
    ages = list(_open_ages(asked, start))
    both = len(restored) + len(ages)
    floor = (sum(restored) + sum(ages)) / both if both else None
    return {**samples(restored), "at_least": floor, "open": len(ages)}


def _open_ages(asked: Asked, start: str) -> Iterator[float]:
    """Ages of the incidents open at the window's end, as they looked then; an end at that very instant is an end."""
    world = World(asked.world.lines, asked.stop, asked.world.tz, asked.world.order)
    then = replace(asked, world=world)
    for case in world.of("incident"):
        spans = active(case, start)
        if spans is None or not then.incident_fits(case) or not _clean(spans) or spans[-1][1] is not None:
            continue
        if began(case) < asked.end and not then.incident_excluded(case, asked.stop):
            yield length(spans, asked.stop)


def incident_recurrence_rate(asked: Asked) -> Record:
    days, limit = asked.params.get("days", 30), asked.params.get("severity")
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    cases = [
        case for case in asked.world.of("incident")
        if case.get("duplicate_of") is None and asked.incident_produced(case)
    ]  # fmt: skip
    for case in cases:
        at = began(case)
        if not asked.inside(at) or not asked.incident_fits(case):
            continue
        if limit is not None and (case.get("severity") is None or case["severity"] > limit):
            continue
        if not case.get("cause"):
            tally["unknown"] += 1
        elif asked.incident_excluded(case, at):
            tally["excluded"] += 1
        else:
            tally["bad" if _came_back(case, cases, timedelta(days=days)) else "good"] += 1
    return ratio(tally["good"], tally["bad"], tally["unknown"], tally["excluded"], 0, turned=True)


def _came_back(case: Record, cases: list[Record], reach: timedelta) -> bool:
    for other in cases:
        ends = [stop for _, stop in other["spans"]] if other.get("spans") else [other.get("resolved_at")]
        resolved = None if None in ends else max(ends)
        same = other is not case and other.get("cause") == case["cause"]
        if same and resolved is not None and began(case) - reach <= resolved < began(case):
            return True
    return False


WEIGHTS = {1: 8, 2: 4, 3: 2, 4: 1, 5: 0.5, None: 1}


def dq_incident_rate(asked: Asked) -> Record:
    weights = []
    for case in asked.world.of("incident"):
        at = began(case)
        wrong = case.get("class") == "correctness" and asked.inside(at) and asked.incident_fits(case)
        if wrong and not asked.incident_excluded(case, at):
            weights.append(float(WEIGHTS[case.get("severity")]))
    return counted(asked, weights, "incident", days=30)


def oncall_effectiveness(asked: Asked) -> Record:
    good = bad = left_out = 0
    for case in asked.world.of("incident"):
        at = case.get("resolved_at") or began(case)
        if not asked.inside(at) or not asked.incident_fits(case):
            continue
        steps = [met for met in (case.get("steps") or {}).values() if met is not None]
        if asked.incident_excluded(case, at):
            left_out += len(steps)
        else:
            good, bad = good + steps.count(True), bad + steps.count(False)
    return ratio(good, bad, 0, left_out, 0)
