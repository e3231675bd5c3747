"""Values of single assets, for the KPIs that tierline.yaml names under ops.metrics.assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.metrics.family import ANY, PREFIX, Group, Shelf, Spec

_LABELS = ("asset", "window")


def fill(shelf: Shelf, told: Mapping[str, Any]) -> None:
    """``told``: metric -> title, definition, and values of assets, in the last 28 days."""
    for metric, one in told.items():
        words = f"{one['title']}, by asset: {one['definition']}"
        family = shelf(Spec(f"{PREFIX}asset_{metric}", words, _LABELS))
        for asset, value in one["values"].items():
            family.add((asset, "28d"), value)


GROUP = Group(
    "Single assets",
    "Only for the KPIs named under `ops.metrics.assets` in tierline.yaml: an asset is a label of many values. Worked "
    "out with the evaluation, never at a scrape.",
    "when the asset is retired or deleted, or nothing of it falls in the window any more, and when the evaluation is "
    "stale",
    (Spec(f"{PREFIX}asset_{ANY}", "The KPI's value of one asset, in the last 28 days.", _LABELS),),
    (("the ten pipelines that fail most", 'bottomk(10, dataplatform_asset_pipeline_success_ratio{window="28d"})'),),
)
