"""Where product and oracle differ, in words."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any

LOOSE = {"query_p95": 0.0101, "streaming_lag_p95": 0.0101}
"""Log buckets are good to 1 %."""


def _same(mine: Any, theirs: Any, tolerance: float) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return math.isclose(mine, theirs, rel_tol=tolerance, abs_tol=1e-6)


NEEDED = {
    "metadata_completeness": ("edge",), "lineage_coverage": ("edge",), "defect_leakage": ("check_result", "incident"),
}  # fmt: skip
"""Without one of these kinds a KPI that would have a value is not set up."""


def differences(kpi: str, oracle: dict[str, Any], product: dict[str, Any], told: Collection[str]) -> list[str]:
    """One line a part that differs; ``told``: the kinds of fact that were told."""
    if product["status"] == "not set up":
        if oracle["value"] is not None and all(kind in told for kind in NEEDED.get(kpi, ())):
            return [f"{kpi}: not set up, though everything it needs is told"]
        oracle = {**oracle, "value": None}
    tolerance = LOOSE.get(kpi, 1e-9)
    return [
        f"{kpi}.{part}: oracle {expected}, product {product.get(part)}"
        for part, expected in oracle.items()
        if part in product and not _same(expected, product[part], tolerance)
    ] + [f"{kpi}.{part}: missing" for part in oracle if part not in product]


def verdicts(kpi: str, mine: dict[str, Any], told: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(part, oracle's, product's) wherever a row is judged differently; the oracle has no opinion on some clauses."""
    if mine["status"] is not None and mine["status"] != told["status"]:
        yield "status", mine["status"], told["status"]
    theirs = told.get("clauses", [told])
    if len(theirs) != len(mine["clauses"]):
        return
    for number, (one, other) in enumerate(zip(mine["clauses"], theirs, strict=True)):
        if one["status"] is None:
            continue
        if one["status"] != other["status"]:
            yield f"clause {number} status", one["status"], other["status"]
        if not _same(one["value"], other["value"], LOOSE.get(kpi, 1e-9)):
            yield f"clause {number} value", one["value"], other["value"]
