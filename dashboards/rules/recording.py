"""Recording rules: the age of the evaluation, on which every other rule stands, and what people alert on themselves."""

from __future__ import annotations

from dashboards.metrics.alerting import AFFECTED, LOOKBACK_RATE, THRESHOLD
from dashboards.metrics.product import EVALUATED
from dashboards.rules.rule import AGE, Record, guarded, one_each, selected

BURN = "slo_lookback:dataplatform_slo_burn_rate:min"
OVER = "slo_lookback:dataplatform_slo_burn_rate:threshold_ratio"
OPEN = "team_severity:dataplatform_alerts_open:count"


def rules(job: str | None) -> list[Record]:
    """A lookback burns as fast as the slower of its two parts, and only while both were counted in; above 1 the ratio
    to its threshold says that it would fire."""
    part = one_each("job, slo, lookback, part", selected(LOOKBACK_RATE.name, job))
    limit = one_each("job, slo, lookback, severity", selected(THRESHOLD.name, job))
    alerts = one_each("job, alert, cause, team, tier, severity", selected(AFFECTED.name, job))
    both = f"count by (job, slo, lookback) ({part}) == 2"
    burn = f"min by (job, slo, lookback) ({part})\nand on (job, slo, lookback) ({both})"
    over = f"{selected(BURN, job)}\n/ on (job, slo, lookback) group_right () {limit}"
    return [
        Record(AGE, f"time() - {one_each('job', selected(EVALUATED.name, job))}"),
        Record(BURN, guarded(burn)),
        Record(OVER, guarded(over)),
        Record(OPEN, guarded(f"count by (job, team, severity) ({alerts})")),
    ]
