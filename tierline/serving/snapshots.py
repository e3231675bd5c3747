"""The ready snapshot that page and /metrics read, made from what the store holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dashboards.reading.reader import Holder, Snapshot
from slo import by_asset
from slo.alerting import watch
from slo.evidence.health import readings_of
from slo.tiering import remembered as remembered_tiers
from tierline.config import Config
from tierline.coverage import connectable, standings
from tierline.decisions import Watch
from tierline.notify.receivers import tasks
from tierline.reports.days import coming
from tierline.reports.sending import standing
from tierline.reports.ways import ways

if TYPE_CHECKING:
    from slo.store import Store


class Snapshots:
    """Keeps the holder's snapshot up to what the store holds."""

    def __init__(
        self, store: Store, config: Config, now: Callable[[], datetime], decisions: Watch,
        profiles: Callable[[], Sequence[str]] = tuple,
    ) -> None:  # fmt: skip
        self.store, self.config, self.now, self.decisions, self.profiles = store, config, now, decisions, profiles
        self.platform, self.tasks = config.to_platform(), tasks(config)
        self.holder = Holder()
        self._refreshing = threading.Lock()

    def refresh(self, results_too: bool = True) -> None:
        """Reads sources and counts, and the results where asked, and swaps the snapshot whole. Raises StoreError."""
        # One at a time: who keeps the results he found must not put them over newer ones.
        with self._refreshing, self.store.steady():
            held, stored, passes = self.holder(), self.store.counts_by_source(), self.store.passes()
            readings = readings_of(self.store, self.platform.sources, self.now())
            as_of, results = self.store.results() if results_too else (held.as_of, held.results)
            self.holder.replace(
                Snapshot(
                    as_of=as_of,
                    results=results,
                    sources=[
                        readings[one.name].as_result()
                        | {"type": one.plugin.plugin, "stored": stored.get(one.name, 0), "passes": passes.get(one.name)}
                        for one in self.config.configured
                    ],
                    evaluated_at=as_of,
                    facts=self.store.counts(),
                    timezone=self.config.settings.timezone,
                    profile=self.config.settings.profile,
                    profiles=self.profiles(),
                    tiering=remembered_tiers(self.store),
                    connectable=connectable(),
                    decided=self.decisions.told(),
                    coverage=standings(whole(results), self.config, self.store) if results_too else held.coverage,
                    receivers=self._receivers(),
                    reporting=self._reporting(),
                    watch=watch.remembered(self.store) if results_too else held.watch,
                    assets=by_asset.remembered(self.store) if results_too else held.assets,
                )
            )

    def _receivers(self) -> list[dict[str, Any]]:
        """How the receivers of digest, changes and report stand; empty where nothing is sent."""
        told = [one.standing(self.store) for one in self.tasks]
        return [*told, *standing(self.store, ways(self.config))]

    def _reporting(self) -> list[dict[str, Any]]:
        """The reporting days that come; none where nothing is done by itself."""
        settings, zone = self.config.settings.report, self.platform.timezone
        if not settings.automatic:
            return []
        return [
            {
                "period": days.window.name,
                "draft": days.draft and days.draft.astimezone(zone).isoformat(),
                "report": days.report.astimezone(zone).isoformat(),
                "ways": [way.title for way in ways(self.config).of_report()],
            }
            for days in coming(settings, self.platform, self.now())
        ]


def whole(results: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The results by which a platform counts as measured: of all of it, in the last 28 days."""
    here = (one for one in results if one["window"]["name"] == "28d")
    return [one for one in here if all(part is None for part in one["scope"].values())]
