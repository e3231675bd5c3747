"""Lineage coverage: critical datasets with an upstream and a downstream edge."""

from __future__ import annotations

from slo.register import EdgeRegister, Standing
from slo.register.edges import downstream, upstream
from slo.view import View

FIRST_LAYERS = ("raw", "source")
"""Nothing of the platform stands upstream of them."""
LAST_LAYERS = ("mart", "serving", "gold")


class LineageCoverage(EdgeRegister):
    id = "lineage_coverage"
    title = "Lineage coverage"
    family = "governance"
    definition = (
        "Critical (tier 0 and 1) production datasets with an upstream and a downstream edge, of all such datasets at "
        "the window's end. Layers raw and source need no upstream; mart, serving and gold no downstream."
    )
    formula = "critical datasets with both edges / critical datasets"
    not_counted = "datasets of other tiers; retired and deleted ones; other environments than production"
    example = "Of 5 critical datasets one mart has no upstream: 4 of 5 = 80 %; that nothing reads it is no fault."
    sentence = "{value} of {whose} critical datasets had lineage on both sides {when}"
    nouns = ("critical dataset", "incomplete dataset")
    needs = (("edge",), ("asset.tier",))
    asset_fields = ("kind", "retired", "layer")
    required = ("upstream", "downstream")

    def counts(self, view: View, asset: Standing) -> bool:
        return asset.is_dataset and asset.critical

    def has(self, asset: Standing, what: str) -> bool:
        """An edge that is not needed counts as there."""
        edges, name, layer = asset.subject.beside, asset.subject.name, asset.get("layer")
        if what == "upstream":
            return layer in FIRST_LAYERS or upstream(edges, name, asset.at)
        return layer in LAST_LAYERS or downstream(edges, name, asset.at)
