"""A second opinion on the fifteen KPIs: plain loops over interchange records, by the rules, sharing nothing with slo/.

It is slow and obvious on purpose. Where it and the product disagree, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import oracle_events as events
import oracle_reliability as reliability
from oracle_facts import Record, World
from oracle_scope import Asked

KPIS = (
    "pipeline_success_rate", "freshness_slo_attainment", "dataset_sla_attainment", "job_runtime",
    "backfill_completion_time", "mttd", "mttr", "mtta", "incident_recurrence_rate", "alert_precision",
    "dq_test_pass_rate", "change_failure_rate", "deployment_frequency", "unit_cost", "query_p95",
)  # fmt: skip


def value(
    kpi: str,
    facts: list[Record],
    window_start: datetime,
    window_end: datetime,
    as_of: datetime,
    scope: Record | None = None,
    params: Record | None = None,
    tz: ZoneInfo | None = None,
    rates: Mapping[str, Mapping[date, float]] | None = None,
    order: tuple[str, ...] = (),
) -> Record:
    """The parts that ``tierline show KPI --format json`` prints, from facts in order of arrival."""
    world = World(facts, as_of, tz or ZoneInfo("UTC"), order)
    asked = Asked(world, kpi, window_start, window_end, scope or {}, params or {})
    if kpi == "unit_cost":
        return events.unit_cost(asked, rates or {})
    found: Record = getattr(reliability if hasattr(reliability, kpi) else events, kpi)(asked)
    return found
