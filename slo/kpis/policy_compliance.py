"""Security policy compliance: tier-0 and regulated datasets with classification, retention and encryption."""

from __future__ import annotations

from slo.register import AssetRegister, Standing
from slo.view import View


class PolicyCompliance(AssetRegister):
    id = "policy_compliance"
    title = "Security policy compliance"
    family = "governance"
    restricted = True
    definition = (
        "Tier-0 and regulated production datasets that are classified, have a retention and are encrypted, of all such "
        "datasets at the window's end."
    )
    formula = "such datasets with classification, retention and encryption / such datasets"
    not_counted = "datasets that are neither tier 0 nor regulated; retired and deleted ones; other environments"
    example = "Of 10 tier-0 and 2 regulated tier-2 datasets one is not encrypted: 11 of 12 = 91.7 %."
    sentence = "{value} of {whose} tier-0 and regulated datasets met the policies {when}"
    nouns = ("dataset", "non-compliant dataset")
    needs = (("asset.classification",), ("asset.retention",), ("asset.encrypted",), ("asset.tier", "asset.regulated"))
    asset_fields = ("kind", "retired", "regulated", "classification", "retention", "encrypted")
    required = ("classification", "retention", "encrypted")

    def counts(self, view: View, asset: Standing) -> bool:
        return asset.is_dataset and (asset.dims.tier == 0 or bool(asset.get("regulated")))
