"""Uses of shared components that were told as entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from slo.measure import Distinct, Item
from slo.register.entries import EntryRegister, Tellings
from slo.view import View


class ComponentUses(EntryRegister):
    """Entries component_use from their moment on until they are done; each stands for its team. No KPI of its own: a
    part of component_reuse, which counts the teams of assets, too."""

    id = "component_reuse"
    measure = Distinct
    by_asset = True
    word = "component_use"
    by_subject = False

    def counts(self, entry: Any) -> bool:
        return entry.team is not None

    def judged(self, view: View, subject: Tellings, t: datetime) -> Item | None:
        item = super().judged(view, subject, t)
        if item is None or item.good:  # done: no longer used
            return None
        item.good, item.bad, item.key = 1, 0, item.dims.team
        return item
