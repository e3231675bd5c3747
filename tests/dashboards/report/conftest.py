"""A platform small enough to count by hand: two pipelines in September and October 2026, two promises."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.report.document import document
from dashboards.report.told import Told
from slo.engine import Engine, Query
from slo.interchange import parse
from slo.platform import Platform
from slo.store import Store
from slo.stories.report.gather import gather
from slo.targets import SHIPPED_TARGETS, load_targets
from slo.windows import parse_window

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'
LONG = "n" * 200
TURNED = "\u202eevil\u202c"
TARGETS = """
profile: own
title: Our own
targets:
  - row: 1
    kpi: pipeline_success_rate
    text: at least 90 percent
    window: M
    adopted: 2026-01-01
    adopted_by: data platform
    clauses: [{form: at_least, floor: 0.9}]
  - row: 2
    kpi: unit_cost
    text: less every month
    window: M
    adopted: 2026-01-01
    adopted_by: data platform
    clauses: [{form: trend, direction: down}]
"""
"""The second cannot be measured: nobody tells any cost."""


def fact(kind: str, id: str, /, **fields: Any) -> Any:
    return parse({"fact": kind, "source": "s", "id": id, **fields})


def run(asset: str, number: int, start: datetime, failed: bool) -> Any:
    return fact(
        "run", f"{asset}/{start:%m%d}/{number}", asset=asset, trigger="event", state="failed" if failed else "success",
        started_at=start.isoformat(), ended_at=(start + timedelta(minutes=10)).isoformat(),
    )  # fmt: skip


def facts() -> Iterator[Any]:
    """October: orders 36 of 40 succeeded, stock (the domain's) 16 of 20, of which one success and one failure fell to a
    vendor. September: orders 39 of 40, stock 20 of 20."""
    yield fact("asset", "orders", asset="flow/orders", kind="pipeline", tier=1, team="finance", domain="sales")
    yield fact("asset", "stock", asset="flow/stock", kind="pipeline", tier=2, team="supply", domain="goods",
               accountability="domain")  # fmt: skip
    for month, orders, stock in ((9, (2,), ()), (10, (2, 3, 4, 5), (2, 3, 4, 10))):
        for day in range(1, 21):
            start = datetime(2026, month, day, 6, tzinfo=UTC)
            yield run("flow/orders", 0, start, day in orders)
            yield run("flow/orders", 1, start + timedelta(hours=6), False)
            yield run("flow/stock", 0, start, day in stock)
    yield fact("exclusion", "x", assets="flow/stock", start="2026-10-10T00:00:00Z", end="2026-10-12T00:00:00Z",
               reason="vendor", by="data platform", ref="V-1")  # fmt: skip
    common = {"detected_at": "2026-10-02T06:00:00Z", "started_at": "2026-10-02T06:00:00Z"}
    yield fact("incident", "i1", title=f"{HOSTILE} {TURNED} {LONG}", severity=2, assets=["flow/orders"],
               resolved_at="2026-10-02T09:00:00Z", **common, **{"class": "availability"})  # fmt: skip
    yield fact("incident", "i2", title="Key leaked", severity=1, assets=["flow/orders"],
               resolved_at="2026-10-02T07:00:00Z", **common, **{"class": "security"})  # fmt: skip
    yield fact("work_item", "f1", title="Open port", kind="finding", severity="high", opened_at="2026-10-03T00:00:00Z")


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("report")
    (folder / "own.yaml").write_text(TARGETS, encoding="utf-8")
    with Store(f"sqlite:///{folder}/t.db") as store:
        store.migrate()
        store.upsert(facts())
        yield Engine(store, Platform(), load_targets(SHIPPED_TARGETS, folder))


def told(engine: Engine, period: str = "2026-10", **more: Any) -> Told:
    """What the report of a period is built from; ``more``: team, profile, with_restricted ..."""
    asked = {name: more.get(name) for name in ("team", "domain", "profile")}
    gathered = engine.tell(gather, Query(window=period, **asked), NOW, periods=("2026-09", "2026-10"))
    catalogue = {kpi["id"]: kpi for kpi in engine.kpis()}
    window = parse_window(period, NOW, ZoneInfo("UTC"))
    return Told(gathered, window, NOW, catalogue=catalogue, **more)


@pytest.fixture(scope="session")
def told_of(engine: Engine) -> Callable[..., Told]:
    return lambda **asked: told(engine, **asked)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def made(engine: Engine) -> dict[str, Any]:
    """The report of October."""
    return document(told(engine))
