"""The heart's one door: refresh states, show and explain a KPI, evaluate the snapshot that the ways out read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from slo import by_asset, tiering
from slo.alerting import watch
from slo.calendars import DAY
from slo.explaining.explanation import breakdown, explanation
from slo.kpi import Kpi
from slo.ledger.restating import look
from slo.lending import Lending
from slo.params import of_clause, slice_name
from slo.platform import Platform
from slo.promises.benchmark import published_range
from slo.promises.meaning import Meaning, meanings
from slo.promises.scorecard import card
from slo.promises.target import Target
from slo.refresh import Refresher
from slo.results import Query, Results
from slo.shelf import get_kpi, shelf
from slo.states import States, floor_to_step
from slo.store import Store
from slo.targets import PLATFORM, Targets, load_targets
from slo.view import View
from slo.whatif import Supposed, compare, whole_months

__all__ = ["Engine", "Query"]

ROLLING = ("1d", "7d", "28d")
Story = Callable[..., Any]
"""See slo/stories: (results, query, **asked) -> plain values."""


class Engine:
    """All KPIs of a store, under a platform's settings."""

    def __init__(self, store: Store, platform: Platform, targets: Targets | None = None) -> None:
        self.store, self.platform = store, platform
        self.targets = targets or load_targets(mature=platform.mature)
        self.shelf = shelf()
        self.slices = {kpi.id: self._slices(kpi) for kpi in self.shelf.values()}
        self._stored = frozenset(
            (kpi_id, slice_name(self.shelf[kpi_id], params)) for kpi_id, own in self.slices.items() for params in own
        )
        self._lending = Lending()
        self._refresher = Refresher(store, platform, self.shelf.values(), self.slices)

    def _slices(self, kpi: Kpi) -> list[dict[str, Any]]:
        """The parameter choices that are stored: the default, and those that a target names."""
        chosen = [dict(kpi.defaults)]
        for target in self.targets.targets_for(kpi.id):
            for clause in target.clauses:
                params = of_clause(kpi, clause)
                if params not in chosen:
                    chosen.append(params)
        return chosen

    def refresh(self, now: datetime) -> bool:
        """Brings every state up to now, floored to the step. False where another process is at it. States only go
        forward: a clock that was set back leaves them as of the last refresh."""
        last = self._last_refresh()
        at = floor_to_step(now, self.platform.step)
        return self._refresher.refresh(at if last is None else max(at, last), now)

    def results(self, as_of: datetime | None, now: datetime, refresh: bool = True) -> Results:
        """What results are built on, as of an instant: refreshed first, so that an import followed by show is right.
        Without ``refresh``, as of the last one: what a page shows beside the snapshot then agrees with it."""
        done = self.refresh(now) if refresh else True
        last = self._last_refresh()
        at = last if last is not None and not refresh else floor_to_step(now, self.platform.step)
        view = View(self.store, self.platform, as_of or at)
        fresh = done and view.as_of == last
        settled = done and last is not None and view.as_of < last
        return Results(States(view, self._stored, fresh, settled), self.targets)

    @contextmanager
    def _reading(self, as_of: datetime | None, now: datetime, refresh: bool) -> Iterator[Results]:
        """Results, read steadily. As of the last refresh they are shared by all who ask before the next one."""
        if refresh or as_of is not None:
            results = self.results(as_of, now, refresh)
            with self.store.steady():
                yield results
            return
        of = (self.store.meta("refreshed"), self.store.meta("passes"))
        with self._lending.lend(of, lambda: self.results(None, now, refresh=False)) as results, self.store.steady():
            yield results

    def _last_refresh(self) -> datetime | None:
        told = self.store.meta("refreshed")
        return None if told is None else datetime.fromisoformat(told)

    def show(self, kpi_id: str, query: Query, now: datetime, refresh: bool = True) -> dict[str, Any]:
        """One KPI's result. Raises ConfigError for an unknown KPI, window or parameter."""
        return self.show_all([kpi_id], query, now, refresh)[0]

    def show_all(self, kpi_ids: list[str], query: Query, now: datetime, refresh: bool = True) -> list[dict[str, Any]]:
        """Several KPIs on one state of things."""
        kpis = [get_kpi(kpi_id) for kpi_id in kpi_ids]
        with self._reading(query.as_of, now, refresh) as results:
            return [results.result(kpi, query) for kpi in kpis]

    def explain(
        self, kpi_id: str, query: Query, now: datetime, limit: int = 200, refresh: bool = True, by: str | None = None,
        counted: bool = True,
    ) -> dict[str, Any]:  # fmt: skip
        """The formula, its figures, what was left out, the facts behind the number, worst first, and what moved it
        since the window before (``by`` one dimension alone). Without ``counted``, how many facts there are in all may
        stay unsaid (None) where only reading them would tell: a page asks for the worst alone."""
        kpi = get_kpi(kpi_id)
        with self._reading(query.as_of, now, refresh) as results:
            return explanation(results, kpi, query, limit, by, counted)

    def breakdown(
        self, kpi_id: str, query: Query, by: str, now: datetime, refresh: bool = True
    ) -> list[dict[str, Any]]:
        """The figures of each asset, team, domain or tier of a scope, worst first."""
        kpi = get_kpi(kpi_id)
        with self._reading(query.as_of, now, refresh) as results:
            return breakdown(results, kpi, query, by)

    def tell(self, story: Story, query: Query, now: datetime, refresh: bool = True, **asked: Any) -> Any:
        """What a story (slo/stories) tells of a scope and window."""
        with self._reading(query.as_of, now, refresh) as results:
            return story(results, query, **asked)

    def scorecard(self, profile: str | None, query: Query, window: str | None, now: datetime) -> dict[str, Any]:
        """A profile's card (None: the default view's), each row in the last whole window of its own cadence, or all in
        one. Raises ConfigError for an unknown profile or window."""
        results = self.results(query.as_of, now)
        with self.store.steady():
            return card(results, profile, query, window)

    def what_if(
        self, kpi_id: str, query: Query, supposed: Supposed, now: datetime, windows: Sequence[str] = (), months: int = 6
    ) -> dict[str, Any]:
        """Past windows (or the last whole months) as they are and as they would have been. Nothing is stored."""
        kpi = get_kpi(kpi_id)
        results = self.results(query.as_of, now)
        names = windows or whole_months(results.view.as_of, self.platform.timezone, months)
        with self.store.steady():
            return compare(results, kpi, query, names, supposed)

    def meanings(self, target: Target, now: datetime) -> list[Meaning]:
        """What each clause of a target means at the volume of its last whole window."""
        results = self.results(None, now)
        with self.store.steady():
            return meanings(results, target, Query())

    def evaluate(self, now: datetime) -> list[dict[str, Any]]:
        """Refreshes, judges and stores the snapshot: every KPI, the usual windows, the whole and one dimension; beside
        it what alerts stand on (slo/alerting/watch.py).

        While another process refreshes, the snapshot is as of the last refresh."""
        self.refresh(now)
        with self._reading(None, now, refresh=False) as results:
            found = [
                self._evaluated(results, kpi, query)
                for query in self._queries(results.view)
                for kpi in self.shelf.values()
            ]
            as_of, beside = results.view.as_of, self._beside(results, now)
            look(results, self.shelf)
        self.store.put_results(
            as_of, found, {key: json.dumps(told, ensure_ascii=False) for key, told in beside.items()}
        )
        return found

    def watch(self, now: datetime) -> dict[str, Any]:
        """What alerts stand on, worked out now; nothing is stored. While another process refreshes, as of its last
        refresh."""
        self.refresh(now)
        with self._reading(None, now, refresh=False) as results:
            return watch.watch(results, now, watch.remembered(self.store))

    def _beside(self, results: Results, now: datetime) -> dict[str, Any]:
        """What is kept beside the results of an evaluation: key -> plain values."""
        return {
            tiering.KEY: tiering.tiering(results.view),
            by_asset.KEY: by_asset.by_asset(results, map(get_kpi, self.platform.asset_kpis)),
            watch.KEY: watch.watch(results, now, watch.remembered(self.store)),
        }

    def _evaluated(self, results: Results, kpi: Kpi, query: Query) -> dict[str, Any]:
        """The whole and the tiers come with their days and the window before, teams and domains without."""
        full = query.team is None and query.domain is None
        return results.result(kpi, query, series=full, before=full)

    def _queries(self, view: View) -> list[Query]:
        return [Query(window=window, **scope) for window in self._windows(view) for scope in scopes(view)]

    def _windows(self, view: View) -> list[str]:
        today = view.day(view.as_of)
        before = today.replace(day=1) - DAY
        return [*ROLLING, f"{today:%Y-%m}", f"{before:%Y-%m}"]

    def restate(self, now: datetime) -> int:
        """Compares closed periods with what holds now, as every evaluation does; the number of lines that moved."""
        with self._reading(None, now, refresh=True) as results:
            return look(results, self.shelf)

    def holding(self, now: datetime) -> AbstractContextManager[Callable[[], None]]:
        """Nobody else refreshes meanwhile; see Refresher.holding."""
        return self._refresher.holding(now)

    def kpis(self) -> list[dict[str, Any]]:
        """The catalogue with targets."""
        return [self._entry(kpi) for kpi in self.shelf.values()]

    def _published(self, kpi: Kpi) -> dict[str, Any] | None:
        """The published range of the clause that stands for the KPI's."""
        rows = self.targets.published_for(kpi.id)
        pairs = [(row, clause) for row in rows for clause in row.clauses]
        found = published_range(pairs, rows, self.targets.lines.get(PLATFORM, ()))
        if found is None:
            return None
        target, clause = found.pair
        return {"lo": found.lo, "hi": found.hi, "form": clause.form, "tiers": list(clause.tiers), "text": target.text}

    def _entry(self, kpi: Kpi) -> dict[str, Any]:
        targets = [
            {
                "profile": target.profile, "row": target.row, "text": target.text, "form": target.form,
                "floor": target.floor, "stretch": target.stretch, "tier": target.tier, "cadence": target.cadence,
                "window": target.window, "profiles": list(self.targets.holders(target)),
                "published": target.key in self.targets.published,
                "adopted": None if target.adopted is None else target.adopted.isoformat(),
                "adopted_by": target.adopted_by,
            }
            for target in self.targets.targets_for(kpi.id)
        ]  # fmt: skip
        return {
            "id": kpi.id, "title": kpi.title, "family": kpi.family, "lens": kpi.lens,
            "measure": kpi.measure.title(), "unit": kpi.unit, "better": kpi.better, "definition": kpi.definition,
            "targets": targets, "benchmark": self._published(kpi),
            "not_counted": kpi.not_counted, "example": kpi.example, "formula": kpi.formula,
            "needs": [list(group) for group in kpi.needs],
        }  # fmt: skip


def scopes(view: View) -> list[dict[str, Any]]:
    """What is evaluated by itself: the whole, each tier, each team and each domain of the assets there are."""
    teams, domains = set(), set()
    for name in view.asset_names:
        dims = view.history(name).dims(view.as_of)
        teams.add(dims.team)
        domains.add(dims.domain)
    found: list[dict[str, Any]] = [{}, *({"tier": tier} for tier in range(4))]
    found += [{"team": team} for team in sorted(team for team in teams if team)]
    return found + [{"domain": domain} for domain in sorted(domain for domain in domains if domain)]
