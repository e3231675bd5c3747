"""How far ahead an update, or a stretch of watching, decides a dataset's freshness, by any threshold it ever had."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from slo.due.freshness import maximum, stale_from, through_of
from slo.due.schedule import deadlines
from slo.intervals import INSTANT
from slo.view import View

AT_MOST = timedelta(days=400)
"""Further than this past as-of nothing is said to be decided."""
NEAR = timedelta(days=3)
"""Mostly the next update has landed within these."""


def rules(view: View, asset: str) -> list[dict[str, Any]]:
    """Every threshold that a dataset ever had; looked up once a view."""
    key = ("thresholds of", asset)
    if key not in view.kept:
        history = view.history(asset)
        view.kept[key] = [rule for moment in history.breaks if (rule := history.get("freshness", moment))]
    found: list[dict[str, Any]] = view.kept[key]
    return found


def decides_until(view: View, asset: str, landed: datetime, through: datetime) -> datetime:
    """Until when an update makes a difference: until its data is older than the maximum age, or the deadline after the
    last delivery that it satisfies, since what is not there is late until then."""
    limit = max(landed, view.as_of) + AT_MOST
    ends = [
        stale_from(view.platform, rule, landed, limit)
        if maximum(rule) is not None
        else _next_due(view, rule, min(max(through, landed - AT_MOST), limit), limit)
        for rule in rules(view, asset)
    ]
    return max(ends, default=landed)


def _next_due(view: View, rule: dict[str, Any], through: datetime, limit: datetime) -> datetime:
    """The deadline of the first delivery that data which reaches ``through`` does not satisfy."""
    platform = view.platform
    coming = deadlines(rule, platform.timezone, platform.holidays, through, limit)
    return next((delivery.deadline for delivery in coming if delivery.midnight > through), limit)


def seen_until(view: View, asset: str, start: datetime, end: datetime) -> datetime:
    """Until when it makes a difference whether [start, end) was watched: where a deadline lies in it, that one's being
    seen decides the seconds up to the next."""
    late = (rule for rule in rules(view, asset) if maximum(rule) is None)
    return max([end, *(_next_after(view, rule, start, min(end, view.as_of)) for rule in late)])


def _next_after(view: View, rule: dict[str, Any], start: datetime, end: datetime) -> datetime:
    """The first deadline from the end of a stretch on where one lies in it; worked out once a view and rule."""
    key = ("next deadline after", start, end, json.dumps(rule, sort_keys=True))
    if key not in view.kept:
        platform, limit = view.platform, end + AT_MOST
        due = partial(deadlines, rule, platform.timezone, platform.holidays)
        inside = next(due(max(start, end - AT_MOST), end), None)
        coming = next(due(end, limit), None) if inside else None
        view.kept[key] = end if inside is None else limit if coming is None else coming.deadline
    found: datetime = view.kept[key]
    return found


def next_dated(view: View, lasts: Mapping[str, datetime]) -> dict[str, datetime | None]:
    """Asset -> when the first update after its own instant landed that tells how new its data is, or None: at once for
    those that have one within days."""
    edge = max(lasts.values(), default=view.as_of) + INSTANT
    found: dict[str, datetime | None] = {}
    for update in view.store.read("dataset_update", {"asset": list(lasts), "placed_at": (edge, edge + NEAR)}):
        if through_of(update) is not None:  # type: ignore[arg-type]
            found.setdefault(update.asset, update.moment)  # type: ignore[attr-defined]
    return found | {asset: _first_dated(view, asset, edge) for asset in lasts.keys() - found.keys()}


def _first_dated(view: View, asset: str, edge: datetime) -> datetime | None:
    limit = 1
    while True:
        found = view.store.read("dataset_update", {"asset": asset, "placed_at": (edge, None)}, limit=limit)
        dated = [update.moment for update in found if through_of(update) is not None]  # type: ignore[arg-type]
        if dated or len(found) < limit:
            return dated[0] if dated else None
        limit *= 8
