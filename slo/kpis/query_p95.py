"""Query performance P95: runtime of the queries behind critical workloads."""

from __future__ import annotations

from datetime import datetime

from slo.facts import Distribution
from slo.measure.item import Dims
from slo.metering.buckets import OfBuckets
from slo.view import View

CRITICAL_TIERS = (0, 1)


class QueryP95(OfBuckets):
    id = "query_p95"
    title = "Query performance P95"
    family = "reliability"
    definition = "The 95th percentile of query runtimes of critical workloads, from buckets of 1 % relative error."
    formula = "the first bucket whose cumulated count exceeds 0.95 (n - 1)"
    not_counted = "failed and cached queries, workloads that are not critical"
    example = "Of 1,000 queries behind critical dashboards 950 took at most 8.2 seconds: the 95th percentile is 8.2 s."
    needs = (("distribution.query_seconds",),)
    asset_fields = ("critical",)
    metric_told = "query_seconds"

    def counts(self, view: View, reading: Distribution, dims: Dims, at: datetime) -> bool:
        critical = view.history(reading.asset).get("critical", at) or dims.tier in CRITICAL_TIERS
        return bool(critical) and reading.outcome in (None, "success")
