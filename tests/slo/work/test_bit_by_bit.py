"""KPIs of work, defects and findings: refreshed bit by bit, worked out at once, told in reverse or asked about the
past, a number is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

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
    "access_request_cycle_time", "audit_findings", "defect_leakage", "dq_incident_rate", "onboarding_lead_time",
    "oncall_effectiveness", "postmortem_action_completion", "pr_throughput", "support_sla_adherence",
    "ticket_cycle_time",
)  # fmt: skip
SCOPES: tuple[dict[str, Any], ...] = ({}, {"tier": 1}, {"team": "data"}, {"domain": "sales"}, {"asset": "shop/orders"})
KINDS = ("onboarding", "access_request", "support", "scoped", "action", "finding")
Build = Callable[[Iterable[Fact]], Store]


class WorkWorld(World):
    """Work of every kind beside what it rests on."""

    def facts(self, count: int) -> list[Fact]:
        makers = (
            self.work, self.work, self.work, self.work, self.run, self.update, self.check, self.check, self.incident,
            self.change, self.asset, self.exclusion,
        )  # fmt: skip
        found = [self.asset(str(number)) for number in range(3)]
        return found + [self.pick(*makers)(str(self.chance.randrange(count // 2))) for _ in range(count)]

    def work(self, key: str) -> Fact:
        opened = self.at()
        closed = self.maybe(opened + self.pick(-2, 1, 30, 100) * HOUR, 0.7)
        return fact(
            "work_item", key, kind=self.pick(*KINDS), opened_at=opened, started_at=self.maybe(opened + HOUR, 0.8),
            due_at=self.maybe(opened + self.pick(2, 48, 120) * HOUR, 0.8), closed_at=closed,
            outcome=self.pick("done", "done", "refused", "withdrawn", None) if closed else None, priority="P2",
            severity=self.pick("high", "critical", "low"), size=self.pick("small", "large"),
            complexity=self.pick(None, "simple"), asset=self.pick(None, *ASSETS), team=self.maybe("data", 0.3),
            deleted=self.maybe(True, 0.05),
        )  # fmt: skip

    def check(self, key: str) -> Fact:
        return fact(
            "check_result", key, asset=self.pick(*ASSETS), check="unique", at=self.at(360),
            deleted=self.maybe(True, 0.1), type=self.pick(None, "custom", "freshness"),
            outcome=self.pick("pass", "fail", "error", "skip"),
        )  # fmt: skip

    def incident(self, key: str) -> Fact:
        began = self.at()
        return fact(
            "incident", key, started_at=began, detected_at=self.maybe(began + 9 * HOUR), assets=[self.pick(*ASSETS)],
            resolved_at=self.maybe(began + 40 * HOUR), class_="correctness", found_by=self.pick("consumer", "test"),
            severity=self.pick(None, 1, 3, 5), steps=self.pick(None, {"review": True, "severity": False, "told": None}),
        )  # fmt: skip


@pytest.fixture(params=OURS)
def kpi(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One KPI, the only one that is worked out."""
    monkeypatch.setattr("slo.engine.shelf", lambda: {request.param: get_kpi(request.param)})
    return str(request.param)


def engine(store: Store) -> Engine:
    return Engine(store, Platform(), TARGETS)


def everything(made: Engine, kpi: str, now: Any, as_of: Any = None) -> list[dict[str, Any]]:
    queries = [Query(window=window, **scope) for window in ("7d", "2026-11") for scope in SCOPES]
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
    facts, made = WorkWorld(seed).facts(90), engine(store)
    for lot in range(5):
        store.upsert(facts[lot * 19 : (lot + 1) * 19])
        made.refresh(START + (3 * lot + 1) * DAY + 7 * HOUR)
    for hours in (1, 100):
        now = START + 13 * DAY + 7 * HOUR + hours * HOUR
        assert differing(everything(made, kpi, now), everything(engine(fresh(facts)), kpi, now)) == []


@pytest.mark.parametrize("seed", range(10, 11))
def test_a_quiet_fortnight_is_caught_up(store: Store, fresh: Build, kpi: str, seed: int) -> None:
    """Worked out once, looked at again when all that was to come has come; a new definition between."""
    facts, made = WorkWorld(seed).facts(90), engine(store)
    store.upsert(facts)
    made.refresh(START + 5 * DAY)
    with store.write() as tx:
        tx.set_meta(f"definition:{kpi}", "another")
    made.refresh(START + 5 * DAY + HOUR)
    now = START + 20 * DAY
    assert differing(everything(made, kpi, now), everything(engine(fresh(facts)), kpi, now)) == []


@pytest.mark.parametrize("seed", range(20, 22))
def test_the_order_of_arrival_does_not_matter(fresh: Build, kpi: str, seed: int) -> None:
    """Retold facts carry revised_at: told the other way round they say the same."""
    facts, now = WorkWorld(seed).facts(90), START + 14 * DAY
    for number, told in enumerate(facts):
        told.revised_at = None if told.deleted else START + number * HOUR
    facts = [told for told in facts if not told.deleted]
    backwards = fresh(())
    made = engine(backwards)
    for lot in range(3):
        backwards.upsert(facts[::-1][lot * 40 : (lot + 1) * 40])
        made.refresh(now + lot * HOUR)
    now += 3 * HOUR
    assert differing(everything(made, kpi, now), everything(engine(fresh(facts)), kpi, now)) == []


@pytest.mark.parametrize("seed", range(30, 31))
def test_a_past_as_of_is_what_was_seen_then(store: Store, fresh: Build, kpi: str, seed: int) -> None:
    facts = WorkWorld(seed).facts(90)
    store.upsert(facts)
    made, now = engine(store), START + 14 * DAY
    made.refresh(now)
    for then in (START + 4 * DAY, START + 7 * DAY + 7.5 * HOUR):
        assert differing(everything(made, kpi, now, then), everything(engine(fresh(facts)), kpi, then)) == []
