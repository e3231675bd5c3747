"""A ratio read three ways, side by side: as it counts, as its users felt it, and what the platform itself answers for;
and how much of it was left out by decision. Each is "" where it says nothing that the value doesn't."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from dashboards import format as fmt
from dashboards.wording import changes
from dashboards.wording.listed import lines
from slo.left_out import percent

Result = Mapping[str, Any]


def as_felt(result: Result) -> str:
    """The value with what was excluded for somebody else's fault put back."""
    return _read(result, "as_felt")


def ours(result: Result) -> str:
    """The value without what others answer for, and who they are: 99.8 %, without 4 bad of domain."""
    told = _read(result, "ours")
    if not told:
        return ""
    say = fmt.duration if fmt.in_seconds(result) else fmt.count
    others = [_other(one, say) for one in result["ours"].get("others") or ()]
    return f"{told}, without {' and '.join(others)}" if others else told


def _other(one: Mapping[str, Any], say: Any) -> str:
    parts = [f"{say(one[side])} {side}" for side in ("bad", "good") if one[side]]
    return f"{' and '.join(parts)} of {one['responsible']}"


def _read(result: Result, way: str) -> str:
    """Where the counts are others than those of the value."""
    read = result.get(way)
    if not isinstance(read, Mapping) or (read["good"], read["bad"]) == (result.get("good"), result.get("bad")):
        return ""
    return fmt.of(result, read["value"])


def excluded(result: Result) -> str:
    """The share left out by decision, by reason: 6.2 % (vendor 5.1 %, maintenance 1.1 %)."""
    told = result.get("excluded_share") or {}
    if not told.get("share"):
        return ""
    reasons = sorted(told["reasons"].items(), key=lambda item: -item[1])
    if len(reasons) == 1:
        return f"{percent(told['share'])} ({reasons[0][0]})"
    return f"{percent(told['share'])} ({', '.join(f'{reason} {percent(part)}' for reason, part in reasons)})"


def beside(result: Result) -> list[tuple[str, str]]:
    """(term, text) of all that has something to say."""
    told = [("as felt, others' faults put back", as_felt(result)), ("ours, others' part left out", ours(result)),
            ("left out by decision", excluded(result))]  # fmt: skip
    figures = [
        (one["title"], fmt.amount(one["value"], one["unit"], signed=fmt.is_signed(result)))
        for one in result.get("beside") or () if one["value"] is not None
    ]  # fmt: skip
    read = [("read with", changes.pair(result)), *(("trend", text) for text in changes.trends(result))]
    return [*((term, text) for term, text in [*read, *told] if text), *figures, *lines(result)]


def readings(result: Result) -> list[tuple[str, str, str, str]]:
    """(reading, value, good, bad) side by side, where they differ: as it counts, as felt, ours, and others' parts."""
    if not (as_felt(result) or ours(result)):
        return []
    say = fmt.duration if fmt.in_seconds(result) else fmt.count
    ways = [("as it counts", result), ("as felt", result["as_felt"]), ("ours", result["ours"])]
    rows = [(name, fmt.of(result, way["value"]), say(way["good"]), say(way["bad"])) for name, way in ways]
    others = result["ours"]["others"]
    return rows + [(f"of {one['responsible']}", "", say(one["good"]), say(one["bad"])) for one in others]


def began(fact: Mapping[str, Any], zone: tzinfo | None = None) -> str:
    """What a failure began with: crm/people failed 2 Nov 02:10, domain."""
    cause = fact.get("cause")
    if not cause:
        return ""
    at = datetime.fromisoformat(cause["at"])
    at = at.astimezone(zone) if zone else at
    who = "" if cause["responsible"] == "platform" else f", {cause['responsible']}"
    return f"{cause['asset']} {cause['what']} {fmt.moment(at)}{who}"


def corrected(fact: Mapping[str, Any]) -> str:
    """What was laid over a fact, and what the source told: what was inferred gives its reason alone, and not even that
    where the cause says it already."""
    laid = fact.get("corrections") or ()
    known = {"responsible"} if fact.get("cause") else set()
    inferred = [
        one["reason"] for one in laid if one["told_by"] == "inferred" and one["reason"] and set(one["set"]) - known
    ]
    people = [one for one in laid if one["told_by"] != "inferred"]
    fields = {name for one in people for name in one["set"]} if laid else set(fact.get("corrected") or ())
    told = [
        f"{name.replace('_', ' ')} {value}" for name, value in (fact.get("corrected") or {}).items() if name in fields
    ]
    if told:
        why = [
            f"{one['reason']} ({', '.join(filter(None, (one['by'], one['ref'])))})" for one in people if one["reason"]
        ]
        inferred += [f"corrected{': ' if why else ''}{'; '.join(why)}; the source told {', '.join(told)}"]
    return "; ".join(inferred)
