"""The most expensive workloads beside a KPI of cost, in a line: each with its cost, and with how it was remediated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards import format as fmt

HOW = {"work item": "remediated by a work item", "cost a run": "remediated: a run costs less"}
REMEDIATED = "remediated"


def costliest(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(term, text), nothing where the result names no workloads."""
    told = result.get("workloads") or []
    if not told:
        return []
    term = "most expensive before" if REMEDIATED in told[0] else "most expensive workloads"
    return [(term, "; ".join(_said(one, result.get("currency") or "USD") for one in told))]


def _said(one: Mapping[str, Any], currency: str) -> str:
    cost = f"{one['asset']} {fmt.money(one['cost'], currency)}"
    how = one.get(REMEDIATED)
    return f"{cost} ({HOW[how]})" if how else cost
