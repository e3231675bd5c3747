"""The vocabulary: what Tierline can be told. One dataclass a fact kind; its fields are the contract of the JSON Lines
interchange, of the store's tables and of every collector.

Instants are aware datetimes in UTC; a naive time is refused. Durations are seconds. Every field may be null except
those named in ``REQUIRED``. Source: the design's section 3. One file a group of kinds.
"""

from __future__ import annotations

from slo.facts.assets import Alias, Asset, Edge
from slo.facts.fact import Data, Fact, Instant, Words, place, place_fields
from slo.facts.happenings import Alert, Change, CheckResult, DatasetUpdate, Incident, Run
from slo.facts.readings import Distribution, Figure, Meter
from slo.facts.telling import Correction, Coverage, Exclusion
from slo.facts.work import Entry, SurveyAnswer, WorkItem

__all__ = [
    "ENVELOPE", "INFERRED", "KINDS", "QUIET", "REQUIRED", "Alert", "Alias", "Asset", "Change", "CheckResult",
    "Correction", "Coverage", "Data", "DatasetUpdate", "Distribution", "Edge", "Entry", "Exclusion", "Fact", "Figure",
    "Incident", "Instant", "Meter", "Run", "SurveyAnswer", "Words", "WorkItem", "place", "place_fields",
]  # fmt: skip

KINDS: dict[str, type[Fact]] = {
    kind.kind_of_fact: kind
    for kind in (
        Asset, Run, DatasetUpdate, CheckResult, Incident, Alert, Change, WorkItem, Meter, Distribution, Figure,
        Edge, SurveyAnswer, Entry, Coverage, Correction, Exclusion, Alias,
    )
}  # fmt: skip

REQUIRED: dict[str, tuple[str, ...]] = {
    "asset": ("asset",),
    "run": ("asset", "state"),
    "dataset_update": ("asset", "at"),
    "check_result": ("asset", "check", "outcome", "at"),
    "alert": ("fired_at",),
    "change": ("kind", "at"),
    "work_item": ("kind",),
    "meter": ("at", "meter", "amount"),
    "distribution": ("at", "metric", "gamma", "buckets"),
    "figure": ("asset", "at", "kpi"),
    "edge": ("upstream", "downstream"),
    "survey_answer": ("at", "score", "scale"),
    "entry": ("kind",),
    "coverage": ("start", "end"),
    "correction": ("target_fact", "target_id", "set"),
    "exclusion": ("start", "end", "reason"),
    "alias": ("old", "new"),
}

ENVELOPE = ("source", "id", "url", "revised_at", "deleted")
QUIET = ("asset", "coverage", "alias", "edge", "exclusion", "correction")
"""Kinds that say what is, not what happened: their age says nothing of how new a source's data is."""
INFERRED = "inferred"
"""The source that tells what Tierline itself infers (slo/derive): trusted last, overruled by anybody."""
