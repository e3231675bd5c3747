"""Streaming lag P95: end-to-end lag of the streams, sampled at a fixed step."""

from __future__ import annotations

from slo.metering.buckets import OfBuckets


class StreamingLagP95(OfBuckets):
    id = "streaming_lag_p95"
    title = "Streaming lag P95"
    family = "reliability"
    lens = "lagging"
    definition = "The 95th percentile of end-to-end lag, from samples at a fixed step in buckets of 1 % relative error."
    formula = "the first bucket whose cumulated count exceeds 0.95 (n - 1)"
    not_counted = "samples of other metrics, streams of other environments than production"
    example = (
        "100 samples, 96 of about 10 s and 4 of about 600 s: the 95th of 99 steps falls among the 10 s, so P95 is 10 s."
    )
    sentence = "95 % of {whose} readings of lag were within {value} {when}"
    needs = (("distribution.lag_seconds",),)
    metric_told = "lag_seconds"
