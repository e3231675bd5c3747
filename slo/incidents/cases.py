"""Incidents as KPIs count them: once in every scope that one of their assets matches (kpi_rules, 2 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slo.facts import Incident
from slo.facts.asof import all_seen
from slo.incidents.refs import resolve
from slo.measure.item import Dims, Item
from slo.view import View, in_production, own


@dataclass(frozen=True, slots=True)
class Case:
    """One incident with its tier and the (asset, team, domain) triples of its assets in scope."""

    fact: Incident
    tier: int | None
    matches: list[list[str | None]]
    begins: datetime

    def spans(self) -> list[tuple[datetime, datetime | None]]:
        """Active spans; without any told, from start to resolution."""
        if self.fact.spans:
            return sorted(((start, end) for start, end in self.fact.spans), key=lambda span: span[0])
        return [(self.begins, self.fact.resolved_at)]

    def restored_at(self) -> datetime | None:
        """The last end; None while any span is open."""
        ends = [end for _, end in self.spans()]
        return None if any(end is None for end in ends) else max(end for end in ends if end is not None)

    def exclusion(self, view: View, kpi: str, at: datetime) -> str | None:
        """Why the incident is left out: only where that holds of every one of its assets, so that an agreement over
        one doesn't hide what befell another."""
        reasons = [
            view.exclusion(kpi, asset, Dims(self.tier, team, domain), at)
            for asset, team, domain in self.matches or [[None, None, None]]
        ]
        return reasons[0] if all(reasons) else None

    def item(self, at: datetime, as_of: datetime, **parts: Any) -> Item:
        """An item of this incident, placed at an instant."""
        return Item(
            at=at, dims=Dims(tier=self.tier), member=f"{self.fact.source}/{self.fact.id}", matches=self.matches,
            since=own([self.fact], as_of), facts=(self.fact,), **parts,
        )  # fmt: skip


def cases(view: View) -> list[Case]:
    """Every incident in scope as of the view, duplicates left out, by start."""
    if "cases" not in view.kept:
        view.kept["cases"] = list(_cases(view, view.read("incident")))
    found: list[Case] = view.kept["cases"]
    return found


def cases_at(view: View, as_of: datetime) -> list[Case]:
    """The incidents as they looked at an earlier instant."""
    if as_of >= view.as_of:
        return cases(view)
    return list(_cases(view, all_seen((case.fact for case in cases(view)), as_of)))


def _cases(view: View, incidents: Iterable[Incident]) -> Iterator[Case]:
    for fact in incidents:
        begins = fact.started_at or fact.detected_at
        if begins is None or fact.duplicate_of is not None:
            continue
        told = [(name, view.dims(name, begins)) for name in fact.assets or ()]
        inside = [(name, dims) for name, dims in told if in_production(dims.environment)]
        if told and not inside:
            continue
        tiers = [dims.tier for _, dims in inside if dims.tier is not None]
        tier = fact.tier if fact.tier is not None else min(tiers, default=None)
        yield Case(fact, tier, [[name, dims.team, dims.domain] for name, dims in inside], begins)


def named_changes(view: View) -> dict[tuple[str, str], list[Case]]:
    """(source, id) of a change -> the incidents that name it."""
    if "named_changes" not in view.kept:
        named: dict[tuple[str, str], list[Case]] = {}
        for case in cases(view):
            target = resolve(view, "change", case.fact.change, case.fact.source)
            if target is not None:
                named.setdefault(target, []).append(case)
        view.kept["named_changes"] = named
    found: dict[tuple[str, str], list[Case]] = view.kept["named_changes"]
    return found
