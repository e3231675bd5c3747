"""Recording rules: the age of the evaluation, on which every other rule stands, and what people alert on themselves."""

from __future__ import annotations

from dashboards.metrics.alerting import AFFECTED, LOOKBACK_RATE, THRESHOLD
from dashboards.metrics.product import EVALUATED
from dashboards.rules.rule import AGE, Record, guarded, one_each

BURN = "slo_lookback:dataplatform_slo_burn_rate:min"
OVER = "slo_lookback:dataplatform_slo_burn_rate:threshold_ratio"
OPEN = "team_severity:dataplatform_alerts_open:count"

_PART = one_each("job, slo, lookback, part", LOOKBACK_RATE.name)
_BOTH = f"count by (job, slo, lookback) ({_PART}) == 2"
_LIMIT = one_each("job, slo, lookback, severity", THRESHOLD.name)
_ALERTS = one_each("job, alert, cause, team, tier, severity", AFFECTED.name)


def rules() -> list[Record]:
    """A lookback burns as fast as the slower of its two parts, and only while both were counted in; above 1 the ratio
    to its threshold says that it would fire."""
    burn = f"min by (job, slo, lookback) ({_PART})\nand on (job, slo, lookback) ({_BOTH})"
    over = f"{BURN}\n/ on (job, slo, lookback) group_right () {_LIMIT}"
    return [
        Record(AGE, f"time() - {one_each('job', EVALUATED.name)}"),
        Record(BURN, guarded(burn)),
        Record(OVER, guarded(over)),
        Record(OPEN, guarded(f"count by (job, team, severity) ({_ALERTS})")),
    ]  # fmt: skip
