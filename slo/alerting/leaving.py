"""What alerts are for, and what they are for no more: that nobody looks any longer is no recovery."""

from __future__ import annotations

from datetime import datetime, timedelta

from slo.assets import AssetHistory
from slo.view import View, in_production

PAST = timedelta(days=28)
"""What left longer ago has been told: who was told of its alert looks every quarter of a minute."""


def unwatched(history: AssetHistory, tiers: tuple[int, ...], at: datetime) -> str:
    """Why alerts are not for an asset at an instant, as it ends a sentence about it; "" where they are."""
    dims = history.dims(at)
    if not history.exists(at):
        return "is retired" if history.get("retired", at) else "is gone"
    if history.get("paused", at):
        return "is paused"
    if dims.tier not in tiers:
        return "has no tier" if dims.tier is None else f"is of tier {dims.tier}"
    return "" if in_production(dims.environment) else f"is of the environment {dims.environment}"


def left(view: View, tiers: tuple[int, ...]) -> dict[str, str]:
    """Asset -> why, of those that alerts were for at any moment of the last 28 days and are not for now."""
    whys = {name: unwatched(view.history(name), tiers, view.as_of) for name in view.asset_names}
    return {name: why for name, why in whys.items() if why and _was_watched(view.history(name), tiers, view.as_of)}


def _was_watched(history: AssetHistory, tiers: tuple[int, ...], now: datetime) -> bool:
    moments = [now - PAST, *(moment for moment in history.breaks if now - PAST < moment < now)]
    return any(not unwatched(history, tiers, moment) for moment in moments)
