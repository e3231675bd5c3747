"""Metadata completeness: datasets with owner, description, tags, tier and lineage."""

from __future__ import annotations

from slo.register import EdgeRegister, Standing
from slo.register.edges import stands
from slo.view import View


class MetadataCompleteness(EdgeRegister):
    id = "metadata_completeness"
    title = "Metadata completeness"
    family = "governance"
    definition = (
        "Production datasets with owner, description, a tag, a tier and an edge of lineage, all five, of all "
        "production datasets at the window's end."
    )
    formula = "datasets with all five / datasets"
    not_counted = "retired and deleted datasets; assets whose kind is not dataset; other environments than production"
    example = "Of 20 datasets one has no owner, and another neither tag nor lineage: 18 of 20 = 90 %; owner_share 95 %."
    sentence = "{value} of {whose} datasets had owner, description, tags, tier and lineage {when}"
    nouns = ("dataset", "incomplete dataset")
    needs = (("asset.owner",), ("asset.description",), ("asset.tags",), ("asset.tier",), ("edge",))
    asset_fields = ("kind", "retired", "owner", "description", "tags")
    required = ("owner", "description", "tags", "tier", "lineage")
    shown_beside = {
        "owner_share": ("with an owner", "ratio"),
        "description_share": ("with a description", "ratio"),
        "tags_share": ("with a tag", "ratio"),
        "tier_share": ("with a tier", "ratio"),
        "lineage_share": ("with lineage", "ratio"),
    }

    def counts(self, view: View, asset: Standing) -> bool:
        return asset.is_dataset

    def has(self, asset: Standing, what: str) -> bool:
        if what == "lineage":
            return any(stands(edge, asset.at) for edge in asset.subject.beside)
        return super().has(asset, what)
