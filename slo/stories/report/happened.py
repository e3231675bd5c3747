"""The incidents of a period in a scope, worst first: the most severe, then the longest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from slo.incidents.cases import Case, cases
from slo.results import Query, Results
from slo.windows import Window, parse_window


def happened(results: Results, query: Query) -> list[dict[str, Any]]:
    """Each as ``told`` tells it."""
    view = results.view
    window = parse_window(query.window, view.as_of, view.platform.timezone)
    found = [case for case in cases(view) if inside(case, window) and query.scope.matches(case.matches, case.tier)]
    return sorted((told(case, view.as_of) for case in found), key=_worst)


def inside(case: Case, window: Window) -> bool:
    """Whether it began in the window."""
    return window.start <= case.begins < window.end


def told(case: Case, as_of: datetime) -> dict[str, Any]:
    """An incident in plain values: ``began`` (instant), ``seconds`` of its active spans to as-of, ``open``, severity,
    class, responsible, title, cause, tier, assets."""
    fact = case.fact
    spans = [(start, min(end or as_of, as_of)) for start, end in case.spans()]
    return {
        "source": fact.source, "id": fact.id, "title": fact.title, "began": case.begins, "tier": case.tier,
        "seconds": sum(max((end - start).total_seconds(), 0.0) for start, end in spans),
        "open": case.restored_at() is None, "severity": fact.severity, "class": fact.class_, "cause": fact.cause,
        "responsible": fact.responsible, "assets": sorted({str(match[0]) for match in case.matches}),
    }  # fmt: skip


def _worst(one: dict[str, Any]) -> tuple[Any, ...]:
    return (one["severity"] or 9, -one["seconds"], one["began"], one["source"], one["id"])
