"""Values of single assets, for the few KPIs that the settings name: evaluated with the snapshot, kept beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from slo.explaining.explanation import breakdown
from slo.kpi import Kpi
from slo.results import Query, Results
from slo.store import Store

KEY = "by_asset"
"""Under which the store keeps them beside the results of an evaluation."""


def by_asset(results: Results, kpis: Iterable[Kpi]) -> dict[str, Any]:
    """Metric -> title, definition, and the values of the last 28 days by asset, as ``show --asset`` has them. An asset
    that is retired or gone by now has none, and neither has one without data."""
    view = results.view
    return {
        kpi.metric: {
            "title": kpi.title,
            "definition": kpi.definition,
            "values": {
                line["key"]: line["value"]
                for line in breakdown(results, kpi, Query(window="28d"), "asset")
                if line["value"] is not None and view.history(line["key"]).exists(view.as_of)
            },
        }
        for kpi in kpis
    }


def remembered(store: Store) -> dict[str, Any]:
    """The values of the last evaluation; {} where none is asked for."""
    told: dict[str, Any] = json.loads(store.meta(KEY) or "{}")
    return told
