"""An alert that is on no more: what it was told of may go on, told by another alert, or be watched no longer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slo.alerting.alerts import BLIND, BURNING, FAILING, LATE
from slo.alerting.blind import NO_SOURCES
from slo.alerting.words import few

if TYPE_CHECKING:
    from slo.platform import Platform

Told = Mapping[str, Any]
_OF_ASSETS = (LATE, FAILING)


def goes_on(alert: Told, watch: Told) -> bool:
    """Whether another alert, silenced or not, is about what this one was about. ``alert``: as it is remembered."""
    family = _OF_ASSETS if alert["alert"] in _OF_ASSETS else (alert["alert"],)
    others = [*watch["alerts"], *watch["silenced"]]
    named = (one.get("affected", ()) for one in others if one["alert"] in family and one["key"] != alert["key"])
    return not set(about(alert)).isdisjoint(name for names in named for name in names)


def about(alert: Told) -> list[str]:
    """Its cause; where that is not itself among what is wrong, as of another tier or mended, what is."""
    cause, affected = alert["cause"], list(alert.get("affected", ()))
    is_elsewhere = alert["alert"] in _OF_ASSETS and affected and cause not in affected
    return affected if is_elsewhere else [cause]


def unwatched(alert: Told, watch: Told, platform: Platform) -> str:
    """Why nobody watches any longer what an alert was about, as a clause; "" where somebody does."""
    if alert["alert"] in platform.alerting.off:
        return "such alerts are switched off"
    if alert["alert"] == BLIND:
        return "" if alert["cause"] in (*NO_SOURCES, *platform.source_names) else "it is no source any more"
    if alert["alert"] == BURNING:
        watched = {one["slo"] for one in watch["slos"] if one["watched"]}
        return "" if alert["cause"] in watched else "no promise of it is watched"
    if alert["tier"] and int(alert["tier"]) not in platform.alerting.tiers:
        return f"alerts are not for tier {alert['tier']} any more"
    whys = {name: watch.get("left", {}).get(name, "") for name in about(alert)}
    said = [f"{'it' if name == alert['cause'] else name} {why}" for name, why in whys.items()]
    return few(said) if all(whys.values()) else ""
