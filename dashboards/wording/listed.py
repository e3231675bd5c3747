"""What a KPI lists by name beside its value, each list in a line: open incidents, repeating causes, critical failures,
slowed jobs, cost that stands apart. The whole lists are in the JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dashboards import format as fmt
from dashboards.wording.workloads import costliest

Result = Mapping[str, Any]
Line = Mapping[str, Any]
FIRST = 5
"""How many of a list are named."""


def lines(result: Result) -> list[tuple[str, str]]:
    """(term, text) of every list that has something in it."""
    found = [
        (term, _joined(map(say, result[part]), len(result[part]))) for part, (term, say) in _LISTS.items()
        if result.get(part)
    ]  # fmt: skip
    return [*found, *_apart(result), *costliest(result)]


def _joined(texts: Iterable[str], all_of_them: int) -> str:
    shown = [text for text, _ in zip(texts, range(FIRST), strict=False)]
    rest = all_of_them - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest else "")


def _open(one: Line) -> str:
    return f"{one['title'] or one['id']} {fmt.duration(one['age_seconds'])}"


def _recurred(one: Line) -> str:
    return f"{one['cause']} {fmt.plural(one['recurred'], 'time')}"


def _back(one: Line) -> str:
    return f"{one['cause']} ({'back' if one['occurred'] else 'stayed away'})"


def _failed(one: Line) -> str:
    until = "not passed since" if one["seconds"] is None else f"passed after {fmt.duration(one['seconds'])}"
    return f"{one['check']} of {one['asset']} {until}"


def _job(one: Line) -> str:
    """p95 always; how it changed, and p50 with it, where the job is compared."""
    name, change = f"{one['asset']} p95 {fmt.duration(one['p95'])}", one["p95_change"]
    if change is None:
        return f"{name} (not compared)"
    return f"{name} ({fmt.relative(change)}), p50 {fmt.duration(one['p50'])} ({fmt.relative(one['p50_change'])})"


_LISTS: Mapping[str, tuple[str, Callable[[Line], str]]] = {
    "open_incidents": ("still open, the oldest first", _open),
    "repeat_causes": ("causes that recurred most", _recurred),
    "repeat_causes_before": ("those of the quarter before", _back),
    "critical": ("critical failures, the longest first", _failed),
    "per_job": ("jobs, the most slowed first", _job),
}
"""Part of a result -> its term, and one line of it in words."""


def _apart(result: Result) -> list[tuple[str, str]]:
    """Credits, refunds, taxes and purchases, which are no cost of usage."""
    told = result.get("apart") or {}
    currency = result.get("currency") or "USD"
    text = "; ".join(f"{name} {fmt.money(amount, currency)}" for name, amount in sorted(told.items()) if amount)
    return [("kept apart", text)] if text else []
