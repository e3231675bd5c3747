"""Reusable component reuse: teams that use shared modules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from slo.figures import seen_by
from slo.kpi import Figures, Reading
from slo.measure import Distinct, Item
from slo.register import AssetRegister, Standing
from slo.register.assets import Subject
from slo.register.uses import ComponentUses
from slo.store import ChangeRow, Mark
from slo.view import View

USES = ComponentUses()


class ComponentReuse(AssetRegister):
    id = "component_reuse"
    title = "Reusable component reuse"
    family = "adoption"
    measure = Distinct
    unit = "count"
    definition = "Distinct teams that use shared modules at the window's end: by an asset's components, or an entry."
    formula = "number of teams with an asset that has components, or with a component_use that has not ended"
    not_counted = "assets and entries without a team; uses that have ended; other environments than production"
    example = "Sales has 3 pipelines on the shared loader, Finance told one use and ended it, Web told one: 2 teams."
    sentence = "{who} had {value} teams that use shared components {when}"
    facts = ("asset", "entry")
    needs = (("asset.components", "entry.component_use"),)
    asset_fields = ("retired", "components")

    def counts(self, view: View, asset: Standing) -> bool:
        return asset.dims.team is not None and asset.has("components")

    def judge(self, view: View, asset: Standing) -> Item:
        name, dims = asset.subject.name, asset.dims
        left_out = view.exclusion(self.id, name, dims, asset.at)
        note = ", ".join(asset.get("components"))
        return Item(at=asset.at, asset=name, dims=dims, good=1, key=dims.team, excluded=left_out, note=note)

    def subjects(self, view: View, assets: Collection[str] | None, start: datetime, end: datetime) -> Iterator[Any]:
        """Assets, and the platform's own entries."""
        yield from super().subjects(view, assets, start, end)
        if assets is None or None in assets:
            yield from USES.subjects(view, None, start, end)

    def judged(self, view: View, subject: Any, t: datetime) -> Item | None:
        return super().judged(view, subject, t) if isinstance(subject, Subject) else USES.judged(view, subject, t)

    def moments(self, view: View, subject: Any) -> Iterator[datetime]:
        return super().moments(view, subject) if isinstance(subject, Subject) else USES.moments(view, subject)

    def behind(self, view: View, subject: Any, item: Item) -> Item:
        known = isinstance(subject, Subject)
        return super().behind(view, subject, item) if known else USES.behind(view, subject, item)

    def asset_of(self, subject: Any) -> str | None:
        return subject.name if isinstance(subject, Subject) else None

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from super().reach(changes, view)
        yield from USES.reach(changes, view)

    def figures(self, reading: Reading) -> Figures:
        """None is told only by a source that tells of components, or of such entries, and was seen all the time."""
        view, size = reading.view, len(reading.state.keys)
        told = bool(size) or any(
            seen_by(sources, kind, reading)
            for kind, sources in (("asset", _telling_components(view)), ("entry.component_use", _telling_uses(view)))
        )
        value = float(size) if told else None
        return Figures(value, size, {"sum": size if told else None, "n": size}, coverage=1.0 if told else None)


def _telling_components(view: View) -> set[str]:
    if "telling_components" not in view.kept:
        versions = (version for name in view.asset_names for version in view.history(name).versions)
        view.kept["telling_components"] = {version.source for version in versions if version.components is not None}
    found: set[str] = view.kept["telling_components"]
    return found


def _telling_uses(view: View) -> set[str]:
    if "telling_uses" not in view.kept:
        told = view.read("entry", {"kind": ComponentUses.word})
        view.kept["telling_uses"] = {entry.source for entry in told}
    found: set[str] = view.kept["telling_uses"]
    return found
