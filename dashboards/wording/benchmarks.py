"""What is published, in words: the range the profiles name, and where a value lies in it. A benchmark is grey and gives
no verdict; that takes a target that somebody has adopted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dashboards import format as fmt
from slo.promises.benchmark import position

Result = Mapping[str, Any]
Entry = Mapping[str, Any]
UNADOPTED = "judged as published; not adopted"
_BOUNDS = ("at_least", "at_most", "above", "below")


def span(result: Result, lo: float, hi: float) -> str:
    """Two figures of a KPI in its unit: 5 to 15 %; one where they are the same."""
    low, high = fmt.promised(lo, result), fmt.promised(hi, result)
    if lo == hi:
        return low
    (number, _, unit), (_, _, other) = low.partition(" "), high.partition(" ")
    return f"{number} to {high}" if unit.removesuffix("s") == other.removesuffix("s") else f"{low} to {high}"


def published(result: Result) -> str:
    """published range 5 to 15 %; published for tier 1: 95 to 99 %; published: increasing trend. "" of nothing."""
    told = result.get("benchmark")
    if not told:
        return ""
    where = _where(told, result)
    if told["lo"] is None:
        return f"published{where}: {told['text']}"
    if told["form"] == "zero":
        return f"published{where}: none"
    kind = " range" if told["lo"] != told["hi"] and not where else ""
    colon = ":" if where else ""
    return f"published{kind}{where}{colon} {span(fmt.asked(result, told), told['lo'], told['hi'])}"


def _where(told: Mapping[str, Any], result: Result) -> str:
    """What it speaks of where the value beside it speaks of something else: for tier 1; for prom/web."""
    about, asked = told.get("scope") or {}, result.get("scope") or {}
    tier, asset = (None if about.get(name) == asked.get(name) else about.get(name) for name in ("tier", "asset"))
    shown = "-".join(str(one) for one in tier) if isinstance(tier, (list, tuple)) else tier
    named = [*([f"tier {shown}"] if shown is not None else []), *([asset] if asset else [])]
    return f" for {', '.join(named)}" if named else ""


def lies(result: Result) -> str:
    """Where the value lies: 93.1 % lies below it. "" where there is no value, or no figure to compare with."""
    told = result.get("benchmark")
    if not told or told.get("position") is None:
        return ""
    return f"{fmt.of(fmt.asked(result, told), told['value'])} lies {told['position']} it"


def sentence(result: Result) -> str:
    """Both together: published range 95 to 99 %; 93.1 % lies below it."""
    return "; ".join(filter(None, (published(result), lies(result))))


def short(result: Result) -> str:
    """For a narrow column: published 5 to 15 %; the published words where no figure bounds the value."""
    told = result.get("benchmark")
    if not told:
        return ""
    if told["lo"] is None:
        return str(told["text"])
    tier = _where(told, result).replace(" for tier ", ", t").replace(" for ", ", ")
    return ("none" if told["form"] == "zero" else span(fmt.asked(result, told), told["lo"], told["hi"])) + tier


def of_entry(entry: Entry) -> str:
    """Where a target's value lies against its own published figures: below, within, above; "" of a trend."""
    named = [entry[name] for name in ("lo", "hi") if entry.get(name) is not None]
    named += [entry[name] for name in ("floor", "stretch") if entry["form"] in _BOUNDS and entry.get(name) is not None]
    if entry["form"] == "zero":
        named = [0]
    found = position(entry.get("value"), min(named), max(named)) if named else None
    return found or ""


def adopted(entry: Entry) -> str:
    """adopted by data platform, since 1 November 2026; "" of what nobody has adopted."""
    if entry.get("adopted") is None:
        return ""
    who = f" by {entry['adopted_by']}" if entry.get("adopted_by") else ""
    return f"adopted{who}, since {day_words(date.fromisoformat(entry['adopted']))}"


def day_words(day: date) -> str:
    """1 November 2026."""
    return fmt.day(day, full=True)


def asked(profile: str | None, entry: Entry | None) -> str:
    """Beside a verdict that somebody asked for by naming a profile, where nobody has adopted the target."""
    return UNADOPTED if profile is not None and entry is not None and not entry.get("adopted") else ""


def of_catalogue(kpi: Mapping[str, Any]) -> str:
    """The catalogue's range of a KPI: 5 to 15 %; 95 to 99 %, tier 1; the words of a trend."""
    told = kpi["benchmark"]
    if told is None:
        return ""
    tiers = f", tier {'-'.join(map(str, told['tiers']))}" if told["tiers"] else ""
    return str(told["text"]) if told["lo"] is None else span(kpi, told["lo"], told["hi"]) + tiers
