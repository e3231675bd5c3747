"""Deployments as KPIs count them: which reached production, which failed there (kpi_rules, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from slo.facts import Change, Incident
from slo.incidents.cases import Case, cases, named_changes
from slo.incidents.refs import namesakes, resolve
from slo.incidents.scoped import judged_anew
from slo.kpi import tellings
from slo.measure.item import Dims, Item
from slo.store import ChangeRow, Mark
from slo.view import View, in_production, later, own

if TYPE_CHECKING:
    from slo.kpi import Kpi


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment with the incidents that name it, and those that are blamed on it by their time alone."""

    fact: Change
    incidents: list[Case]
    guessed: list[Case] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        assert self.fact.at is not None
        return self.fact.at

    @property
    def reached_production(self) -> bool:
        return self.fact.state != "failed" or self.fact.failure is not None or bool(self.incidents)

    @property
    def told_failed(self) -> bool:
        return self.fact.state == "rolled_back" or self.fact.failure is not None or bool(self.incidents)

    @property
    def failed(self) -> bool:
        return self.told_failed or bool(self.guessed)

    @property
    def how(self) -> str:
        """In a word or two, what says that it failed."""
        if not self.told_failed:
            return "guessed from its time"
        return self.fact.failure or ("rolled_back" if self.fact.state == "rolled_back" else "incident")

    @property
    def user_visible(self) -> bool:
        """Of the failure; where nobody told, it was."""
        return self.fact.user_visible is not False

    def item(self, view: View, **parts: Any) -> Item:
        fact = self.fact
        dims = view.dims(fact.asset, self.at, team=fact.team, environment=fact.environment)
        blamed = [*self.incidents, *self.guessed]
        since = later(own([fact], view.as_of), *(case.begins for case in blamed))
        return Item(
            at=self.at, dims=Dims(dims.tier, environment=dims.environment), member=f"{fact.source}/{fact.id}",
            matches=[[fact.asset, dims.team, dims.domain]], since=since,
            facts=(fact, *(case.fact for case in blamed)), **parts,
        )  # fmt: skip

    def exclusion(self, view: View, kpi: str) -> str | None:
        return view.exclusion(kpi, self.fact.asset, view.dims(self.fact.asset, self.at, team=self.fact.team), self.at)


def deployments(view: View, start: datetime, end: datetime, guessing: bool = False) -> Iterator[Deployment]:
    """Deployments made in [start, end) that reached production; those of a staging platform too: their environment
    is a dimension. ``guessing``: with what is blamed on them by its time, where the settings allow that."""
    named = named_changes(view)
    guessed = guessed_changes(view) if guessing else {}
    for fact in view.read("change", {"kind": "deployment", "placed_at": (start, end)}):
        key = (fact.source, fact.id)
        deployment = Deployment(fact, named.get(key, []), guessed.get(key, []))
        if deployment.reached_production:
            yield deployment


def guessed_changes(view: View) -> dict[tuple[str, str], list[Case]]:
    """(source, id) of a deployment -> the incidents that name none and are blamed on it: it was the newest of one of
    their assets, and made at most the time before them that the settings allow. Empty where they allow none."""
    within = view.platform.guess_failures_within
    if within is None:
        return {}
    if "guessed_changes" not in view.kept:
        found: dict[tuple[str, str], list[Case]] = {}
        made = _made(view)
        for case in cases(view):
            fact = None if case.fact.change else _newest(made, case, within)
            if fact is not None:
                found.setdefault((fact.source, fact.id), []).append(case)
        view.kept["guessed_changes"] = found
    guessed: dict[tuple[str, str], list[Case]] = view.kept["guessed_changes"]
    return guessed


def _made(view: View) -> dict[str | None, list[Change]]:
    """Asset -> the deployments that reached its production by their own telling."""
    made: dict[str | None, list[Change]] = {}
    for fact in view.read("change", {"kind": "deployment"}):
        dims = view.dims(fact.asset, fact.at, environment=fact.environment)
        if Deployment(fact, []).reached_production and in_production(dims.environment):
            made.setdefault(fact.asset, []).append(fact)
    return made


def _newest(made: dict[str | None, list[Change]], case: Case, within: timedelta) -> Change | None:
    """The last deployment of the incident's assets before it began, where that was recent."""
    near = [
        fact for asset, _, _ in case.matches if asset is not None for fact in made.get(asset, ())
        if fact.at is not None and case.begins - within <= fact.at <= case.begins
    ]  # fmt: skip
    return max(near, key=lambda fact: (fact.at, fact.source, fact.id), default=None)


def deployment_marks(kpi: Kpi, changes: Iterable[ChangeRow], view: View, settle: timedelta) -> Iterator[Mark]:
    """A deployment's own day, and the day of the deployment that an incident names or named. A bare id names the only
    match: another deployment of that id changes what was meant. Where failures are guessed, an incident reaches the
    deployments shortly before it, and so does a deployment that now stands between. An asset's new version reaches the
    deployments that incidents after it name, since it decides whether those count."""
    changes = list(changes)
    told = list(tellings(changes))
    made = [fact for fact in told if isinstance(fact, Change)]
    incidents = [*(fact for fact in told if isinstance(fact, Incident)), *judged_anew(kpi, changes, view)]
    yield from _guessing_marks([*made, *incidents], view)
    for namesake in namesakes(view, "change", made):
        yield from _day(view, namesake.moment)
    for fact in made:
        if fact.at is not None:
            yield Mark(None, view.day(fact.at), view.day(fact.at + settle))
    for incident in incidents:
        target = resolve(view, "change", incident.change, incident.source)
        if target is not None:
            for change in view.read("change", {"source": target[0], "id": target[1]}):
                yield from _day(view, change.at)


def _day(view: View, at: datetime | None) -> Iterator[Mark]:
    if at is not None:
        yield Mark(None, view.day(at), view.day(at))


def _guessing_marks(facts: Iterable[Change | Incident], view: View) -> Iterator[Mark]:
    within = view.platform.guess_failures_within
    for fact in facts if within is not None else ():
        if fact.moment is not None and within is not None:
            yield Mark(None, view.day(fact.moment - within), view.day(fact.moment))
