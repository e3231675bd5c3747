"""Incidents that name no asset after all rules, by the service that was paged, each with a proposal.

An incident is unmapped where it names nothing but a service (or nothing at all) and no service it names has both a team
and a tier: then no team's and no tier's numbers hold it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from slo.derive import through_the_step
from slo.facts import Incident
from slo.incidents.linking import failing, is_service
from slo.view import View, in_production

SHOWN = 5
"""Assets proposed at most."""
LOOKED_AT = 50
"""Incidents of a service, the newest, around which failures are counted."""


@dataclass(frozen=True)
class Unmapped:
    """The unmapped incidents of one service. ``assets``: (asset, around how many of them it failed), best first."""

    source: str
    service: str | None
    incidents: int
    first: datetime
    last: datetime
    ids: tuple[str, ...]
    team: str | None
    tier: int | None
    assets: tuple[tuple[str, int], ...]
    reason: str

    @property
    def asset(self) -> str | None:
        """The asset that failed around them most often."""
        return self.assets[0][0] if self.assets else None


def unmapped(view: View) -> list[Unmapped]:
    """By source and service, most incidents first. Incidents of sources that leave their assets to be inferred."""
    view = through_the_step(view)
    groups: dict[tuple[str, str | None], list[Incident]] = {}
    for source in view.platform.sources:
        if "incident.assets" in source.derives:
            for incident in view.read("incident", {"source": source.name}):
                if incident.duplicate_of is None and is_unmapped(view, incident):
                    groups.setdefault((source.name, next(iter(incident.assets or ()), None)), []).append(incident)
    found = [_proposed(view, source, service, incidents) for (source, service), incidents in groups.items()]
    return sorted(found, key=lambda one: (-one.incidents, one.source, one.service or ""))


def is_unmapped(view: View, incident: Incident) -> bool:
    """Whether no asset and no service with team and tier says what it was about. Other environments are no concern."""
    at = _at(incident)
    dims = [view.dims(name, at) for name in incident.assets or ()]
    if any(not is_service(view, name) for name in incident.assets or ()):
        return False
    if dims and not any(in_production(one.environment) for one in dims):
        return False
    return not any(one.team is not None and one.tier is not None for one in dims)


def _at(incident: Incident) -> datetime:
    at = incident.detected_at or incident.started_at
    assert at is not None, "an incident names its start or its detection"
    return at


def _proposed(view: View, source: str, service: str | None, incidents: list[Incident]) -> Unmapped:
    newest = sorted(incidents, key=_at, reverse=True)
    looked = newest[:LOOKED_AT]
    near = [{onset.asset for onset in failing(view, _at(incident))} for incident in looked]
    counts = Counter(asset for assets in near for asset in assets)
    assets = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    told = view.dims(service, _at(newest[0])) if service else None
    team, reason = _team(view, assets, len(looked), told.team if told else None, newest[0])
    return Unmapped(
        source, service, len(incidents), _at(newest[-1]), _at(newest[0]), tuple(one.id for one in newest), team,
        _tier(view, assets, newest[0]) if told is None or told.tier is None else told.tier, tuple(assets), reason,
    )  # fmt: skip


def _team(
    view: View, assets: list[tuple[str, int]], looked: int, told: str | None, newest: Incident
) -> tuple[str | None, str]:
    """A team and why: the pager's own, else that of the assets that failed around the incidents."""
    if not assets:
        why = f"the pager says {told}" if told else "no run or check failed near any of them"
        return told, why
    asset, times = assets[0]
    why = f"{asset} failed around {times} of {looked}"
    if told is not None:
        return told, f"{why}; the pager says {told}"
    weights: Counter[str] = Counter()
    for name, count in assets:
        team = view.dims(name, _at(newest)).team
        if team is not None:
            weights[team] += count
    team = max(sorted(weights), key=lambda name: weights[name], default=None)
    return team, why if team is None else f"{why}; most of what failed is {team}'s"


def _tier(view: View, assets: Iterable[tuple[str, int]], newest: Incident) -> int | None:
    """The strictest tier of what failed around them."""
    return min((tier for name, _ in assets if (tier := view.dims(name, _at(newest)).tier) is not None), default=None)
