"""Beside what needs attention: whose most of it is, and since when. Every figure is the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader

Result = Mapping[str, Any]


def team(reader: Reader, ask: Ask, one: Result) -> tuple[str, str] | None:
    """(team, how much of it is theirs): of events the most bad ones, else the worst value; None where no team stands
    out (one was asked for, nobody owns it, or nothing is bad)."""
    if ask.team is not None:
        return None
    own = scope.of(one)
    asked = Ask(ask.window, own.get("tier"), None, own.get("domain"), own.get("asset"), ask.profile)
    rows = [row for row in reader.breakdown(one["kpi"], asked, "team") if row.get("key")]
    return _most_bad(rows, one) if one.get("bad") is not None else _worst(rows, one)


def _most_bad(rows: list[dict[str, Any]], one: Result) -> tuple[str, str] | None:
    found = max(rows, key=lambda row: (row.get("bad") or 0, str(row["key"])), default=None)
    if found is None or not found.get("bad"):
        return None
    say = fmt.duration if fmt.in_seconds(one) else fmt.count
    return str(found["key"]), f"{say(found['bad'])} of {say(one['bad'])}"


def _worst(rows: list[dict[str, Any]], one: Result) -> tuple[str, str] | None:
    told = [row for row in rows if row.get("value") is not None]
    if not told:
        return None
    pick = min if one["better"] == "up" else max
    found = pick(told, key=lambda row: (row["value"], str(row["key"])))
    return str(found["key"]), fmt.of(one, found["value"])


def since(one: Result, profile: str | None = None) -> str:
    """Since when its days miss the target: since 14 Nov; where the newest day keeps it: last 19 Nov; "" where the
    target is no bound of a day's value."""
    bound = scope.bound(one, profile)
    days = [day for day in one.get("series") or () if day["value"] is not None]
    if not bound or not days:
        return ""
    missed = [day["value"] < bound[0] if one["better"] == "up" else day["value"] > bound[0] for day in days]
    if not any(missed):
        return ""
    if not missed[-1]:
        return f"last {_day(days[max(place for place, one in enumerate(missed) if one)])}"
    first = next((place + 1 for place in range(len(missed) - 1, -1, -1) if not missed[place]), 0)
    return f"since {_day(days[first])}"


def _day(day: Mapping[str, Any]) -> str:
    return fmt.day_short(date.fromisoformat(day["day"]))
