"""A November's cost worked out by hand, and beside what the engine shows of the same KPIs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import Fact
from slo.platform import Platform
from slo.store import Store
from slo.stories.cost import another_unit, cost
from tests.slo.tellings import fact

DAY = timedelta(days=1)
START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = START + 34 * DAY
NOVEMBER = Query(window="2026-11")
TB = 1e12


def meter(asset: str | None, day: int, kind: str, amount: float, **more: Any) -> Fact:
    """A reading ``day`` days after the first of November."""
    at = START + day * DAY
    return fact("meter", f"{kind}-{asset}-{day}", asset=asset, at=at, until=at + DAY, meter=kind, amount=amount, **more)


@pytest.fixture
def engine(store: Store) -> Engine:
    """mart (sales): 60 on the 1st, 40 on the 2nd (provisional), 50 in October. lake (no team): 80, 100 in October.
    20 that names no asset. 10 of tax stand apart. 100 of 200 TB on the 1st, 0 on the 2nd."""
    store.upsert([
        fact("asset", "m", asset="w/mart", kind="workload", team="sales", tier=1, valid_from=START - 200 * DAY),
        fact("asset", "l", asset="w/lake", kind="workload", valid_from=START - 200 * DAY),
        meter("w/mart", 0, "cost", 60.0), meter("w/mart", 1, "cost", 40.0, provisional=True),
        meter("w/mart", -5, "cost", 50.0), meter("w/lake", -5, "cost", 100.0),
        meter("w/lake", 0, "cost", 80.0), meter(None, 1, "cost", 20.0),
        meter("w/mart", 2, "cost", 10.0, category="tax"),
        meter("w/lake", 0, "bytes", 100 * TB), meter("w/lake", 1, "bytes", 300 * TB),
    ])  # fmt: skip
    return Engine(store, Platform())


def test_spend_volume_and_shares(engine: Engine) -> None:
    told = engine.tell(cost, NOVEMBER, NOW)
    days = {day["day"]: (day["spend"], day["units"], day["value"], day["provisional"]) for day in told["days"]}
    assert days["2026-11-01"] == (140.0, 100.0, 1.4, False)
    assert days["2026-11-02"] == (60.0, 300.0, 0.2, True)
    assert days["2026-11-03"] == (None, None, None, False)
    assert len(days) == 30
    lines = [(one["key"], one["cost"], one["share"], one["change"], one["team"]) for one in told["workloads"]]
    assert lines == [("w/mart", 100.0, 0.5, 1.0, "sales"), ("w/lake", 80.0, 0.4, pytest.approx(-0.2), None)]
    assert [(one["key"], one["cost"], one["share"]) for one in told["teams"]] == [
        (None, 100.0, 0.5), ("sales", 100.0, 0.5),
    ]  # fmt: skip
    assert told["unattributed"] == {
        "no_asset": 20.0, "no_team": 80.0, "whole": 200.0, "share": 0.5,
        "assets": [{"asset": "w/lake", "cost": 80.0}],
    }  # fmt: skip


def test_it_agrees_with_unit_cost_in_every_scope(engine: Engine) -> None:
    engine.refresh(NOW)
    for scope in ({}, {"team": "sales"}, {"tier": 1}, {"asset": "w/lake"}):
        query = Query(window="2026-11", **scope)
        told = engine.tell(cost, query, NOW, refresh=False)
        shown = engine.show("unit_cost", query, NOW, refresh=False)
        assert sum(day["spend"] or 0 for day in told["days"]) == shown["numerator"]
        volume = [day["units"] for day in told["days"] if day["units"] is not None]
        assert (sum(volume) if volume else None) == shown["denominator"]
        listed = [(one["key"], one["cost"]) for one in told["workloads"]]
        assert listed == [(one["asset"], one["cost"]) for one in shown["workloads"]]


def test_a_running_month_is_compared_with_nothing(engine: Engine) -> None:
    told = engine.tell(cost, NOVEMBER, START + 3 * DAY)
    assert (told["running"], len(told["days"])) == (True, 4)
    assert {one["change"] for one in told["workloads"]} == {None}


def test_where_no_bytes_are_told_another_unit_stands_in(store: Store) -> None:
    store.upsert([meter("w/mart", 0, "cost", 60.0), meter("w/mart", 0, "runs", 30)])
    engine = Engine(store, Platform())
    told = engine.tell(another_unit, NOVEMBER, NOW)
    assert (told["params"], told["value"], told["unit"]) == ({"unit": "run"}, 2.0, "currency_per_run")
    assert engine.tell(cost, NOVEMBER, NOW, unit="run")["days"][0]["units"] == 30.0
    assert engine.tell(another_unit, Query(window="2026-09"), NOW) is None


def test_what_was_remediated_when_and_what_it_saved(store: Store) -> None:
    """Of the third quarter: mart 100 runs at 5, lake 100 at 2, pond 10 at 1. In four whole weeks of November a run of
    mart costs 3.5 (at most 4): 70 runs save 70 x 1.5 = 105. A work item on the lake closes on the 10th; its 50 runs
    then cost 2.2 each, 10 more. The pond is as it was."""
    facts: list[Fact] = []
    for asset, cost_, runs in (("w/mart", 500.0, 100), ("w/lake", 200.0, 100), ("w/pond", 10.0, 10)):
        facts += [meter(asset, -60, "cost", cost_), meter(asset, -60, "runs", runs)]
    for week in range(4):  # 2026-11-02 is a Monday
        facts += [meter("w/mart", 1 + 7 * week, "cost", 61.25), meter("w/mart", 1 + 7 * week, "runs", 17.5)]
    facts += [meter("w/lake", 12, "cost", 110.0), meter("w/lake", 12, "runs", 50)]
    done = {"kind": "remediation", "asset": "w/lake", "outcome": "done", "title": "Fewer scans"}
    facts.append(
        fact("work_item", "T-1", opened_at=START, closed_at=START + 9 * DAY, url="https://t.example/1", **done)
    )
    store.upsert(facts)
    engine = Engine(store, Platform())
    told = engine.tell(cost, NOVEMBER, NOW)["remediated"]
    shown = engine.show("expensive_workloads_remediated", NOVEMBER, NOW)
    assert told["quarter"] == "2026-Q3"
    lines = [(one["asset"], one["how"], one["when"], one["saved"], one["title"]) for one in told["workloads"]]
    assert lines == [
        ("w/mart", "cost a run", date(2026, 11, 29), 105.0, None),
        ("w/lake", "work item", date(2026, 11, 10), -10.0, "Fewer scans"),
        ("w/pond", None, None, None, None),
    ]
    assert [(one["asset"], one["remediated"]) for one in shown["workloads"]] == [line[:2] for line in lines]
    assert sum(line[1] is not None for line in lines) == shown["value"] == 2
    assert [(one["per_run_before"], one["per_run"]) for one in told["workloads"]] == [
        (5.0, 3.5),
        (2.0, 2.2),
        (1.0, None),
    ]
