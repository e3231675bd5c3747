"""Deployments as KPIs count them: which reached production, which failed there (kpi_rules, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slo.facts import Change, Incident
from slo.incidents import Case, named_changes
from slo.kpi import tellings
from slo.measure.item import Dims, Item
from slo.refs import resolve
from slo.store import ChangeRow, Mark
from slo.view import View, later, own


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment with the incidents that name it."""

    fact: Change
    incidents: list[Case]

    @property
    def at(self) -> datetime:
        assert self.fact.at is not None
        return self.fact.at

    @property
    def reached_production(self) -> bool:
        return self.fact.state != "failed" or self.fact.failure is not None or bool(self.incidents)

    @property
    def failed(self) -> bool:
        return self.fact.state == "rolled_back" or self.fact.failure is not None or bool(self.incidents)

    @property
    def user_visible(self) -> bool:
        """Of the failure; where nobody told, it was."""
        return self.fact.user_visible is not False

    def item(self, view: View, **parts: Any) -> Item:
        fact = self.fact
        dims = view.dims(fact.asset, self.at, team=fact.team, environment=fact.environment)
        since = later(own([fact], view.as_of), *(case.begins for case in self.incidents))
        return Item(
            at=self.at, dims=Dims(dims.tier, environment=dims.environment), member=f"{fact.source}/{fact.id}",
            matches=[[fact.asset, dims.team, dims.domain]], since=since,
            facts=(fact, *(case.fact for case in self.incidents)), **parts,
        )  # fmt: skip

    def exclusion(self, view: View, kpi: str) -> str | None:
        return view.exclusion(kpi, self.fact.asset, view.dims(self.fact.asset, self.at, team=self.fact.team), self.at)


def deployments(view: View, start: datetime, end: datetime) -> Iterator[Deployment]:
    """Deployments made in [start, end) that reached production; those of a staging platform too: their environment
    is a dimension."""
    named = named_changes(view)
    for fact in view.read("change", {"kind": "deployment", "placed_at": (start, end)}):
        deployment = Deployment(fact, named.get((fact.source, fact.id), []))
        if deployment.reached_production:
            yield deployment


def deployment_marks(changes: Iterable[ChangeRow], view: View, settle: timedelta) -> Iterator[Mark]:
    """A deployment's own day, and the day of the deployment that an incident names or named. A bare id names the only
    match: another deployment of that id changes what was meant."""
    changes = list(changes)
    ids = sorted({fact.id for fact in tellings(changes) if isinstance(fact, Change)})
    for namesake in view.read("change", {"id": ids}) if ids else ():
        yield Mark(None, view.day(namesake.at), view.day(namesake.at))
    for fact in tellings(changes):
        if isinstance(fact, Change) and fact.at is not None:
            yield Mark(None, view.day(fact.at), view.day(fact.at + settle))
        if isinstance(fact, Incident) and fact.change:
            target = resolve(view, "change", fact.change, fact.source)
            if target is not None:
                for change in view.read("change", {"source": target[0], "id": target[1]}):
                    yield Mark(None, view.day(change.at), view.day(change.at))
