"""KPIs of readings, entries, answers and newcomers: refreshed bit by bit, worked out at once, told in reverse or asked
about the past, a number is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.engine import Engine, Query
from slo.facts import Fact
from slo.platform import Platform
from slo.shelf import get_kpi
from slo.store import Store
from slo.targets import load_targets
from tests.slo.tellings import ASSETS, HOUR, START, World, fact

DAY = timedelta(days=1)
TARGETS = load_targets()
OURS = (
    "architecture_review_rate", "catalog_adoption", "compute_utilization", "dq_slo_attainment", "enablement_output",
    "expensive_workloads_remediated", "paved_road_adoption", "reserved_capacity_utilization", "service_slo_compliance",
    "stakeholder_satisfaction", "storage_growth_vs_forecast", "streaming_lag_p95", "teams_enabled", "toil_hours",
    "unit_cost",
)  # fmt: skip
SCOPES: tuple[dict[str, Any], ...] = ({}, {"tier": 1}, {"team": "data"}, {"asset": "shop/orders"})
METERS = {
    "service_slo_compliance": ("good", "total"), "compute_utilization": ("busy_seconds", "provisioned_seconds"),
    "reserved_capacity_utilization": ("commitment_used", "commitment_paid"),
    "storage_growth_vs_forecast": ("stored_bytes", "forecast_bytes"), "unit_cost": ("cost", "bytes"),
    "expensive_workloads_remediated": ("cost", "runs"),
}  # fmt: skip
"""KPI -> the meters it reads."""
ENTRIES = {
    "toil_hours": "toil", "teams_enabled": "team_enabled", "enablement_output": "session",
    "architecture_review_rate": "initiative",
}  # fmt: skip
WEEKS = tuple(range(-14, 2))
"""Weeks around START in which costs are told: those of the quarter before, and of the window."""
ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles")
Build = Callable[[Iterable[Fact]], Store]


class MoneyWorld(World):
    """What one KPI rests on, with assets that change and exclusions."""

    def __init__(self, seed: int, kpi: str) -> None:
        super().__init__(seed)
        self.kpi = kpi

    def facts(self, count: int) -> list[Fact]:
        own = self._own()
        makers = (own, own, own, own, own, self.asset, self.exclusion)
        found = [self.asset(str(number)) for number in range(3)]
        return found + [self.pick(*makers)(str(self.chance.randrange(count // 2))) for _ in range(count)]

    def _own(self) -> Callable[[str], Fact]:
        made = {"streaming_lag_p95": self.lag, "stakeholder_satisfaction": self.answer, "dq_slo_attainment": self.check}
        if self.kpi in METERS:
            return self.remediation_or_meter if self.kpi.startswith("expensive") else self.meter
        return self.entry if self.kpi in ENTRIES else made.get(self.kpi, self.asset)

    def _named(self) -> tuple[str, ...]:
        """Where new assets are counted there are more of them."""
        return ASSETS if self._own() != self.asset else (*ASSETS, *(f"shop/new{number}" for number in range(9)))

    def asset(self, key: str) -> Fact:
        seen = self.at(60)
        return fact(
            "asset", key, source=self.pick("import", "catalog"), asset=self.pick(*self._named()),
            kind="pipeline" if self.kpi == "paved_road_adoption" else "dataset", tier=self.pick(None, 0, 1),
            valid_from=self.maybe(seen + self.pick(0, 24, 168, 200) * HOUR, 0.8), first_seen=self.maybe(seen, 0.8),
            team=self.pick(None, "data", "web"), environment=self.maybe("staging", 0.1), template=self.maybe("batch"),
            in_catalog=self.maybe(True, 0.7), registered_by=self.pick("auto", "manual"),
            quality_objective=self.pick(None, 0.5, 1.0), deleted=self.maybe(True, 0.05),
        )  # fmt: skip

    def meter(self, key: str) -> Fact:
        at = self._moment()
        long = self.maybe(True, 0.3)
        return fact(
            "meter", key, asset=self.pick(*ASSETS, None), at=at, until=at + 24 * HOUR if long else None,
            meter=self.pick(*METERS[self.kpi]), amount=self.pick(1, 2.5, 40, 100), category=self.maybe("credit", 0.1),
            tz=self.pick(*ZONES) if long else None, provisional=self.maybe(True, 0.1),
            deleted=self.maybe(True, 0.05), currency=self.maybe("EUR", 1 if self.kpi.startswith("reserved") else 0.2),
        )  # fmt: skip

    def _moment(self) -> datetime:
        """Few moments, so that readings meet; costs reach back into the quarter before."""
        if self.kpi == "expensive_workloads_remediated":
            return START + self.pick(*WEEKS) * 7 * DAY + self.pick(0, 30, 140) * HOUR
        return START + self.pick(*range(-4, 24, 4)) * 12 * HOUR

    def remediation_or_meter(self, key: str) -> Fact:
        if self.chance.random() < 0.85:
            return self.meter(key)
        closed = self.maybe(self.at(), 0.8)
        return fact(
            "work_item", key, kind="remediation", opened_at=START - 20 * DAY, closed_at=closed,
            outcome=self.pick("done", "done", "withdrawn") if closed else None, asset=self.pick(*ASSETS),
            team=self.maybe("data", 0.3),
        )  # fmt: skip

    def lag(self, key: str) -> Fact:
        return fact(
            "distribution", key, asset=self.pick(*ASSETS), at=self.at(), gamma=self.pick(1.02, 1.1), zero=self.maybe(3),
            metric=self.pick("lag_seconds", "query_seconds"), deleted=self.maybe(True, 0.05),
            buckets={"10": 4, self.pick("-3", "90"): self.pick(1, 8)},
        )  # fmt: skip

    def answer(self, key: str) -> Fact:
        scale = self.pick("10", "5", "nps")
        return fact(
            "survey_answer", key, at=self.at(), scale=scale, score=self.pick(1, 2, 4, 5) * (1 if scale == "5" else 2),
            deleted=self.maybe(True, 0.05),
        )  # fmt: skip

    def entry(self, key: str) -> Fact:
        at = self.at()
        return fact(
            "entry", key, kind=self.pick(ENTRIES[self.kpi], ENTRIES[self.kpi], "document"), at=self.maybe(at, 0.8),
            team=self.pick(None, "data", "web"), tier=self.pick(None, 0, 0, 1), quantity=self.pick(None, 0, 1.5, 4),
            started_at=self.maybe(at + HOUR, 0.8), reviewed_at=self.maybe(at + self.pick(0, 1, 9) * HOUR),
            done_at=self.maybe(at + 30 * HOUR, 0.7), deleted=self.maybe(True, 0.05),
        )  # fmt: skip


@pytest.fixture(params=OURS)
def kpi(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One KPI, the only one that is worked out."""
    monkeypatch.setattr("slo.engine.shelf", lambda: {request.param: get_kpi(request.param)})
    return str(request.param)


