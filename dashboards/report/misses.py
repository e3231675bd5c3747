"""Each miss with its cause, as far as the facts tell it: figures and names, no guesses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.report.cards import promised, spenders
from dashboards.report.incidents import SECURITY, in_words, repeats, titled
from dashboards.report.shape import Miss
from dashboards.report.told import Told
from dashboards.wording import answering, changes, drivers, sentences

Result = Mapping[str, Any]
INCIDENTS = 2
NOTHING = "The facts tell no cause."


def misses(told: Told) -> list[Miss]:
    """The KPIs with a missed promise: the most critical tier and the emptiest budget first."""
    missed = [one for one in told.own if any(entry["status"] == "missed" for entry in promised(told, one))]
    missed.sort(key=lambda one: _order(told, one))
    return [
        Miss(one["kpi"], one["title"], _sentence(told, one), list(causes(told, one)) or [NOTHING]) for one in missed
    ]


def _order(told: Told, result: Result) -> tuple[float, str]:
    entry = sentences.lowest_budget(result, told.profile)
    left = fmt.budget_left((entry or {}).get("budget"))
    return (1.0 if left is None else left, result["kpi"])


def _sentence(told: Told, result: Result) -> str:
    """The missed promise, its budget; of several how many."""
    entries = promised(told, result)
    missed = [entry for entry in entries if entry["status"] == "missed"]
    more = f"; {fmt.count(len(missed))} of its {fmt.count(len(entries))} promises missed" if len(entries) > 1 else ""
    shown = scope.told(missed[0])
    spent = fmt.budget(shown.get("budget"))
    said = f"{sentences.sentence(result)}; target {sentences.target(shown, result)}" + (f"; {spent}" if spent else "")
    when = f" {scope.period(result['window']['name'])}"
    return said.replace(when, "", 1) + more


def causes(told: Told, result: Result) -> Iterator[str]:
    """Whose assets, what they began with, which incidents, who else answers, what moved it."""
    behind = told.gathered["behind"].get(result["kpi"]) or {}
    named = spenders(told, result)
    if named:
        yield "Most: " + "; ".join(f"{one.term} {one.text}" for one in named)
    for one in behind.get("began") or ():
        who = "" if one["responsible"] == "platform" else f" ({one['responsible']})"
        yield f"{fmt.count(one['n'])} of the {fmt.count(one['of'])} bad ones of these began with {one['asset']}{who}"
    found = [one for one in behind.get("incidents") or () if told.with_restricted or one["class"] != SECURITY]
    longest = sorted(found, key=lambda one: (-one["seconds"], one["source"], one["id"]))[:INCIDENTS]
    if longest:
        yield "Incidents there: " + "; ".join(in_words(told, one) for one in longest)
    slow = [one for one in behind.get("longest") or () if told.with_restricted or one["class"] != SECURITY]
    if slow:
        yield "Longest: " + "; ".join(_took(told, result, one) for one in slow[:INCIDENTS])
    if answering.ours(result):
        yield f"Ours alone: {answering.ours(result)}"
    if result["kpi"] == "incident_recurrence_rate" and repeats(told):
        yield "Came back: " + "; ".join(one.text for one in repeats(told))
    yield from _moved(result, behind.get("drivers"))


def _took(told: Told, result: Result, one: Mapping[str, Any]) -> str:
    """One incident with its part of a mean: Disk full (14 Oct, 2 h 45)."""
    day = fmt.day_short(one["began"].astimezone(told.zone).date())
    return f"{titled(one)} ({day}, {fmt.of(result, one['value'])})"


def _moved(result: Result, found: Mapping[str, Any] | None) -> Iterator[str]:
    """Against the period before: what may be noise is only said to be; else the group with the largest part."""
    if changes.in_full(result) and (result.get("previous") or {}).get("told_from_noise") is False:
        yield f"Against the period before: {changes.in_full(result)}"
        return
    if not found or not found["dimensions"] or not found["change"]:
        return
    first = found["dimensions"][0]
    table = drivers.table(first, result, most=1)
    largest = table.lines[0]
    name = largest.name if first["by"] == "asset" else f"{first['by']} {largest.name}"
    part = f"; largest part: {name} {table.written(largest.total)} {table.unit}".rstrip()
    yield drivers.sentence(found, result).rstrip(".") + (part if len(first["lines"]) > 1 else "")
