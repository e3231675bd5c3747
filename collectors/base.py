"""The contract of a source. One file a source under ``collectors/sources/``; others come by the entry point
``tierline.collectors``.

A source is a subclass of :class:`Source`. ``fetch`` talks to the network and yields raw records; ``parse`` is pure and
knows the field names; the runner does the rest (watermarks, retries, versions of assets, coverage, storing).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True)
class Period:
    """What one fetch covers: what is new or changed in the half-open [start, end).

    ``incremental``: the source has been read up to ``start`` before, so it may filter by "updated since". Otherwise it
    is history, to be filtered by the records' own time.
    ``latest``: the period ends at the pass's own moment. Registers (assets, schedules, edges), which have no time of
    their own, are fetched in latest periods only.
    """

    start: datetime
    end: datetime
    incremental: bool = False
    latest: bool = False


@dataclass(frozen=True)
class Raw:
    """One record as the source answered it. ``kind`` is the source's own word for it ("dag_run"), ``data`` the record,
    ``context`` what the fetch knew beside it (base URL, the moment of the request)."""

    kind: str
    data: Any
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Enumerated:
    """Yielded by ``fetch`` after a *complete, successful* listing: every id of this fact kind that still exists.
    Assets are named by their asset name. What is stored and not listed is told as deleted (guarded against mass
    deletion)."""

    kind: str
    ids: frozenset[str]


@dataclass(frozen=True)
class Finding:
    """One line of ``tierline check --connect``: what works, or what is missing and how to grant it."""

    ok: bool
    what: str
    remedy: str = ""


class Objectives(BaseModel):
    """What is promised of the reading of a source, over 28 days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fresh: float = Field(default=0.99, gt=0, lt=1, description="Share of time in which its last success is not older "
                         "than three intervals.")  # fmt: skip
    passes: float = Field(default=0.95, gt=0, lt=1, description="Share of its passes that succeed.")
    complete: float = Field(default=0.999, gt=0, lt=1, description="Share of the records that it counts itself which "
                            "came and could be taken; less makes a pass incomplete.")  # fmt: skip


class SourceSettings(BaseModel):
    """Settings every source has; a source's own ``Settings`` derives from it.

    Secrets are declared as ``pydantic.SecretStr``; the door resolves ``env:NAME`` and ``file:/path`` before.
    Describe every field with ``Field(description=...)``: it is the settings reference.
    """

    model_config = ConfigDict(extra="forbid")

    environment: str = Field(default="production", description="`production`, `staging` ...; only production counts.")
    namespace: str | None = Field(default=None, description="First part of every asset's name; the source's own name.")
    interval: timedelta | None = Field(default=None, description="Time between two passes; the source's own default.")
    history_days: int = Field(default=90, ge=0, description="How many days of history the first passes read.")
    requests_per_second: float | None = Field(default=None, gt=0, description="Requests a second at most, of a source "
                                              "that is asked over HTTP; the source's own default.")  # fmt: skip
    objectives: Objectives = Field(default_factory=Objectives, description="What is promised of its reading, over 28 "
                                   "days: `fresh`, `passes`, `complete`.")  # fmt: skip


class Source(ABC):
    """A system Tierline reads. ``name`` is the instance's name in tierline.yaml; ids and watermarks belong to it."""

    plugin: ClassVar[str]
    """The word in tierline.yaml (``type: airflow``); equals the file name."""
    title: ClassVar[str]
    family: ClassVar[str]
    """orchestrator, transformation, warehouse, alerting, metrics, cost, delivery, register ..."""
    tells: ClassVar[dict[str, tuple[str, ...]]]
    """Fact kind -> fields it can tell; of changes and meters also which of them (deployment, cost, bytes). A KPI whose
    evidence nobody tells is "not set up"."""
    derives: ClassVar[tuple[str, ...]] = ()
    """"kind.field": what Tierline may infer of its facts where it does not tell it ("incident.started_at")."""
    settle: ClassVar[timedelta] = timedelta(0)
    """How long records keep changing after they first appear; the overlap of an incremental read."""
    interval: ClassVar[timedelta] = timedelta(minutes=5)
    requests_per_second: ClassVar[float | None] = None
    """The budget of a source that is asked over HTTP, unless its settings say another."""
    chunk: ClassVar[timedelta] = timedelta(days=7)
    """How much history one fetch asks for."""
    has_history: ClassVar[bool] = True
    """False: it shows the present only, so it is asked for latest periods only, and observed from its first pass on."""
    tested: ClassVar[str] = ""
    """What it was really tested against ("Airflow 3.3.2, run live")."""
    grants: ClassVar[str] = ""
    """The exact read-only rights it needs, as SQL, scopes or words."""
    Settings: ClassVar[type[SourceSettings]] = SourceSettings
    probes: ClassVar[Mapping[str, str]] = {}
    """Path below a URL -> a word of the JSON that this system answers there to anybody, without a credential:
    ``tierline init`` finds out by it what a URL is."""

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        """The settings that an address or a path stands for, where its looks alone say that it is this system's
        (https://api.pagerduty.com, a folder with a manifest.json); None else. Asks nobody."""
        return None

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        self.name = name
        self.settings = settings
        self.now = now
        self.memory: dict[str, Any] = {}
        """What the source must know of its last pass (counters of a snapshot, alerts that were open): plain JSON.
        The runner fills it from the store before a ``fetch``, and keeps it only once everything that fetch yielded is
        stored: a pass that fails leaves the stored memory as it was. ``parse`` and ``routes`` don't touch it."""

    @property
    def rate(self) -> float | None:
        """Requests a second at most, for ``Http(rate=...)``."""
        told: float | None = self.settings.requests_per_second
        return told or self.requests_per_second

    @property
    def namespace(self) -> str:
        return self.settings.namespace or self.name

    def asset(self, name: str) -> str:
        """The OpenLineage name of one of this source's assets."""
        return f"{self.namespace}/{name}"

    @abstractmethod
    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """Raw records of a period. Raises SourceError, RetriableError, PermissionMissing; never returns a part of an
        answer as if it were the whole."""

    @abstractmethod
    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        """Interchange objects (see slo/facts) of one raw record, without ``source``. Pure. Unknown fields and enum
        values never fail it. Assets are told as they are now, without valid_from: the runner versions them."""

    def check(self) -> list[Finding]:
        """What works with these settings and what permission is missing. Read-only, a few small requests."""
        return []

    def routes(self) -> Mapping[str, Callable[[bytes, Mapping[str, str]], list[dict[str, Any]]]]:
        """Webhook path below /hooks/<name>/ -> a function of (body, headers) giving interchange objects.
        It raises PermissionError for a missing or wrong credential and ValueError for a body it cannot read."""
        return {}

    def made_whole(self, told: dict[str, Any], stored: dict[str, Any] | None) -> dict[str, Any] | None:
        """The fact to store of what a webhook told, given the one stored as it was collected (None: not known yet). A
        webhook that shows a part of what the API tells lays it over; None: nothing is to be stored."""
        return told
