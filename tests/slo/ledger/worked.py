"""A worked October: three pipelines, and what disturbs the month after it was closed. Figures are worked out by hand.

shop/orders   tier 1, team finance, domain sales:  31 daily runs, failed on the 5th and 6th       29 of 31
shop/lines    tier 3, team finance, domain sales:  31 daily runs, all went well                   31 of 31
crm/people    tier 2, team growth:                 31 daily runs, failed on the 7th               30 of 31
                                                                                   the whole:     90 of 93
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from slo.engine import Engine
from slo.facts import Fact
from slo.ledger.closing import closing, refuse_unless_closable
from slo.platform import Platform
from slo.store import Store
from slo.targets import Targets
from tests.slo.tellings import fact, run

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CLOSED = datetime(2026, 11, 6, 9, tzinfo=UTC)
"""The fifth working day of November."""
LATER = datetime(2026, 11, 10, 9, tzinfo=UTC)
FAILED = {"shop/orders": (5, 6), "shop/lines": (), "crm/people": (7,)}
DIMENSIONS = {
    "shop/orders": {"tier": 1, "team": "finance", "domain": "sales"},
    "shop/lines": {"tier": 3, "team": "finance", "domain": "sales"},
    "crm/people": {"tier": 2, "team": "growth"},
}
SUCCESS = "pipeline_success_rate"
KPIS = (SUCCESS, "mttr", "job_runtime", "ownership_coverage")


class Clock:
    """The store's clock, set by hand: when a fact arrives."""

    def __init__(self) -> None:
        self.now = FIRST

    def __call__(self) -> datetime:
        return self.now


def october(asset: str, day: int, state: str | None = None, **more: object) -> Fact:
    """The run of a day at six, ten minutes long."""
    told = state or ("failed" if day in FAILED[asset] else "success")
    return run(f"{asset}-{day:02}", asset, FIRST + timedelta(days=day - 1, hours=6), told, **more)


def facts() -> list[Fact]:
    """The platform as October saw it; one incident of four hours."""
    assets = [
        fact("asset", name, asset=name, kind="pipeline", valid_from=FIRST - 30 * DAY, **dims)
        for name, dims in DIMENSIONS.items()
    ]
    runs = [october(asset, day) for asset in FAILED for day in range(1, 32)]
    started = FIRST + timedelta(days=4, hours=6)
    incident = fact(
        "incident", "I1", started_at=started, detected_at=started, resolved_at=started + 4 * HOUR, severity=2,
        assets=["shop/orders"],
    )  # fmt: skip
    return [*assets, *runs, incident]


def engine_of(store: Store, targets: Targets | None = None, platform: Platform | None = None) -> Engine:
    """An engine of a few KPIs: what holds for them holds for all, and takes a fraction of the time."""
    engine = Engine(store, platform or Platform(), targets)
    engine.shelf = {kpi: engine.shelf[kpi] for kpi in KPIS}
    engine._refresher.kpis = list(engine.shelf.values())
    return engine


def close(engine: Engine, period: str = "2026-10", at: datetime = CLOSED, by: str = "data platform") -> str:
    """Closes a period as the door does, with a word for each report; the hash."""
    window = refuse_unless_closable(engine, period, at)
    with closing(engine, window, at) as found:
        found.documents = {"whole": '{"said":"as published"}'}
        return found.store(found.head(at, by, "As agreed.", []))
