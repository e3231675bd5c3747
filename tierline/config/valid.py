"""Valid settings, handed on as the heart's Platform and as ready sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slo.assets import APPLIED
from slo.calendars import load_holidays
from slo.facts import INFERRED
from slo.own import Declaration
from slo.platform import Objectives, Platform, SourceInfo, SupportHours
from tierline.assets.critical import Critical
from tierline.assets.declared import DECLARED, fields_told
from tierline.settings import Holidays, Hours, Settings
from tierline.settings.problems import Problem, SettingsError

if TYPE_CHECKING:
    from collectors.base import Source

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY_YEARS = range(2000, 2051)
DECISIONS = "decisions"
"""The source that tells what stands in the decisions/ folder, and the folder's own name."""
RESERVED = (DECLARED, APPLIED, INFERRED, DECISIONS, "tierline")
"""Names of sources that Tierline itself speaks as."""


@dataclass(frozen=True)
class Configured:
    """A source as the file names it: its plugin and its validated settings, secrets followed."""

    name: str
    plugin: type[Source]
    settings: Any


@dataclass(frozen=True)
class Config:
    """Valid settings. ``path`` is None where there is no file and TIERLINE_STORE names the store."""

    settings: Settings
    path: Path | None = None
    configured: tuple[Configured, ...] = field(default=())
    critical: Critical | None = None
    """The file that ``critical:`` names, read."""
    own: tuple[Declaration, ...] = ()
    """KPIs of one's own, declared in files."""
    absent: tuple[Problem, ...] = ()
    """Secrets of sources that are not here: what is stored can be shown without them, and nothing can be read."""

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the store; may hold a password."""
        return self.settings.store

    def complete(self) -> Config:
        """Itself. Raises SettingsError where a source's secret is not here."""
        if self.absent:
            raise SettingsError(list(self.absent))
        return self

    def sources(self, now: Callable[[], datetime]) -> list[Source]:
        """The sources, ready to fetch. Raises SettingsError where a secret is not here."""
        return self.complete().described(now)

    def described(self, now: Callable[[], datetime]) -> list[Source]:
        """The sources, to be asked what they tell; their secrets may be missing."""
        return [one.plugin(one.name, one.settings, now) for one in self.configured]

    def to_platform(self) -> Platform:
        """What the heart must know."""
        settings = self.settings
        return Platform(
            timezone=ZoneInfo(settings.timezone),
            holidays=_holidays(settings.holidays),
            support_hours=_support(settings.support_hours),
            currency=settings.currency,
            rates=settings.rates,
            sources=tuple(_infos(self)),
            grace_seconds=settings.grace_seconds,
            freshness_objective=settings.freshness_objective,
            quality_objective=settings.quality_objective,
            templates=frozenset(settings.templates),
            profile=settings.profile,
            mature=settings.mature,
            excluded_cap=settings.excluded_cap,
            settle_deployment=settings.settle_deployment,
            guess_failures_within=settings.guess_failures_within,
            asset_kpis=settings.ops.metrics.assets,
            alerting=settings.alerts.to_platform(),
        )


def _infos(config: Config) -> list[SourceInfo]:
    """The sources in order of trust: the user's own words first, then as the file lists them."""
    told = fields_told(config.settings, config.critical)
    infos = [SourceInfo(DECLARED, {"asset": told})] if told else []
    # Asked of the sources themselves: what a register in a file tells depends on its settings.
    for source in config.described(lambda: datetime.now(UTC)):
        infos.append(
            SourceInfo(
                source.name,
                source.tells,
                settle=source.settle,
                interval=source.settings.interval or source.interval,
                environment=source.settings.environment,
                derives=source.derives,
                objectives=Objectives(**source.settings.objectives.model_dump()),
            )
        )
    return infos + _inferring(infos) if config.configured else infos


def _inferring(infos: list[SourceInfo]) -> list[SourceInfo]:
    """What Tierline itself infers is trusted last; it is evidence for what the sources leave to it."""
    derived: dict[str, set[str]] = {}
    for kind, _, name in (left.partition(".") for info in infos for left in info.derives):
        derived.setdefault(kind, set()).add(name)
    return [SourceInfo(INFERRED, {kind: tuple(sorted(names)) for kind, names in derived.items()})]


def _support(hours: Hours) -> SupportHours:
    return SupportHours(tuple(sorted(_WEEKDAYS.index(day) for day in hours.days)), hours.start, hours.end)


def _holidays(settings: Holidays) -> frozenset[date]:
    days = load_holidays(settings.country, settings.subdivision, HOLIDAY_YEARS) | set(settings.add)
    return days - set(settings.remove)
