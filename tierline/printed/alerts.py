"""What fires now, as people read it at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards import format as fmt
from slo.budgets.pace import PRESENT
from tierline.tables import table

Told = Mapping[str, Any]


def shown(watch: Told, zone: ZoneInfo) -> str:
    """The alerts, what is silenced and why, the budgets that are watched; where there is nothing, why."""
    return "\n\n".join(part for part in _parts(watch, zone) if part)


def _parts(watch: Told, zone: ZoneInfo) -> Iterator[str]:
    alerts, silenced = watch["alerts"], watch["silenced"]
    as_of = fmt.moment(datetime.fromisoformat(watch["as_of"]).astimezone(zone))
    yield f"{_how_many(alerts, silenced)}, as of {as_of} ({zone.key})."
    if alerts:
        heads = ("alert", "severity", "team", "tier", "since", "budget left", "what")
        yield table(heads, [_alert(one, zone) for one in alerts], right=(5,), wrap=True)
    if silenced:
        rows = [(one["alert"], one["team"], one["cause"], one["why"]) for one in silenced]
        yield table(("silenced", "team", "cause", "why"), rows, wrap=True)
    yield _budgets([one for one in watch["slos"] if one["watched"]], zone)
    yield "\n".join(_helped(watch))


def _how_many(alerts: list[Told], silenced: list[Told]) -> str:
    said = fmt.plural(len(alerts), "alert") if alerts else "Nothing fires"
    return said + (f", {fmt.count(len(silenced))} silenced" if silenced else "")


def _alert(one: Told, zone: ZoneInfo) -> list[str]:
    left = "" if one["remaining"] is None else _left(one["remaining"])
    since = fmt.moment(datetime.fromisoformat(one["since"]).astimezone(zone))
    return [one["alert"], one["severity"], one["team"], one["tier"], since, left, one["summary"]]


def _left(share: float) -> str:
    return fmt.percent(share) if share >= 0 else f"{fmt.number(1 - share)} times spent"


def _budgets(slos: list[Told], zone: ZoneInfo) -> str:
    if not slos:
        return ""
    left, burn = f"left of {slos[0]['period_days']} d", f"burn, {PRESENT} d"
    heads = ("watched budget", "of", left, burn, "outlook", "policy", "fires")
    return table(heads, [_budget(one, zone) for one in slos], right=(2, 3))


def _budget(one: Told, zone: ZoneInfo) -> list[str]:
    left = "none allowed" if one["remaining"] is None else _left(one["remaining"])
    burn = "–" if one["present_burn"] is None else f"{fmt.number(one['present_burn'])} ×"
    when = one["runs_out"] and fmt.moment(datetime.fromisoformat(one["runs_out"]).astimezone(zone))
    outlook = f"gone on {when}" if when else one["outlook"]
    of = ", ".join(filter(None, (f"tier {one['tier']}" if one["tier"] else "", one["asset"])))
    return [one["slo"], of, left, burn, outlook, one["policy"], one["fires"]]


def _helped(watch: Told) -> Iterator[str]:
    """What it would take for something to be able to fire."""
    tiers = " or ".join(map(str, watch["tiers"]))
    if not watch["assets"]:
        yield f"No asset has tier {tiers}, so nothing can be late or failing: `tierline suggest tiers` proposes tiers."
    if not any(one["watched"] for one in watch["slos"]):
        yield "No budget is watched: adopt a floor (`tierline adopt`) of a KPI that `alerts: budgets:` names."
    if watch["assets"] and not watch["alerts"]:
        yield f"Watched: {fmt.plural(watch['assets'], 'asset')} of tier {tiers}."
