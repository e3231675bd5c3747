"""Runtimes job by job, beside the median over jobs: the p50 and p95 of each and how both changed (kpi_rules, 4)."""

from __future__ import annotations

from typing import Any

from slo.measure import Change, Samples
from slo.measure.state import relative

SHOWN = 20
"""Jobs are listed up to this many, the one that slowed down most first."""


def jobs(now: Change, before: Change, minimum: int) -> list[dict[str, Any]]:
    """Seconds of each job in both windows. One with too few runs in either is not compared: its changes are null, and
    it stands after those that are, the slowest first."""
    nothing = Samples()
    told = [_job(name, one, before.assets.get(name, nothing), minimum) for name, one in now.assets.items() if one.n]
    return sorted(told, key=_worst_first)[:SHOWN]


def _job(name: str, now: Samples, before: Samples, minimum: int) -> dict[str, Any]:
    compared = now.n >= minimum and before.n >= minimum
    told: dict[str, Any] = {"asset": name, "n": now.n, "n_before": before.n}
    for figure, q in (("p50", 0.5), ("p95", 0.95)):
        new, old = now.quantile(q), before.quantile(q)
        change = relative(new, old) if compared and new is not None and old else None
        told |= {figure: new, f"{figure}_before": old, f"{figure}_change": change}
    return told


def _worst_first(job: dict[str, Any]) -> tuple[bool, float, str]:
    change = job["p95_change"]
    return (True, -job["p95"], job["asset"]) if change is None else (False, -change, job["asset"])
