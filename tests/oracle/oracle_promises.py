"""The 96 published targets as kpi_targets.md encodes them, written down by hand: (profile, row) -> KPI and clauses.

A clause: form, floor, stretch (``within``: both ends of each), tiers it speaks of, parameters, what it is compared
with, and the figure it speaks of where that is not the KPI's value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MIN = 60.0
HOUR = 3600.0


@dataclass(frozen=True)
class Clause:
    form: str
    floor: Any = None
    stretch: Any = None
    tiers: tuple[int, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    against: str = "previous"
    figure: str | None = None
    points: bool = False


@dataclass(frozen=True)
class Promise:
    kpi: str
    clauses: tuple[Clause, ...]
    how: str = "all"


def one(kpi: str, form: str, floor: Any = None, stretch: Any = None, *tiers: int, **rest: Any) -> Promise:
    return Promise(kpi, (Clause(form, floor, stretch, tiers, **rest),))


def both(kpi: str, *clauses: Clause, how: str = "all") -> Promise:
    return Promise(kpi, clauses, how)


DOWN, UP = Clause("down"), Clause("up")
FROM_DETECTION: dict[str, Any] = {"start": "detected"}
VISIBLE: dict[str, Any] = {"user_visible": True}

STAFF_PLATFORM = {
    1: one("dataset_sla_attainment", "at_least", 0.99, None, 1),
    2: one("pipeline_success_rate", "at_least", 0.995),
    3: one("mttd", "below", 10 * MIN, None, 1),
    4: both("mttr", Clause("below", HOUR, None, (1,)), Clause("below", 4 * HOUR, None, (2,))),
    5: both(
        "incident_recurrence_rate",
        Clause("below", 0.10, params={"days": 30}), Clause("below", 0.10, params={"days": 60}),
    ),
    6: one("change_failure_rate", "below", 0.05),
    7: one("onboarding_lead_time", "down", 0.30, 0.50, against="yoy"),
    8: one("backfill_completion_time", "agreed"),
    9: one("unit_cost", "down", 0.10, 0.20, against="yoy"),
    10: one("compute_utilization", "at_least", 0.80),
    11: one("storage_growth_vs_forecast", "within", (-0.15, 0.15), (-0.10, 0.10)),
    12: one("query_p95", "below", 10.0),
    13: one("streaming_lag_p95", "below", 5 * MIN),
    14: one("dq_test_pass_rate", "at_least", 0.98, 0.99),
    15: one("alert_precision", "at_least", 0.70, 0.80),
    16: one("metadata_completeness", "at_least", 0.95),
    17: one("access_request_cycle_time", "below", 2),
    18: one("audit_findings", "zero"),
    19: one("paved_road_adoption", "at_least", 0.80),
    20: one("component_reuse", "up"),
    21: one("stakeholder_satisfaction", "at_least", 8, params={"scale": "10"}),
    22: one("documentation_freshness", "at_least", 0.90),
    23: one("enablement_output", "agreed"),
}  # fmt: skip

LEAD_PLATFORM = {
    1: both("onboarding_lead_time", Clause("at_most", 10, 2), DOWN),
    2: both("pipeline_success_rate", Clause("above", 0.99, None, (1,)), Clause("above", 0.97, 0.99)),
    3: one("freshness_slo_attainment", "at_least", 0.95, 0.99, 1),
    4: one("mttr", "below", 2 * HOUR, HOUR, 1, params=FROM_DETECTION),
    5: one("incident_recurrence_rate", "below", 0.20, 0.10, params={"severity": 2, "days": 90}),
    6: one("change_failure_rate", "below", 0.15, 0.10, params=VISIBLE),
    7: one("deployment_frequency", "at_least", 1),
    8: one("unit_cost", "not up"),
    9: one("compute_utilization", "up"),
    10: one("query_p95", "below", 30.0, 10.0),
    11: one("dq_test_pass_rate", "above", 0.98, 0.99, 1, params={"layer": "curated"}),
    12: one("defect_leakage", "down"),
    13: one("catalog_coverage", "above", 0.90),
    14: one("lineage_coverage", "above", 0.80, 0.90, 1),
    15: one("access_request_cycle_time", "below", 3, 1),
    16: both("audit_findings", Clause("zero"), Clause("at_least", 1, figure="remediated_in_sla")),
    17: one("support_sla_adherence", "at_least", 0.90, params={"priority": "P2"}),
    18: one("paved_road_adoption", "above", 0.80),
    19: both(
        "stakeholder_satisfaction",
        Clause("up", params={"scale": "nps"}), Clause("at_least", 20, 40, params={"scale": "nps"}),
    ),
    20: one("enablement_output", "agreed"),
}  # fmt: skip

DISTINGUISHED_PLATFORM = {
    1: one("onboarding_lead_time", "down", 0.30, 0.50, against="frozen"),
    2: one("change_failure_rate", "below", 0.10, 0.05),
    3: both("mttr", Clause("below", HOUR, None, (0,)), Clause("below", 4 * HOUR, None, (1,))),
    4: both("pipeline_success_rate", Clause("at_least", 0.995, None, (0,)), Clause("at_least", 0.99, None, (1,))),
    5: one("streaming_lag_p95", "below", 2 * MIN),
    6: one("dq_slo_attainment", "at_least", 0.95, None, 0),
    7: one("lineage_coverage", "at_least", 0.80),
    8: one("catalog_adoption", "at_least", 0.90),
    9: one("access_request_cycle_time", "below", 1),
    10: one("unit_cost", "down", 0.10, 0.25, against="yoy"),
    11: one("reserved_capacity_utilization", "within", (0.70, 0.90)),
    12: one("service_slo_compliance", "at_least", 0.999, None, 0),
    13: both("alert_precision", Clause("above", 0.70), Clause("down", figure="duplicate_share")),
    14: one("policy_compliance", "at_least", 1),
    15: one("paved_road_adoption", "above", 0.70),
    16: one("stakeholder_satisfaction", "up", 10, params={"scale": "nps"}, against="frozen", points=True),
    17: one("teams_enabled", "at_least", 3, 6),
    18: one("architecture_review_rate", "above", 0.90),
}

STAFF_DATAOPS = {
    1: one("freshness_slo_attainment", "at_least", 0.99, None, 1),
    2: one("pipeline_success_rate", "at_least", 0.995, None, 1),
    3: one("mttd", "below", 15 * MIN, 10 * MIN, 1),
    4: one("mttr", "below", 2 * HOUR, HOUR, 1, params=FROM_DETECTION),
    5: one("incident_recurrence_rate", "below", 0.10, params={"days": 60}),
    6: one("change_failure_rate", "below", 0.15, 0.10),
    7: one("deployment_frequency", "up"),
    8: one("automated_test_coverage", "at_least", 0.90, None, 1),
    9: one("dq_incident_rate", "down"),
    10: both("alert_precision", Clause("above", 0.70, 0.80), UP),
    11: one("unit_cost", "not up"),
    12: one("expensive_workloads_remediated", "at_least", 5, 10),
    13: one("ownership_coverage", "at_least", 0.85, 0.95),
    14: one("toil_hours", "down"),
    15: both(
        "stakeholder_satisfaction",
        Clause("at_least", 4.2, params={"scale": "5"}), Clause("up", params={"scale": "5"}), how="any",
    ),
    16: one("paved_road_adoption", "at_least", 0.80),
    17: one("postmortem_action_completion", "at_least", 0.80, 0.90),
}  # fmt: skip

ASSOCIATE_PLATFORM = {
    1: one("pipeline_success_rate", "at_least", 0.98, 0.995),
    2: one("dataset_sla_attainment", "at_least", 0.95, None, 0, 1),
    3: one("mtta", "below", 10 * MIN),
    4: both("mttr", DOWN, Clause("below", 2 * HOUR, HOUR)),
    5: both("incident_recurrence_rate", DOWN, Clause("zero", figure="top_repeats")),
    6: one("change_failure_rate", "below", 0.15, 0.10),
    7: one("pr_throughput", "stable"),
    8: one("ticket_cycle_time", "at_most", 10, 3),
    9: one("onboarding_lead_time", "down", 0.20, 0.30, against="frozen"),
    10: one("automation_coverage", "up"),
    11: one("alert_precision", "above", 0.60, 0.80),
    12: one("unit_cost", "not up"),
    13: one("job_runtime", "at_most", -0.10, -0.20),
    14: one("dq_test_pass_rate", "agreed", figure="critical_failures"),
    15: one("documentation_freshness", "at_least", 0.80),
    16: one("stakeholder_satisfaction", "at_least", 4.0, params={"scale": "5"}),
    17: one("oncall_effectiveness", "agreed"),
    18: one("learning_progression", "at_least", 1),
}

PROFILES = {
    "staff_platform": STAFF_PLATFORM, "lead_platform": LEAD_PLATFORM,
    "distinguished_platform": DISTINGUISHED_PLATFORM, "staff_dataops": STAFF_DATAOPS,
    "associate_platform": ASSOCIATE_PLATFORM,
}  # fmt: skip


def promises(kpi: str) -> dict[tuple[str, int], Promise]:
    """The published rows of a KPI."""
    return {
        (profile, row): promise
        for profile, rows in PROFILES.items()
        for row, promise in rows.items()
        if promise.kpi == kpi
    }