def engine(store: Store, zone: str = "UTC") -> Engine:
    return Engine(store, Platform(timezone=ZoneInfo(zone)), TARGETS)


def everything(made: Engine, kpi: str, now: datetime, as_of: datetime | None = None) -> list[dict[str, Any]]:
    queries = [Query(window=window, **scope) for window in ("7d", "2026-11", "2026-Q4") for scope in SCOPES]
    results = made.results(as_of, now)
    return [results.result(get_kpi(kpi), query) for query in queries]


def differing(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> list[str]:
    return [
        f"{a['window']['name']} {a['scope']}: {key}: {a[key]} / {b[key]}"
        for a, b in zip(one, two, strict=True) for key in a if a[key] != b[key]
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_bit_by_bit_is_the_same_as_at_once(store: Store, fresh: Build, kpi: str, seed: int) -> None:
    """Facts arrive in five lots over the days, each time refreshed; then quiet days."""
    facts, made = MoneyWorld(seed, kpi).facts(110), engine(store, ZONES[seed])
    for lot in range(5):
        store.upsert(facts[lot * 23 : (lot + 1) * 23])
        made.refresh(START + (3 * lot + 1) * DAY + 7 * HOUR)
    for hours in (1, 100):
        now = START + 13 * DAY + 7 * HOUR + hours * HOUR
        found = everything(made, kpi, now)
        assert differing(found, everything(engine(fresh(facts), ZONES[seed]), kpi, now)) == []
        assert any(one["value"] is not None for one in found)


@pytest.mark.parametrize("seed", range(10, 12))
def test_the_past_from_the_store_is_the_past_itself(store: Store, fresh: Build, kpi: str, seed: int) -> None:
    """Asked today as of ten days ago, and asked ten days ago of a store that knew the same."""
    facts, made = MoneyWorld(seed, kpi).facts(110), engine(store)
    store.upsert(facts)
    now, then = START + 14 * DAY, START + 5 * DAY + 9 * HOUR
    made.refresh(now)
    assert differing(everything(made, kpi, now, then), everything(engine(fresh(facts)), kpi, then)) == []


@pytest.mark.parametrize("seed", range(20, 22))
def test_the_order_of_arrival_does_not_matter(fresh: Build, kpi: str, seed: int) -> None:
    """Retold facts carry revised_at: told the other way round they say the same."""
    facts, now = [one for one in MoneyWorld(seed, kpi).facts(110) if not one.deleted], START + 14 * DAY
    for number, told in enumerate(facts):
        told.revised_at = START + number * HOUR
    backwards = fresh(())
    made = engine(backwards)
    for lot in range(3):
        backwards.upsert(reversed(facts[(2 - lot) * 40 : (3 - lot) * 40]))
        made.refresh(now - DAY + lot * HOUR)
    assert differing(everything(made, kpi, now), everything(engine(fresh(facts)), kpi, now)) == []
