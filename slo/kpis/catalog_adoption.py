"""Catalog adoption: new datasets that the catalogue took in by itself."""

from __future__ import annotations

from slo.newcomers import Look, OfNewcomers
from slo.view import View


class CatalogAdoption(OfNewcomers):
    id = "catalog_adoption"
    title = "Catalog adoption"
    family = "governance"
    definition = "Datasets first seen in the window that were registered automatically within seven days."
    formula = "registered automatically / (registered automatically + by hand or not at all)"
    not_counted = "datasets that nobody says when they were first seen, assets of other kinds"
    example = "Of 10 new datasets 8 were registered by the pipeline within a week, one by hand, one not at all: 80 %."
    sentence = "{value} of {whose} new datasets were registered automatically {when}"
    nouns = ("new dataset", "unregistered dataset")
    needs = (("asset.first_seen",), ("asset.in_catalog",), ("asset.registered_by",))
    asset_fields = ("first_seen", "kind", "in_catalog", "registered_by")
    newcomer = "dataset"

    def good(self, view: View, look: Look) -> bool:
        return bool(look("in_catalog")) and look("registered_by") == "auto"
