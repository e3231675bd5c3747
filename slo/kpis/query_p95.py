"""Query performance P95: runtime of the queries behind critical workloads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from slo.facts import Distribution
from slo.kpi import Figures, Reading
from slo.measure import Item
from slo.measure.item import Dims
from slo.metering.buckets import OfBuckets
from slo.view import View

CRITICAL_TIERS = (0, 1)
APART = ("failed", "cached")


class QueryP95(OfBuckets):
    id = "query_p95"
    title = "Query performance P95"
    family = "reliability"
    definition = "The 95th percentile of query runtimes of critical workloads, from buckets of 1 % relative error."
    formula = "the first bucket whose cumulated count exceeds 0.95 (n - 1)"
    not_counted = "failed and cached queries, workloads that are not critical"
    example = "Of 1,000 queries behind critical dashboards 950 took at most 8.2 seconds: the 95th percentile is 8.2 s."
    sentence = "95 % of {whose} critical queries finished within {value} {when}"
    shown_beside = {
        "failed_queries": ("queries that failed", "count"),
        "cached_queries": ("queries from the cache", "count"),
    }
    needs = (("distribution.query_seconds",),)
    asset_fields = ("critical",)
    metric_told = "query_seconds"
    version = 2

    def counts(self, view: View, reading: Distribution, dims: Dims, at: datetime) -> bool:
        critical = view.history(reading.asset).get("critical", at) or dims.tier in CRITICAL_TIERS
        return bool(critical)

    def _item(self, view: View, at: datetime, reading: Distribution, dims: Dims) -> Item:
        """Failed and cached queries count by their number alone."""
        item = super()._item(view, at, reading, dims)
        if reading.outcome in APART:
            queries = item.zero + sum((item.buckets or {}).values())
            item.beside = {str(reading.outcome): round(queries)} if item.excluded is None else None
            item.buckets, item.zero, item.excluded = None, 0, None
        return item

    def figures(self, reading: Reading) -> Figures:
        figures = super().figures(reading)
        apart = {f"{name}_queries": reading.state.beside.get(name, 0) for name in APART}
        return replace(figures, parts={**figures.parts, **apart})
