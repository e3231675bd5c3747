"""The incidents of the period and the causes that came back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards import format as fmt
from dashboards.report.shape import Figure, Happened, Incident, Repeat
from dashboards.report.told import Told

MOST = 8
SECURITY = "security"
RECURRENCE = "incident_recurrence_rate"
ASSETS = 2


def happened(told: Told) -> Happened:
    """The worst of them one by one; the causes that recurred."""
    every = list(told.gathered["happened"])
    shown = [one for one in every if told.with_restricted or one["class"] != SECURITY]
    return Happened(_text(told, shown), [_incident(told, one) for one in shown[:MOST]], max(0, len(shown) - MOST),
                    repeats(told))  # fmt: skip


def hidden(told: Told) -> int:
    """Incidents that are not in this copy."""
    return 0 if told.with_restricted else sum(one["class"] == SECURITY for one in told.gathered["happened"])


def _text(told: Told, shown: list[Mapping[str, Any]]) -> str:
    """11 incidents began in October 2026: 9 of the platform, 2 of others; 1 is open."""
    if not shown:
        return "No incident began in the period."
    others = sum(one["responsible"] not in (None, "platform") for one in shown)
    still = sum(one["open"] for one in shown)
    parts = [f"{fmt.plural(len(shown), 'incident')} began in the period"]
    parts += [f"for {fmt.count(others)} of them somebody else answers"] if others else []
    parts += [f"{fmt.count(still)} {'is' if still == 1 else 'are'} still open"] if still else []
    return "; ".join(parts) + "."


def _incident(told: Told, one: Mapping[str, Any]) -> Incident:
    began = one["began"].astimezone(told.zone)
    return Incident(
        began.isoformat(), fmt.moment(began), Figure(one["seconds"], lasted(one)), one["severity"],
        one["class"] or "", one["responsible"] or "platform", one["title"] or "without a title", named(one["assets"]),
        one["open"],
    )  # fmt: skip


def lasted(one: Mapping[str, Any]) -> str:
    """8 h; of an open one: 3 h 20 so far."""
    return fmt.duration(_minutes(one["seconds"])) + (" so far" if one["open"] else "")


def _minutes(seconds: float) -> float:
    """Whole minutes where there is more than one: nobody reads an incident's seconds."""
    return float(60 * round(seconds / 60)) if seconds >= 60 else seconds


def named(assets: list[str]) -> list[str]:
    """The first of them, and how many more."""
    if len(assets) <= ASSETS:
        return list(assets)
    return [*assets[:ASSETS], f"and {fmt.count(len(assets) - ASSETS)} more"]


def repeats(told: Told) -> list[Repeat]:
    """The three causes that recurred most often, as the recurrence rate tells them."""
    result = next((one for one in told.own if one["kpi"] == RECURRENCE), None)
    causes = (result or {}).get("repeat_causes") or ()
    return [Repeat(one["cause"], f"{one['cause']}: recurred {_times(one['recurred'])}") for one in causes]


def _times(n: int) -> str:
    return "once" if n == 1 else f"{fmt.count(n)} times"


def in_words(told: Told, one: Mapping[str, Any]) -> str:
    """One incident as the cause of a miss: Warehouse unreachable (5 Oct, 8 h, 19 assets; vendor)."""
    began = one["began"].astimezone(told.zone)
    parts = [fmt.day_short(began.date()), lasted(one), fmt.plural(len(one["assets"]), "asset")]
    who = f"; {one['responsible']} answers for it" if one["responsible"] not in (None, "platform") else ""
    return f"{titled(one)} ({', '.join(parts)}{who})"


def titled(one: Mapping[str, Any]) -> str:
    """An incident's title in a sentence."""
    return one["title"] or "an incident without a title"
