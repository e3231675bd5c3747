"""Change in words: against the window before and against a target's baseline, with an arrow only where it is more than
noise; the path to a due date; and the partner that a KPI is read with. The same words on every way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from dashboards import format as fmt
from dashboards.reading import scope

Result = Mapping[str, Any]
Entry = Mapping[str, Any]
NOISE = {True: "more than noise", False: "may be noise", None: ""}
"""Whether a change can be told from noise; nothing is said of what is no sample."""


def said(result: Result) -> str:
    """The change against the window before; with an arrow where it is more than noise: ↓ −0.4 points."""
    before = result.get("previous") or {}
    text = fmt.change(result, before.get("value"))
    if not text or before.get("told_from_noise") is not True:
        return text
    return f"{'↑' if result['value'] > before['value'] else '↓'} {text}"


def noise(result: Result) -> str:
    """Beside the change: more than noise; may be noise."""
    return NOISE[(result.get("previous") or {}).get("told_from_noise")]


def in_full(result: Result) -> str:
    """The change with what stood behind it: −25 % from 2 h (n 5), may be noise."""
    before = result.get("previous") or {}
    text = said(result)
    if not text:
        return ""
    n = f" (n {fmt.count(before['n'])})" if result.get("mean") is not None and before.get("n") else ""
    return ", ".join(filter(None, (f"{text} from {fmt.of(result, before['value'])}{n}", noise(result))))


def trends(result: Result, profile: str | None = None) -> Iterator[str]:
    """Of the target that gave the headline: each comparison, and the path to its due date."""
    entry = scope.headline(result, profile)
    if entry is not None:
        yield from of_entry(entry, result)


def of_entry(entry: Entry, result: Result) -> Iterator[str]:
    """Of one target: each comparison it makes, and the path to its due date."""
    for clause in entry.get("clauses") or (entry,):
        told = [_against(clause, result), _path(clause, result)]
        if any(told):
            yield "; ".join(filter(None, told))


def _against(clause: Entry, result: Result) -> str:
    """−10 % against 10 business days (frozen over 2026-01, n 5), may be noise."""
    base = clause.get("baseline")
    if not base:
        return ""
    if base["value"] is None:
        freeze = f"; `tierline baseline freeze {result['kpi']}` stores one" if base["kind"] == "frozen" else ""
        return f"no baseline{freeze}"
    if clause.get("change") is None:
        return ""
    change = _change(clause, base["value"], result)
    figure = fmt.number(base["value"]) if clause.get("figure") else fmt.of(fmt.asked(result, clause), base["value"])
    told = f"{change} against {figure} ({_whence(base)})"
    return ", ".join(filter(None, (told, NOISE[clause.get("told_from_noise")])))


def _change(clause: Entry, before: float, result: Result) -> str:
    """As a share of the baseline; of what is told in points (a net promoter score) the difference."""
    share = clause["value"] / before - 1 if before else None
    if (share is not None and abs(clause["change"] - share) < 1e-9) or not clause["change"]:
        return fmt.relative(clause["change"])
    return f"{'+' if clause['change'] > 0 else ''}{fmt.number(clause['change'])} points"


def _whence(base: Mapping[str, Any]) -> str:
    if base["kind"] != "frozen":
        return f"{base['window']}, a year before" if base["kind"] == "yoy" else str(base["window"])
    if base["origin"] == "imported":
        return ", ".join(filter(None, ("frozen", base["source"], _day(base["day"]))))
    return f"frozen over {base['window']}" + (f", n {fmt.count(base['n'])}" if base["n"] else "")


def _path(clause: Entry, result: Result) -> str:
    """The path asks for 8.68 business days by now, due 1 November 2026: behind it."""
    line = clause.get("glide")
    if not line:
        return ""
    where = {True: ": on it", False: ": behind it", None: ""}[line["on_path"]]
    return f"the path asks for {fmt.of(result, line['expected'])} by now, due {_day(line['by'])}{where}"


def _day(text: str | None) -> str:
    if not text:
        return ""
    return fmt.day(date.fromisoformat(text), full=True)


def partner(result: Result) -> str:
    """The partner that the KPI is read with, in a narrow column: Change failure rate 33.3 %."""
    told = result.get("pair")
    if not told:
        return ""
    return f"{told['title']} {fmt.amount(told['value'], told['unit'], signed=told['figure'] == 'volume_growth')}"


def pair(result: Result) -> str:
    """The partner with what stands behind it: Change failure rate 33.3 % (n 6), missed."""
    told = result.get("pair")
    if not told:
        return ""
    n = f" (n {fmt.count(told['n'])})" if told.get("n") else ""
    return ", ".join(filter(None, (partner(result) + n, _broken(told))))


def _broken(told: Mapping[str, Any]) -> str:
    """Whether the other KPI is missed, or where it lies if nobody adopted a target for it. Of a figure the caveat
    says it."""
    if not told["broken"] or told["kpi"] is None:
        return ""
    return "missed" if told.get("standing") == "adopted" else "outside what is published"
