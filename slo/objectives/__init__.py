"""Objectives that datasets set for themselves: which of them a window is judged by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from slo.assets import AssetHistory
from slo.intervals import INSTANT
from slo.kpi import Reading
from slo.view import in_production


def newest_in_scope(
    reading: Reading, asset: str, holds: Callable[[AssetHistory, datetime], bool] = lambda history, t: True
) -> datetime | None:
    """The last instant of the window from which on the asset was in scope, and whatever ``holds`` asks held."""
    view, history = reading.view, reading.view.history(asset)
    end = min(reading.window.end, view.as_of + INSTANT)
    for first, _ in reversed(history.segments(reading.window.start, end)):
        dims = history.dims(first)
        inside = in_production(dims.environment) and reading.matches([[asset, dims.team, dims.domain]], dims.tier)
        if inside and holds(history, first):
            return first
    return None
