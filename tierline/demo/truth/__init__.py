"""The world's own KPI values, by plain loops over its events: what Tierline must show.

Nothing here reads Tierline's store or calls its arithmetic. Each function takes a :class:`Question` and gives the
figures of ``tierline show``: ``value`` (None: no data) and the parts it is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tierline.demo.truth import assets, defects, delivery, entries, freshness, incidents, meters, people, runs
from tierline.demo.truth.question import Question

TRUTHS: dict[str, Callable[[Question], dict[str, Any]]] = {
    truth.__name__: truth
    for truth in (
        runs.pipeline_success_rate, freshness.dataset_sla_attainment, freshness.freshness_slo_attainment,
        meters.streaming_lag_p95, meters.service_slo_compliance, runs.backfill_completion_time, runs.job_runtime,
        delivery.query_p95,
        incidents.mttd, incidents.mtta, incidents.mttr, incidents.incident_recurrence_rate, defects.dq_incident_rate,
        defects.defect_leakage, incidents.alert_precision, people.postmortem_action_completion,
        people.support_sla_adherence, entries.toil_hours, defects.oncall_effectiveness,
        delivery.change_failure_rate, delivery.deployment_frequency, people.onboarding_lead_time, people.pr_throughput,
        people.ticket_cycle_time, assets.automated_test_coverage, entries.automation_coverage,
        entries.architecture_review_rate,
        runs.dq_test_pass_rate, defects.dq_slo_attainment,
        delivery.unit_cost, meters.compute_utilization, meters.reserved_capacity_utilization,
        meters.storage_growth_vs_forecast, meters.expensive_workloads_remediated,
        assets.metadata_completeness, assets.ownership_coverage, assets.catalog_coverage, assets.catalog_adoption,
        assets.lineage_coverage, people.access_request_cycle_time, people.audit_findings, assets.policy_compliance,
        assets.paved_road_adoption, assets.component_reuse, entries.teams_enabled, entries.stakeholder_satisfaction,
        entries.documentation_freshness, entries.enablement_output, entries.learning_progression,
    )
}  # fmt: skip

__all__ = ["TRUTHS", "Question"]
