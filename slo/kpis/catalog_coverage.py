"""Catalog coverage: curated datasets that are registered with owner, description and classification."""

from __future__ import annotations

from slo.facts import INFERRED
from slo.platform import Platform, SourceInfo
from slo.register import AssetRegister, Standing
from slo.register.assets import CURATED
from slo.view import View


class CatalogCoverage(AssetRegister):
    id = "catalog_coverage"
    title = "Catalog coverage"
    family = "governance"
    definition = (
        "Curated production datasets (layer curated, mart, serving or gold) that are in the catalogue with owner, "
        "description and classification, of all curated datasets at the window's end."
    )
    formula = "curated datasets in the catalogue with all three / curated datasets"
    not_counted = (
        "datasets of other layers; what a catalogue lists and the warehouse does not have; retired and deleted "
        "datasets; other environments than production"
    )
    example = "The warehouse has 10 curated datasets, 9 are registered, one of those without classification: 80 %."
    sentence = "{value} of {whose} curated datasets stood in the catalogue in full {when}"
    nouns = ("curated dataset", "incomplete dataset")
    needs = (
        ("asset.in_catalog",),
        ("asset.layer",),
        ("asset.owner",),
        ("asset.description",),
        ("asset.classification",),
    )
    asset_fields = ("kind", "retired", "layer", "in_catalog", "owner", "description", "classification")
    required = ("in_catalog", "owner", "description", "classification")

    def counts(self, view: View, asset: Standing) -> bool:
        if not asset.is_dataset or asset.get("layer") not in CURATED:
            return False
        listing = catalogues(view.platform)
        return not listing or any(source not in listing for source in asset.told_by)

    def rests_on(self, platform: Platform) -> list[str]:
        return sorted(catalogues(platform))


def catalogues(platform: Platform) -> set[str]:
    """Configured sources that list what is registered and see nothing of the platform itself, where a warehouse is
    configured that lists what exists. What they alone tell is in no denominator, nor is what was inferred of it."""
    if not any(_warehouse(source) for source in platform.sources):
        return set()
    return {source.name for source in platform.sources if _catalogue(source)} | {INFERRED}


def _warehouse(source: SourceInfo) -> bool:
    """It tells datasets, and what they hold or what is asked of them."""
    return "kind" in source.tells.get("asset", ()) and bool({"meter", "distribution"} & set(source.tells))


def _catalogue(source: SourceInfo) -> bool:
    return "in_catalog" in source.tells.get("asset", ()) and set(source.tells) <= {"asset", "edge"}
