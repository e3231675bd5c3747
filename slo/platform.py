"""What the heart must know of the platform it judges: its zone, calendars, money, sources and targets.

Data only. The door (tierline/config) fills it from the config; the defaults are those of a store without config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class SupportHours:
    """When the clock of an acknowledgement runs: weekdays (Monday is 0) and local times, in the platform's zone."""

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    start: time = time(9)
    end: time = time(17)


@dataclass(frozen=True)
class Objectives:
    """What is promised of the reading of a source, over 28 days, as shares."""

    fresh: float = 0.99
    """Of the time."""
    passes: float = 0.95
    """Of the passes: they succeed."""
    complete: float = 0.999
    """Of the records that the source counts itself: they came."""


@dataclass(frozen=True)
class SourceInfo:
    """A configured source as the heart sees it."""

    name: str
    tells: Mapping[str, tuple[str, ...]]
    """Fact kind -> the fields this source can tell."""
    settle: timedelta = timedelta(0)
    """How long its records keep changing."""
    interval: timedelta = timedelta(minutes=5)
    environment: str | None = None
    derives: tuple[str, ...] = ()
    """"kind.field": what may be inferred of its facts where it does not tell it (slo/derive)."""
    objectives: Objectives = field(default_factory=Objectives)


@dataclass(frozen=True)
class Alerting:
    """For what somebody is told at once, and who."""

    paging: bool = False
    """May an alert wake somebody? Else every one is a ticket."""
    tiers: tuple[int, ...] = (0, 1)
    team: str = "platform"
    """Who is told where no asset's team is."""
    budgets: tuple[str, ...] = ("pipeline_success_rate", "freshness_slo_attainment", "service_slo_compliance")
    """KPIs whose burning budgets are worth an alert."""
    off: frozenset[str] = frozenset()
    """Alerts that are switched off."""
    own_in_precision: bool = False
    """Whether Tierline's own alerts count among the platform's."""

    def severity(self, wanted: str) -> str:
        return wanted if self.paging else "ticket"


@dataclass(frozen=True)
class Platform:
    """The platform's own settings. ``rates`` maps currency -> {first day in force: units of report currency}."""

    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    holidays: frozenset[date] = frozenset()
    """Days cut out of business days and of "business" delivery days."""
    support_hours: SupportHours = field(default_factory=SupportHours)
    currency: str = "USD"
    rates: Mapping[str, Mapping[date, float]] = field(default_factory=dict)
    sources: tuple[SourceInfo, ...] = ()
    """In order of trust: where several tell one asset's field, the first non-null wins."""
    grace_seconds: float = 900.0
    freshness_objective: float = 0.99
    quality_objective: float = 0.98
    templates: frozenset[str] = frozenset()
    """The approved templates; empty: any template is one."""
    settle_deployment: timedelta = timedelta(hours=24)
    guess_failures_within: timedelta | None = None
    """How long after a deployment an incident that names none is blamed on it; None: nothing is guessed."""
    profile: str | None = None
    """The profile whose targets give the headline status; None: all of them."""
    mature: bool = False
    """associate_platform row 6: a mature platform is judged by the stricter band."""
    excluded_cap: float = 0.05
    """Share that exclusions may take from a number before it carries a caveat."""
    alerting: Alerting = field(default_factory=Alerting)
    step: timedelta = timedelta(seconds=60)
    """The evaluation step: "now" is floored to it."""
    asset_kpis: tuple[str, ...] = ()
    """KPIs that are evaluated asset by asset, too."""

    @property
    def source_names(self) -> tuple[str, ...]:
        return tuple(source.name for source in self.sources)
