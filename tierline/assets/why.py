"""Why an asset's field holds what it holds, with the line of the settings that says it where they do."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from slo.facts import Asset
from slo.reasons import Reasons
from slo.view import View
from tierline.assets import declared
from tierline.assets.critical import Named, meant
from tierline.config import Config
from tierline.settings.yamlfile import Document, read


class Why(Reasons):
    """Reasons, under one view and the settings."""

    def __init__(self, view: View, config: Config) -> None:
        super().__init__(view)
        self.config = config

    @cached_property
    def _document(self) -> Document | None:
        return None if self.config.path is None else read(self.config.path)

    @cached_property
    def _assets(self) -> list[Asset]:
        return [fact for fact in self.view.store.read("asset", order_by="id") if isinstance(fact, Asset)]

    @cached_property
    def _listed(self) -> dict[str, list[Named]]:
        critical, settings = self.config.critical, self.config.settings
        return meant(critical.names, declared.known(self.view.store, settings, self._assets)) if critical else {}

    def _written(self, asset: str, name: str) -> str:
        """The line of tierline.yaml or of the critical names that says it."""
        kind = declared.kinds_of(self._assets).get(asset)
        today = self.view.as_of.astimezone(ZoneInfo(self.config.settings.timezone)).date()
        for place, told in declared.words(asset, kind, self.config.settings, self._listed):
            if getattr(told, name) is not None and (told.since or date.min) <= today:
                return self._place(place, name)
        return "no longer written in the settings"

    def _place(self, place: tuple[str | int, ...] | Named, name: str) -> str:
        if isinstance(place, Named):
            reason = f": {place.reason}" if place.reason else ""
            return f"{self.config.settings.critical}:{place.line}{reason}"
        line = f":{self._document.line((*place, name))}" if self._document else ""
        rule = f" (match: {self.config.settings.rules[int(place[1])].match})" if place[0] == "rules" else ""
        return f"{self.config.path}{line}{rule}"
