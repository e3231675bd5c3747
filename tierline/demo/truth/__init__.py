"""The world's own KPI values, by plain loops over its events: what Tierline must show.

Nothing here reads Tierline's store or calls its arithmetic. Each function takes a :class:`Question` and gives the
figures of ``tierline show``: ``value`` (None: no data) and the parts it is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tierline.demo.truth.delivery import change_failure_rate, deployment_frequency, query_p95, unit_cost
from tierline.demo.truth.freshness import dataset_sla_attainment, freshness_slo_attainment
from tierline.demo.truth.incidents import alert_precision, incident_recurrence_rate, mtta, mttd, mttr
from tierline.demo.truth.question import Question
from tierline.demo.truth.runs import backfill_completion_time, dq_test_pass_rate, job_runtime, pipeline_success_rate

TRUTHS: dict[str, Callable[[Question], dict[str, Any]]] = {
    truth.__name__: truth
    for truth in (
        pipeline_success_rate, freshness_slo_attainment, dataset_sla_attainment, job_runtime, backfill_completion_time,
        mttd, mttr, mtta, incident_recurrence_rate, alert_precision, dq_test_pass_rate, change_failure_rate,
        deployment_frequency, unit_cost, query_p95,
    )
}  # fmt: skip

__all__ = ["TRUTHS", "Question"]
