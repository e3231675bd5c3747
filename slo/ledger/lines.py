"""A line: one KPI of one period in one scope, as it was judged, by which definition and which targets."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from slo.explaining.versions import versions
from slo.kpi import Kpi
from slo.ledger.scopes import query_of
from slo.promises.target import Target
from slo.results import Results
from slo.windows import parse_window

Line = dict[str, Any]
PARTS = (
    "good", "bad", "unknown", "excluded", "numerator", "denominator", "n", "sum", "mean", "median", "p90", "p95",
    "promoters", "detractors",
)  # fmt: skip
"""The figures beside the value that are compared."""


def canonical(value: Any) -> str:
    """JSON that is the same text for the same content. Raises ValueError on NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(head: dict[str, Any], lines: Iterable[Line], documents: dict[str, str]) -> str:
    """SHA-256 of all that a closed period keeps."""
    ordered = sorted(lines, key=lambda line: (line["kpi"], line["scope"]))
    return digest(canonical({"head": head, "lines": ordered, "documents": documents}))


def line_of(results: Results, kpi: Kpi, scope: str, period: str) -> Line:
    """{"kpi", "scope" (a word), "result" (show's, without the days), "versions" (of definition and targets)}."""
    query = query_of(scope, period)
    applied = results.applied(results.asked(kpi, query), query)
    told = versions(kpi, applied)
    told["settings"] = results.view.store.meta(f"definition:{kpi.id}")
    for entry, (target, _, _) in zip(told["targets"], applied, strict=True):
        entry["digest"] = _digest_of(target)
    result = results.result(kpi, query, series=False, before=False)
    return {"kpi": kpi.id, "scope": scope, "result": result, "versions": told}


def lines_of(results: Results, kpis: Iterable[Kpi], scopes: Iterable[str], period: str) -> Iterator[Line]:
    """Every KPI in every scope."""
    wanted = list(scopes)
    for kpi in kpis:
        for scope in wanted:
            yield line_of(results, kpi, scope, period)


def _digest_of(target: Target) -> str:
    return _word(target.model_dump_json())


def judged_by(results: Results, kpis: Iterable[Kpi], period: str) -> dict[str, str]:
    """KPI -> by what it is judged in a period, as one short word: it changes with the definition, the settings it rests
    on and the targets in force."""
    view = results.view
    window = parse_window(period, view.as_of, view.platform.timezone)
    day = min(window.last_day, view.day(view.as_of))
    targets: dict[str, list[str]] = {}
    for target in results.targets.in_force(day):
        targets.setdefault(target.kpi, []).append(target.model_dump_json())
    return {kpi.id: _word([*_definition(results, kpi), targets.get(kpi.id)]) for kpi in kpis}


def judged_by_all(results: Results, kpis: Iterable[Kpi]) -> str:
    """The same for all KPIs and every version of every target at once: while it stands, nothing else has moved."""
    targets = sorted(target.model_dump_json() for target in results.targets.versions)
    lines = sorted((name, sorted(keys)) for name, keys in results.targets.lines.items())
    return _word([targets, lines, results.targets.mature, [_definition(results, kpi) for kpi in kpis]])


def _definition(results: Results, kpi: Kpi) -> list[Any]:
    view = results.view
    return [kpi.id, kpi.version, view.store.meta(f"definition:{kpi.id}"), view.platform.profile]


def _word(value: Any) -> str:
    return digest(canonical(value))[:16]


def figures_of(line: Line) -> dict[str, Any]:
    """What is compared of a line: value, status, parts."""
    result = line["result"]
    parts = {name: result[name] for name in PARTS if name in result}
    return {"value": result["value"], "status": result["status"], "parts": parts}


def verdicts_of(line: Line) -> dict[tuple[str, int], dict[str, Any]]:
    """(profile, row) -> the target as it was judged."""
    return {(entry["profile"], entry["row"]): entry for entry in line["result"]["targets"]}


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two lines' figures say the same; the last bits of a sum do not count."""
    names = {*one["parts"], *other["parts"]}
    return (
        one["status"] == other["status"]
        and _alike(one["value"], other["value"])
        and all(_alike(one["parts"].get(name), other["parts"].get(name)) for name in names)
    )


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def is_provisional(line: Line) -> bool:
    """Whether a figure was published that had not settled; a verdict that nothing could change any more may stand."""
    result = line["result"]
    return result["status"] == "provisional" or (bool(result["provisional"]) and result["value"] is not None)
