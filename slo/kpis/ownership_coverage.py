"""Ownership and tier coverage: datasets whose owner, tier and description are told."""

from __future__ import annotations

from slo.register import AssetRegister, Standing
from slo.view import View


class OwnershipCoverage(AssetRegister):
    id = "ownership_coverage"
    title = "Ownership and tier coverage"
    family = "governance"
    definition = "Production datasets with owner, tier and description, of all production datasets at the window's end."
    formula = "datasets with owner, tier and description / datasets"
    not_counted = "retired and deleted datasets; assets whose kind is not dataset; other environments than production"
    example = "Of 8 datasets one has no owner and one neither tier nor description: 6 of 8 = 75 %."
    sentence = "{value} of {whose} datasets had owner, tier and description {when}"
    nouns = ("dataset", "incomplete dataset")
    needs = (("asset.owner",), ("asset.tier",), ("asset.description",))
    asset_fields = ("kind", "retired", "owner", "description")
    required = ("owner", "tier", "description")

    def counts(self, view: View, asset: Standing) -> bool:
        return asset.is_dataset
