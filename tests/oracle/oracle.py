"""A second opinion on the 49 KPIs: plain loops over interchange records, by the rules, sharing nothing with slo/.

It is slow and obvious on purpose. Where it and the product disagree, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import (
    oracle_alerts,
    oracle_checks,
    oracle_delivery,
    oracle_freshness,
    oracle_incidents,
    oracle_money,
    oracle_pipelines,
    oracle_readings,
    oracle_registers,
    oracle_work,
)
from tests.oracle.oracle_facts import Record, World
from tests.oracle.oracle_money import Rates
from tests.oracle.oracle_scope import Asked

FAMILIES: dict[Any, tuple[str, ...]] = {
    oracle_pipelines: ("pipeline_success_rate", "job_runtime", "backfill_completion_time"),
    oracle_freshness: ("freshness_slo_attainment", "dataset_sla_attainment"),
    oracle_incidents: ("mttd", "mttr", "incident_recurrence_rate", "dq_incident_rate", "oncall_effectiveness"),
    oracle_alerts: ("mtta", "alert_precision"),
    oracle_checks: ("dq_test_pass_rate", "dq_slo_attainment", "defect_leakage"),
    oracle_delivery: (
        "change_failure_rate", "deployment_frequency", "pr_throughput", "onboarding_lead_time", "ticket_cycle_time",
        "access_request_cycle_time",
    ),
    oracle_work: (
        "postmortem_action_completion", "support_sla_adherence", "audit_findings", "toil_hours", "enablement_output",
        "teams_enabled", "architecture_review_rate", "stakeholder_satisfaction",
    ),
    oracle_readings: (
        "query_p95", "streaming_lag_p95", "service_slo_compliance", "compute_utilization",
        "reserved_capacity_utilization",
    ),
    oracle_money: ("unit_cost", "storage_growth_vs_forecast", "expensive_workloads_remediated"),
    oracle_registers: (
        "metadata_completeness", "ownership_coverage", "policy_compliance", "catalog_coverage", "lineage_coverage",
        "automated_test_coverage", "automation_coverage", "documentation_freshness", "learning_progression",
        "component_reuse", "catalog_adoption", "paved_road_adoption",
    ),
}  # fmt: skip
KPIS: dict[str, Callable[..., Record]] = {
    name: getattr(room, name) for room, names in FAMILIES.items() for name in names
}
PRICED = ("unit_cost", "expensive_workloads_remediated")
"""These need exchange rates."""


def value(
    kpi: str,
    facts: list[Record],
    window_start: datetime,
    window_end: datetime,
    as_of: datetime,
    scope: Record | None = None,
    params: Record | None = None,
    tz: ZoneInfo | None = None,
    rates: Rates | None = None,
    order: tuple[str, ...] = (),
) -> Record:
    """The parts that ``tierline show KPI --format json`` prints, from facts in order of arrival."""
    world = World(facts, as_of, tz or ZoneInfo("UTC"), order)
    asked = Asked(world, kpi, window_start, window_end, scope or {}, params or {})
    return figure(asked, rates or {})


def figure(asked: Asked, rates: Rates) -> Record:
    """The parts of the KPI that is asked for."""
    return KPIS[asked.kpi](asked, rates) if asked.kpi in PRICED else KPIS[asked.kpi](asked)
