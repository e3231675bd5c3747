"""What the ways out read: one ready snapshot of results, and a door to the engine for what is asked on top of it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from dashboards.reading.kept import Kept
from slo.errors import TierlineError

Result = dict[str, Any]
Scope = frozenset[tuple[str, Any]]
"""What a scope narrows: {("tier", 1)}; empty: the whole platform."""


def scope_of(narrowed: Mapping[str, Any]) -> Scope:
    """A scope without its nulls."""
    return frozenset((key, value) for key, value in narrowed.items() if value is not None)


@dataclass(frozen=True)
class Snapshot:
    """Everything a scrape or an overview needs, already evaluated. Nothing in it is computed again."""

    as_of: datetime | None = None
    results: Sequence[Result] = ()
    sources: Sequence[Mapping[str, Any]] = ()
    """One dict a source (slo/evidence/health.py, Reading.as_result()): name, type, ok (its last pass succeeded), blind
    (stale, failing, incomplete, behind or None), stale (blind as stale or failing), awaited (so, or not read yet),
    last_success, last_attempt (aware datetimes or None), duration (seconds), facts (stored by the last pass), stored
    (held in all, where it is known), set_aside, errors (failed passes among the last ones), error (text), health (None:
    not read in 28 days)."""
    evaluated_at: datetime | None = None
    facts: Mapping[str, int] = field(default_factory=dict)
    """Facts stored, by kind."""
    timezone: str = "UTC"
    profile: str | None = None
    """The settings' own view; None: the platform view."""
    profiles: Sequence[str] = ()
    """The profiles that can be asked for, the user's own among them."""
    decided: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """``notes`` (period, start, end, kpis, text, by, ref) and ``sign_offs`` (kpi or exclusion, on, text, by, ref,
    agreed: the exclusion) of the decisions/ folder."""
    tiering: Mapping[str, int] = field(default_factory=dict)
    """``assets`` there are, and ``untiered`` among them: those that nobody has given a tier."""
    connectable: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Evidence ("run", "run.due_at") -> the plugins that tell it, for a KPI that is not set up."""
    coverage: Sequence[Mapping[str, Any]] = ()
    """One dict a KPI (slo/evidence/coverage.py): kpi, title, family, state, missing, why."""
    receivers: Sequence[Mapping[str, Any]] = ()
    """One dict a way out: name, title, ok, state, at (text or None), error."""
    reporting: Sequence[Mapping[str, Any]] = ()
    """The reporting days that come: period, draft (when the domains get theirs, ISO text, or None), report (when it is
    closed and sent), ways (where to). Empty where nothing is closed by itself."""
    watch: Mapping[str, Any] = field(default_factory=dict)
    """What the alerts stand on (slo/alerting), as it was stored with the evaluation; {} before the first one."""
    assets: Mapping[str, Any] = field(default_factory=dict)
    """Metric -> title, definition and the values of single assets, for the KPIs that the settings name."""

    @cached_property
    def by_scope(self) -> Mapping[tuple[str, Scope], Mapping[str, Result]]:
        """(window, scope) -> KPI -> its result: a page asks for a few of thousands."""
        found: dict[tuple[str, Scope], dict[str, Result]] = {}
        for one in self.results:
            own = scope_of(one.get("scope") or {})
            found.setdefault((one["window"]["name"], own), {})[one["kpi"]] = one
        return found


class Holder:
    """The newest snapshot, swapped whole; readers never wait for the one who evaluates."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self._lock = threading.Lock()
        self._snapshot = snapshot or Snapshot()

    def replace(self, snapshot: Snapshot) -> None:
        with self._lock:
            self._snapshot = snapshot

    def __call__(self) -> Snapshot:
        return self._snapshot


@dataclass(frozen=True)
class Ask:
    """What a reader wants to see; the fields of the engine's Query. None: not narrowed."""

    window: str = "28d"
    tier: int | None = None
    team: str | None = None
    domain: str | None = None
    asset: str | None = None
    profile: str | None = None
    lang: str | None = field(default=None, compare=False)
    """In which locale the figures are written; no part of the question, so what is kept serves every locale."""


class Reader(Protocol):
    """What the pages and the API read. Errors are TierlineError with a message for a person."""

    def snapshot(self) -> Snapshot: ...

    def now(self) -> datetime:
        """The door's clock: a snapshot may be older."""
        ...

    def show(self, kpi: str, ask: Ask) -> Result: ...

    def explain(self, kpi: str, ask: Ask, limit: int = 500) -> dict[str, Any]: ...

    def breakdown(self, kpi: str, ask: Ask, by: str) -> list[dict[str, Any]]: ...

    def set_asides(self, source: str | None = None, limit: int = 100) -> list[dict[str, Any]]: ...

    def report(self, period: str, ask: Ask) -> dict[str, Any]:
        """A period's report as a document (report/shape), of the ask's team or domain."""
        ...

    def tell(self, story: Callable[..., Any], ask: Ask, **asked: Any) -> Any:
        """What a story of slo/stories tells; ``asked`` is hashable."""
        ...


