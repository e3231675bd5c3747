"""tierline_*: the product itself and its sources. These are never cut, and stay while the evaluation is stale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from dashboards.metrics.family import Family, Group, Shelf, Spec
from dashboards.reading.reader import Snapshot
from slo.alerting import blind
from slo.evidence.health import UNREAD

STALE_AFTER = blind.LAG
"""An evaluation older than this says nothing of now."""
_OF = ("source",)

BUILD = Spec("tierline_build_info", "The version that runs.", ("version",), "info")
EVALUATED = Spec("tierline_last_evaluation_timestamp_seconds", "When the results were last evaluated.")
AS_OF = Spec("tierline_as_of_timestamp_seconds", "The moment that the results speak of.")
EVALUATION_AGE = Spec("tierline_evaluation_age_seconds", "Time since the results were last evaluated.")
AGE = Spec("tierline_source_age_seconds", "Time since the source was last read without an error.", _OF)
SUCCESS = Spec("tierline_source_last_success_timestamp_seconds", "When the source was last read without an error.", _OF)
UP = Spec("tierline_source_up", "1 when the source's last pass succeeded.", _OF)
STALE = Spec(
    "tierline_source_stale",
    "1 when the source was last read without an error longer than three intervals and five minutes ago, as its "
    "objective fresh has it; 0 of one that was never read.",
    _OF,
)
TOOK = Spec("tierline_source_last_pass_duration_seconds", "How long the last pass took.", _OF)
FACTS = Spec("tierline_source_last_pass_facts", "Facts stored by the last pass.", _OF)
HELD = Spec("tierline_source_facts", "Facts that are held of the source now.", _OF)
ASIDE = Spec("tierline_source_set_aside", "Records set aside by the last pass, which could not be taken.", _OF)
FAILED = Spec("tierline_source_failed_passes", "Failed passes among the newest 50.", _OF)
PASSES = Spec(
    "tierline_source_passes_total",
    "Passes over the source since it was first read; it goes on after a restart.",
    ("source", "outcome"),
    "counter",
)
STORED = Spec(
    "tierline_facts_stored_total",
    "Facts that passes over the source stored, new or told anew; it goes on after a restart.",
    _OF,
    "counter",
)
KINDS = Spec("tierline_facts", "Facts stored, by kind.", ("kind",))
BLIND = Spec(
    "tierline_blind",
    "1 where Tierline cannot see. A source is stale (see tierline_source_stale) or, where its newest pass failed too, "
    "failing; or incomplete or behind: one of them at a time. A kind of fact (as source) that nobody tells is "
    "unobserved; of Tierline's own evaluation source is empty.",
    ("source", "what"),
)
CAP = Spec("tierline_series_cap", "The most series of results exposed (setting ops.metrics.cap).")
DROPPED = Spec("tierline_series_dropped", "Series left out because of the cap; breakdowns go first.")

_OBJECTIVE = ("source", "objective")
COMPLETE = Spec("tierline_source_completeness_ratio", "What came of the records that the source itself counts, in the "
                "newest pass in which it counted.", _OF)  # fmt: skip
LAG = Spec("tierline_source_lag_seconds", "Age of the newest that the source told, where it tells what happened.",
           _OF)  # fmt: skip
PROMISED = Spec("tierline_source_objective_ratio", "What is promised of the reading of the source.", _OBJECTIVE)
KEPT = Spec("tierline_source_objective_kept_ratio", "What was kept of it, over 28 days.", _OBJECTIVE)
LEFT = Spec("tierline_source_objective_budget_remaining_ratio", "What is left of its error budget, over 28 days; "
            "below 0 it is overspent.", _OBJECTIVE)  # fmt: skip

_OF_SOURCE = (
    (TOOK, "duration"), (FACTS, "facts"), (HELD, "stored"), (ASIDE, "set_aside"), (FAILED, "errors"),
)  # fmt: skip


def fixed(snapshot: Snapshot, cap: int, dropped: int) -> list[Family]:
    """What moves with the snapshot only."""
    shelf = Shelf()
    shelf(BUILD).add((version("tierline"),), 1)
    shelf(EVALUATED).add((), _epoch(snapshot.evaluated_at))
    shelf(AS_OF).add((), _epoch(snapshot.as_of))
    for source in sorted(snapshot.sources, key=lambda one: one["name"]):
        _source(shelf, source)
    for kind, stored in sorted(snapshot.facts.items()):
        shelf(KINDS).add((kind,), stored)
    shelf(CAP).add((), cap)
    shelf(DROPPED).add((), dropped)
    return shelf.families()


def _epoch(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _source(shelf: Shelf, source: Mapping[str, Any]) -> None:
    own = (source["name"],)
    shelf(SUCCESS).add(own, _epoch(source.get("last_success")))
    shelf(UP).add(own, bool(source.get("ok", True)))
    shelf(STALE).add(own, source.get("blind") in UNREAD)
    for spec, key in _OF_SOURCE:
        shelf(spec).add(own, source.get(key))
    passes = source.get("passes") or {}
    for outcome in ("succeeded", "failed"):
        shelf(PASSES).add((*own, outcome), passes.get(outcome))
    shelf(STORED).add(own, passes.get("facts"))
    _health(shelf, source["name"], source.get("health") or {})


def _health(shelf: Shelf, name: str, health: Mapping[str, Any]) -> None:
    told = health.get("told")
    shelf(COMPLETE).add((name,), health["taken"] / told if told else None)
    shelf(LAG).add((name,), health.get("lag"))
    for objective, kept in health.get("objectives", {}).items():
        for spec, figure in ((PROMISED, "objective"), (KEPT, "value"), (LEFT, "remaining")):
            shelf(spec).add((name, objective), kept[figure])


def stale(snapshot: Snapshot, now: datetime | None) -> bool:
    """Whether the evaluation is too old to speak of now, by the door's clock (None: nobody tells the time)."""
    return now is not None and snapshot.evaluated_at is not None and now - snapshot.evaluated_at > STALE_AFTER


