"""The facts as told, with what is supposed of assets laid over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from slo.facts import Asset
from slo.platform import Platform
from slo.store import Store
from slo.view import View
from slo.whatif.supposing import Rule


class SupposedView(View):
    """A view in which assets have, and always had, the supposed fields. Later rules win over earlier ones."""

    def __init__(self, store: Store, platform: Platform, as_of: datetime, rules: Sequence[Rule]) -> None:
        super().__init__(store, platform, as_of)
        self._rules = rules

    @cached_property
    def touched(self) -> frozenset[str]:
        """The assets that something is supposed of."""
        told = self.told_versions()
        return frozenset(name for rule in self._rules for name in rule.touched(told))

    def asset_versions(self) -> dict[str, list[Asset]]:
        versions = self.told_versions()
        for rule in self._rules:
            for name in rule.touched(versions):
                versions[name] = rule.laid(versions[name])
        return versions

    def told_versions(self) -> dict[str, list[Asset]]:
        """What was told of each asset, as it was told."""
        return super().asset_versions()