RARELY = 1_000
"""Middle rounds of the garbage collector for a whole one: its own choice is 10."""


def settle() -> None:
    """Takes what stands until the next evaluation out of the garbage collector's rounds: with a snapshot of thousands
    of results a round takes a tenth of a second, and it would fall into somebody's answer. So would the whole rounds
    over what is read meanwhile: they are left to the next evaluation."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], RARELY)


class EngineReader:
    """The reader over a live engine. ``engine`` hands out the present one: targets may be adopted meanwhile. ``now`` is
    the door's clock; ``snapshots`` hands out the ready snapshot; ``reports`` draws a period's report up: (engine,
    period, {team, domain, profile}, now) -> document."""

    def __init__(
        self, store: Any, engine: Callable[[], Any], snapshots: Callable[[], Snapshot], now: Callable[[], datetime],
        reports: Callable[[Any, str, Mapping[str, str | None], datetime], dict[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        self._reports = reports
        self._store, self._engine, self._snapshots, self._now = store, engine, snapshots, now
        self._kept = Kept()
        self._settled: Hashable = None

    def now(self) -> datetime:
        return self._now()

    def snapshot(self) -> Snapshot:
        return self._snapshots()

    def show(self, kpi: str, ask: Ask) -> Result:
        return self._ready(kpi, ask) or self._once(
            ("show", kpi, ask),
            lambda engine: dict(engine.show(kpi, self._query(ask), self._now(), refresh=False)),
        )

    def _once(self, key: tuple[Hashable, ...], work: Callable[[Any], Any]) -> Any:
        """The answer, worked out once an evaluation: until the next one nothing that it rests on is shown otherwise."""
        engine = self._engine()
        return self._kept.get((self._snapshots().as_of, id(engine)), key, work, engine)

    def warm(self) -> None:
        """After an evaluation: what readers asked last is worked out before they ask again."""
        engine = self._engine()
        evaluation = (self._snapshots().as_of, id(engine))
        self._kept.again(evaluation, engine)
        if evaluation != self._settled:
            self._settled = evaluation
            settle()

    def _ready(self, kpi: str, ask: Ask) -> Result | None:
        """The snapshot's own result, where it holds the very same: the page then agrees with /metrics."""
        if ask.profile is not None:
            return None
        scope = scope_of({"tier": ask.tier, "team": ask.team, "domain": ask.domain, "asset": ask.asset})
        result = self._snapshots().by_scope.get((ask.window, scope), {}).get(kpi)
        return dict(result) if result and result["series"] else None

    def explain(self, kpi: str, ask: Ask, limit: int = 500) -> dict[str, Any]:
        told: dict[str, Any] = self._once(
            ("explain", kpi, ask, limit),
            lambda engine: dict(
                engine.explain(kpi, self._query(ask), self._now(), limit, refresh=False, counted=False)
            ),
        )
        return told

    def breakdown(self, kpi: str, ask: Ask, by: str) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self._once(
            ("breakdown", kpi, ask, by),
            lambda engine: list(engine.breakdown(kpi, self._query(ask), by, self._now(), refresh=False)),
        )
        return told

    def tell(self, story: Callable[..., Any], ask: Ask, **asked: Any) -> Any:
        key = (story.__module__, story.__qualname__, ask, *sorted(asked.items()))
        return self._once(key, lambda engine: engine.tell(story, self._query(ask), self._now(), refresh=False, **asked))

    def set_asides(self, source: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        return list(self._store.set_asides(source, limit))

    def report(self, period: str, ask: Ask) -> dict[str, Any]:
        if self._reports is None:
            raise TierlineError(f"no report is drawn here; write one with `tierline report {period}`")
        draw, scope = self._reports, {"team": ask.team, "domain": ask.domain, "profile": ask.profile}
        key = ("report", period, *scope.values())
        return dict(self._once(key, lambda engine: draw(engine, period, scope, self._now())))

    @staticmethod
    def _query(ask: Ask) -> Any:
        from slo.engine import Query

        return Query(
            window=ask.window, tier=ask.tier, team=ask.team, domain=ask.domain, asset=ask.asset, profile=ask.profile
        )
