"""Why an asset's field holds what it holds: the value, who told it, by which rule, since when, and what lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from slo.assets import APPLIED, BEGINNING, CONFIG, FIELDS, FILLED, AssetHistory, Told
from slo.derive.inherit import Inherit
from slo.facts import INFERRED
from slo.lineage.kin import Kin
from slo.view import View

ALWAYS = "always"


@dataclass(frozen=True)
class Reason:
    """One field's value and where it comes from. ``since``: None where it holds for the whole past."""

    field: str
    value: Any
    source: str
    rule: str
    since: datetime | None
    lost: tuple[Mapping[str, Any], ...] = ()

    def record(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {**asdict(self), "since": self.since or ALWAYS, "lost": list(self.lost)}


class Reasons:
    """Reasons, under one view."""

    def __init__(self, view: View) -> None:
        self.view = view

    def reasons(self, asset: str) -> list[Reason]:
        """Every field that anybody told of an asset, the dimensions first."""
        history = self.view.history(asset)
        order = sorted(FIELDS, key=lambda name: FILLED.index(name) if name in FILLED else len(FILLED))
        return [one for name in order if (one := self._reason(asset, history, name)) is not None]

    def _reason(self, asset: str, history: AssetHistory, name: str) -> Reason | None:
        told = history.told(self.view.as_of).get(name)
        looked_back = told is None and name in FILLED
        if looked_back:
            told = _filling(history, name, self.view.as_of)
        if told is None:
            return None
        rule = self._rule(asset, name, told)
        since = _holds_since(history, name, told.value, self.view.as_of)
        lost = tuple(self._lost(history, name, told))
        local = since and since.astimezone(self.view.platform.timezone)
        return Reason(name, told.value, told.source, f"{rule}; empty now" if looked_back else rule, local, lost)

    def _lost(self, history: AssetHistory, name: str, won: Told) -> list[dict[str, Any]]:
        others = (fact for fact in history.in_force(self.view.as_of) if fact is not won.fact)
        said = [(fact, getattr(fact, name)) for fact in others]
        return [
            {"value": value, "source": fact.source, "since": fact.valid_from or ALWAYS}
            for fact, value in said
            if value is not None
        ]

    # Rules

    def _rule(self, asset: str, name: str, told: Told) -> str:
        if told.source == CONFIG:
            return self._written(asset, name)
        if told.source == APPLIED:
            return "tierline assets apply"
        if told.source == INFERRED and told.fact.id.startswith(f"{Inherit.name}/"):
            found = self._kin.inherited(asset, name, self.view.as_of)
            return found.how if found else "inherited"
        return f"as {told.source} tells it" + (f" ({told.fact.url})" if told.fact.url else "")

    @cached_property
    def _kin(self) -> Kin:
        return Kin(self.view)

    def _written(self, asset: str, name: str) -> str:
        """Which line of the settings says it; whoever has read them knows better."""
        return "written in the settings"


def _filling(history: AssetHistory, name: str, t: datetime) -> Told | None:
    """The telling that a dimension looks back to, else ahead."""
    tellings = history.tellings(name)
    before = [told for told in tellings if told.since <= t]
    return before[-1] if before else tellings[0] if tellings else None


def _holds_since(history: AssetHistory, name: str, value: Any, t: datetime) -> datetime | None:
    """The moment from which on the value holds without a break; None: as far back as anything is known."""
    look = history.filled if name in FILLED else history.get
    since: datetime | None = None
    for moment in (BEGINNING, *(edge for edge in history.breaks if edge <= t)):
        if look(name, moment) != value:
            since = None
        elif since is None:
            since = moment
    return None if since == BEGINNING else since
