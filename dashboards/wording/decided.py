"""What people decided, beside the numbers it is about: notes, and who agreed to a target or an exclusion.

It comes from the decisions/ folder by the door: ``notes`` and ``sign_offs`` as dashboards/reading describes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dashboards import format as fmt

Result = Mapping[str, Any]
Decided = Mapping[str, Sequence[Mapping[str, Any]]]


def beside(decided: Decided, result: Result) -> list[tuple[str, str]]:
    """(what it says, who said so and where) of all that stands beside one KPI in its window."""
    notes = [note for note in decided.get("notes", ()) if result["kpi"] in note["kpis"] and _meets(note, result)]
    return [*map(_note, notes), *_agreed(decided, result)]


def of_period(decided: Decided, window: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The notes for the whole of a period, whatever the KPI."""
    return [_note(one) for one in decided.get("notes", ()) if not one["kpis"] and _meets(one, {"window": window})]


def _meets(span: Mapping[str, Any], result: Result) -> bool:
    """Whether a span and the result's window have a moment in common."""
    window = result["window"]
    starts, ends = (datetime.fromisoformat(str(span[edge])) for edge in ("start", "end"))
    first, last = (datetime.fromisoformat(str(window[edge])) for edge in ("start", "end"))
    return starts < last and first < ends


def _note(note: Mapping[str, Any]) -> tuple[str, str]:
    return str(note["text"]), _who(note, f"noted by {note['by']} for {note['period']}")


def _who(one: Mapping[str, Any], said: str) -> str:
    return f"{said} ({one['ref']})" if one.get("ref") else said


def _agreed(decided: Decided, result: Result) -> Iterator[tuple[str, str]]:
    tier = result["scope"].get("tier")
    for one in decided.get("sign_offs", ()):
        if one["kpi"] == result["kpi"] and one["tier"] in (None, tier):
            yield one["text"] or "The target", _who(one, f"target agreed by {one['by']} on {_day(one['on'])}")
        elif one.get("agreed") and _counts(one["agreed"], result):
            yield _excluded(one, one["agreed"]), _who(one, f"agreed by {one['by']} on {_day(one['on'])}")


def _counts(exclusion: Mapping[str, Any], result: Result) -> bool:
    """Whether an exclusion may have left something out of this number."""
    reasons = (result.get("excluded_share") or {}).get("reasons") or {}
    kpis = exclusion["kpis"]
    return exclusion["reason"] in reasons and (not kpis or result["kpi"] in kpis) and _meets(exclusion, result)


def _excluded(one: Mapping[str, Any], exclusion: Mapping[str, Any]) -> str:
    """Left out (vendor): snowflake://shop/*, 2 November 2026, SNOW-1."""
    names = (exclusion["assets"], exclusion["team"] and f"team {exclusion['team']}")
    whom = ", ".join(name for name in names if name) or "everything"
    days = list(dict.fromkeys(_day(str(exclusion[edge])[:10]) for edge in ("start", "end")))
    text = one["text"] or f"Left out ({exclusion['reason']}): {whom}, {' to '.join(days)}"
    return f"{text}, {one['exclusion']}"


def _day(text: str) -> str:
    return fmt.day(date.fromisoformat(text), full=True)