def moving(snapshot: Snapshot, now: datetime | None) -> list[Family]:
    """What moves by the clock, between two snapshots too: ages, and where Tierline is blind."""
    shelf, moment = Shelf(), now or snapshot.as_of
    if moment is not None and snapshot.evaluated_at is not None:
        shelf(EVALUATION_AGE).add((), _since(snapshot.evaluated_at, moment))
    for source in sorted(snapshot.sources, key=lambda one: one["name"]):
        last = source.get("last_success")
        if moment is not None and last is not None:
            shelf(AGE).add((source["name"],), _since(last, moment))
        if source.get("blind"):
            shelf(BLIND).add((source["name"], source["blind"]), 1)
    for own in [("", "evaluation")] if stale(snapshot, now) else sorted(_unobserved(snapshot)):
        shelf(BLIND).add(own, 1)
    return shelf.families()


def _unobserved(snapshot: Snapshot) -> set[tuple[str, str]]:
    """Kinds of facts that nobody tells, as the last evaluation found them."""
    return {(one["source"], one["what"]) for one in snapshot.watch.get("blind", ()) if one["what"] == "unobserved"}


def _since(then: datetime, now: datetime) -> float:
    return max((now - then).total_seconds(), 0.0)


GROUP = Group(
    "Tierline and its sources",
    "Counters count what was observed, survive a restart and never fall. `outcome` is `succeeded` or `failed`; "
    "`what` is `stale`, `failing`, `incomplete`, "
    "`behind`, `unobserved` or `evaluation`; `objective` is `fresh`, `passes` or `complete`.",
    "when the source is taken out of tierline.yaml; never cut by the cap, and they stay while the evaluation is stale",
    (
        BUILD, EVALUATED, AS_OF, EVALUATION_AGE, SUCCESS, AGE, UP, STALE, TOOK, FACTS, HELD, ASIDE, FAILED, PASSES,
        STORED, KINDS, COMPLETE, LAG, PROMISED, KEPT, LEFT, BLIND, CAP, DROPPED,
    ),
    (
        ("sources not read for an hour", "tierline_source_age_seconds > 3600"),
        ("facts a minute, by source", "rate(tierline_facts_stored_total[15m]) * 60"),
        (
            "the share of passes that fail",
            'sum by (source) (increase(tierline_source_passes_total{outcome="failed"}[1d]))'
            " / sum by (source) (increase(tierline_source_passes_total[1d]))",
        ),
        ("no evaluation for ten minutes", "tierline_evaluation_age_seconds > 600"),
    ),
)  # fmt: skip
